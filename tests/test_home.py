"""The sets at home, each on a small fixture in its true on-disk form: captions of photographs."""

import csv
import json

import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from mmcourse.data import SETS, card, in_memory, load
from mmcourse.data.home.base import Home
from mmcourse.data.skipped import Skipped
from mmcourse.fetch import CourseError

AT_HOME = [name for name, module in SETS.items() if module.startswith("home.")]


def photograph(path, seed=0, size=(50, 30)):
    """A JPEG of a colour that its seed tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (10 * seed % 256, 100, 50)).save(path, "JPEG", quality=95)


def cut(path):
    """What a cut download leaves: the header and some of the pixels."""
    noise = torch.randint(0, 256, (90, 90, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    Image.fromarray(noise.numpy()).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:2000])


@pytest.fixture
def flickr8k(tmp_path):
    """The published form: a token file, three lists, and a folder of pictures."""
    root = tmp_path / "flickr8k"
    captions = []
    for n, (name, split) in enumerate({"1.jpg": "train", "2.jpg": "train", "3.jpg": "dev", "4.jpg": "test"}.items(), 1):
        photograph(root / "Flicker8k_Dataset" / name, n)
        captions += [f"{name}#{k}\tA dog , number {n} ,  runs {k} .\n" for k in range(5)]
        with (root / f"Flickr_8k.{split}Images.txt").open("a") as file:
            file.write(f"{name}\n")
    (root / "Flickr8k.token.txt").write_text("".join(captions), "utf-8")
    return root


class TestFlickr8k:
    def test_an_item(self, flickr8k):
        found = load("flickr8k", "train", root=flickr8k, size=20)
        assert [len(load("flickr8k", split, root=flickr8k)) for split in ("train", "val", "test", None)] == [2, 1, 1, 4]
        item = found[1]
        assert item.image.shape == (3, 20, 20)
        assert item.image.dtype == torch.uint8
        assert item.text == {"en": "A dog , number 2 , runs 0 ."}
        assert len(item.meta["captions"]) == 5
        assert item.meta["file"] == "2.jpg"
        assert found.classes == ["photograph"]
        assert item.label == 0
        assert len(found.skipped) == 0

    def test_it_reads_what_torchvision_reads(self, flickr8k):
        from torchvision.datasets import Flickr30k  # its Flickr8k parses a web page; this one reads token files

        theirs = Flickr30k(str(flickr8k / "Flicker8k_Dataset"), str(flickr8k / "Flickr8k.token.txt"))
        ours = load("flickr8k", None, root=flickr8k)
        assert [[" ".join(c.split()) for c in theirs[i][1]] for i in range(4)] == [
            m.meta["captions"] for m in ours.rows
        ]

    def test_letterbox_and_crop(self, flickr8k):
        boxed = load("flickr8k", root=flickr8k, size=50, fit="letterbox")[0].image
        assert boxed[:, 0].max() == 0
        assert boxed[1, 25].float().mean() > 90
        assert load("flickr8k", root=flickr8k, size=50)[0].image[1].min() > 90

    def test_first(self, flickr8k):
        assert len(load("flickr8k", None, root=flickr8k, first=3)) == 3
        (flickr8k / "Flicker8k_Dataset" / "1.jpg").unlink()
        assert [row.meta["file"] for row in load("flickr8k", None, root=flickr8k, first=2).rows] == ["2.jpg", "3.jpg"]

    def test_columns_and_workers(self, flickr8k):
        found = load("flickr8k", None, root=flickr8k, size=8)
        columns = in_memory(found, progress=False)
        assert columns.images.shape == (4, 3, 8, 8)
        loaded = [item.image for batch in DataLoader(found, 2, num_workers=2, collate_fn=list) for item in batch]
        assert torch.equal(torch.stack(loaded), columns.images)

    def test_all_that_is_damaged_is_counted_and_said(self, flickr8k, capsys):
        album, token = flickr8k / "Flicker8k_Dataset", flickr8k / "Flickr8k.token.txt"
        cut(album / "1.jpg")
        (album / "2.jpg").write_bytes(b"")
        (album / "3.jpg").unlink()
        with token.open("ab") as file:
            file.write("4.jpg#5\tA café .\r\n".encode("latin-1"))
            file.write(b"4.jpg#6\t \n4.jpg#7\tA dog , number 4 , runs 1 .\na line of nothing\n\n5.jpg#0\t\n")
        with (flickr8k / "Flickr_8k.testImages.txt").open("a") as file:
            file.write("5.jpg\n")
        found = load("flickr8k", None, root=flickr8k)
        assert [row.meta["file"] for row in found.rows] == ["4.jpg"]
        assert found.rows[0].meta["captions"][-1] == "A café ."
        assert found.skipped.counts == {
            "empty caption": 2,
            "caption that is there twice": 1,
            "line without a name and a caption": 1,
            "picture without a caption": 1,
            "picture that cannot be read": 2,
            "picture that is missing": 1,
        }
        assert found.skipped.mended == {"line that is not UTF-8, read as Latin-1": 1}
        said = capsys.readouterr().out
        assert said.count("\n") == 1
        assert "flickr8k: 8 left out: " in said
        assert "1 × picture that is missing (3.jpg)" in said
        assert "1 mended: 1 × line that is not UTF-8, read as Latin-1 (Flickr8k.token.txt, line 21)" in said

    def test_unchecked_a_damaged_picture_is_grey_and_counted(self, flickr8k, capsys):
        cut(flickr8k / "Flicker8k_Dataset" / "1.jpg")
        found = load("flickr8k", "train", root=flickr8k, size=8, check=False)
        assert len(found) == 2
        assert "damaged" not in found[1].meta
        item = found[0]
        assert item.image.unique().tolist() == [128]
        assert item.meta["damaged"]
        assert "damaged" not in found.rows[0].meta
        assert found.skipped.mended == {"picture that cannot be read, shown grey": 1}
        assert "shown grey (1.jpg)" in capsys.readouterr().out

    def test_kaggles_table_has_commas_in_quotes_and_no_split(self, flickr8k, capsys):
        for name in ("Flickr8k.token.txt", "Flickr_8k.devImages.txt"):
            (flickr8k / name).unlink()
        (flickr8k / "Flicker8k_Dataset").rename(flickr8k / "Images")
        with (flickr8k / "captions.txt").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(
                [("image", "caption"), ("1.jpg", 'A "big" dog, running'), ("2.jpg", "Two dogs"), ("x",)]
            )
        found = load("flickr8k", None, root=flickr8k)
        assert found[0].text == {"en": 'A "big" dog, running'}
        assert found.skipped.counts == {"line without a name and a caption": 1}
        assert "by a hash, not the published one" in capsys.readouterr().out

    def test_karpathys_file_says_captions_and_split(self, flickr8k):
        images = [
            {"filename": f"{n}.jpg", "split": split, "sentences": [{"raw": f"Dog {n}."}, {"raw": f"Cat {n}."}]}
            for n, split in enumerate(("train", "restval", "val", "test"), 1)
        ]
        (flickr8k / "dataset_flickr8k.json").write_text(json.dumps({"images": images, "dataset": "flickr8k"}))
        assert [len(load("flickr8k", split, root=flickr8k)) for split in ("train", "val", "test")] == [2, 1, 1]
        assert load("flickr8k", "test", root=flickr8k)[0].meta["captions"] == ["Dog 4.", "Cat 4."]
        (flickr8k / "dataset_flickr8k.json").write_text('{"images": [')
        with pytest.raises(CourseError, match="not a whole JSON file"):
            load("flickr8k", root=flickr8k)

    def test_parquet_files_of_hugging_face(self, flickr8k, tmp_path, monkeypatch, capsys):
        datasets = pytest.importorskip("datasets", reason='needs the extra "home"')
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
        root = tmp_path / "hub" / "data"
        root.mkdir(parents=True)
        album = flickr8k / "Flicker8k_Dataset"
        (album / "3.jpg").write_bytes(b"no picture")
        for part, names in {"train": "13", "validation": "2", "test": "4"}.items():
            rows = {"image": [{"bytes": (album / f"{n}.jpg").read_bytes(), "path": f"{n}.jpg"} for n in names]}
            rows |= {f"caption_{k}": [f"Dog {n}, {k}." for n in names] for k in range(5)}
            said = {f"caption_{k}": datasets.Value("string") for k in range(5)}
            features = datasets.Features({"image": datasets.Image()} | said)
            datasets.Dataset.from_dict(rows, features).to_parquet(root / f"{part}-00000-of-00001.parquet")
        found = load("flickr8k", "train", root=root.parent, size=8)
        assert len(found) == 1
        assert found[0].meta["captions"] == [f"Dog 1, {k}." for k in range(5)]
        assert torch.equal(found[0].image, load("flickr8k", "train", root=flickr8k, size=8)[0].image)
        assert found.skipped.counts == {"picture that cannot be read": 1}
        assert len(load("flickr8k", None, root=root.parent)) == 3
        (root / "test-00000-of-00001.parquet").write_bytes(b"PAR1 and no more")
        with pytest.raises(CourseError, match="'test'.*could not be read"):
            load("flickr8k", "test", root=root.parent)
        (root / "test-00000-of-00001.parquet").unlink()
        with pytest.raises(CourseError, match="no parquet files of the split 'test'"):
            load("flickr8k", "test", root=root.parent)

    def test_bad_arguments_say_what_there_is(self, flickr8k):
        for options, says in (
            ({"split": "dev"}, "'train', 'val', 'test', and None"),
            ({"size": 0}, "1 pixel or more"),
            ({"fit": "stretch"}, "'letterbox' and 'crop'"),
            ({"first": 0}, "1 or more, or None"),
        ):
            with pytest.raises(ValueError, match=says):
                load("flickr8k", root=flickr8k, **options)

    def test_where_nothing_can_be_used_it_says_so(self, flickr8k):
        for path in (flickr8k / "Flicker8k_Dataset").iterdir():
            path.unlink()
        with pytest.raises(CourseError, match="nothing there can be used.*2 × picture that is missing.*on request"):
            load("flickr8k", "train", root=flickr8k)


class TestFlickr30k:
    @pytest.fixture
    def root(self, tmp_path):
        for n in (1, 2, 3):
            photograph(tmp_path / "flickr30k-images" / f"{n}.jpg", n)
        return tmp_path

    def test_a_token_file(self, root):
        (root / "results_20130124.token").write_text(
            "".join(f"{n}.jpg#{k}\tDog {n}, {k}.\n" for n in (1, 2) for k in range(5))
        )
        found = load("flickr30k", None, root=root)
        assert len(found) == 2
        assert found[1].meta["captions"] == [f"Dog 2, {k}." for k in range(5)]

    def test_kaggles_table_with_the_row_that_lacks_a_bar(self, root):
        text = "image_name| comment_number| comment\n1.jpg| 0| A dog | runs .\n2.jpg| 4   A dog runs on the grass .\n"
        (root / "results.csv").write_text(text)
        found = load("flickr30k", None, root=root)
        assert [row.text["en"] for row in found.rows] == ["A dog | runs ."]
        assert found.skipped.counts == {"line without a name and a caption": 1}

    def test_karpathys_file(self, root):
        images = [{"filename": f"{n}.jpg", "split": "test", "sentences": [{"raw": "A dog."}]} for n in (1, 2, 3)]
        (root / "dataset_flickr30k.json").write_text(json.dumps({"images": images}))
        assert len(load("flickr30k", "test", root=root)) == 3


class TestCoco:
    @pytest.fixture
    def coco(self, tmp_path):
        for part, numbers in {"train": (9, 25, 30), "val": (139,)}.items():
            images = [{"id": n, "file_name": f"{n:012d}.jpg", "width": 50, "height": 30, "license": 1} for n in numbers]
            said = [(n, f"  A dog\nnumber {n}, {k}.") for n in numbers for k in range(5)]
            annotations = [{"image_id": n, "id": i, "caption": caption} for i, (n, caption) in enumerate(said)]
            for n in numbers:
                photograph(tmp_path / f"{part}2017" / f"{n:012d}.jpg", n)
            (tmp_path / "annotations").mkdir(exist_ok=True)
            whole = {"info": {}, "licenses": [], "images": images, "annotations": annotations}
            (tmp_path / "annotations" / f"captions_{part}2017.json").write_text(json.dumps(whole))
        return tmp_path

    def test_an_item(self, coco, capsys):
        pytest.importorskip("pycocotools", reason='needs the extra "home"')
        found = load("coco", "train", root=coco, size=16)
        assert len(found) == 3
        assert found[1].text == {"en": "A dog number 25, 0."}
        assert len(found[1].meta["captions"]) == 5
        assert found[1].meta["file"] == "000000000025.jpg"
        assert found[1].image.shape == (3, 16, 16)
        assert [len(load("coco", split, root=coco)) for split in ("val", None)] == [1, 4]
        assert capsys.readouterr().out == ""  # pycocotools' own chatter is kept back

    def test_damage_is_counted(self, coco):
        pytest.importorskip("pycocotools", reason='needs the extra "home"')
        path = coco / "annotations" / "captions_train2017.json"
        whole = json.loads(path.read_text())
        whole["annotations"] = [a | ({"caption": " "} if a["image_id"] == 9 else {}) for a in whole["annotations"]]
        path.write_text(json.dumps(whole))
        cut(coco / "train2017" / f"{30:012d}.jpg")
        found = load("coco", "train", root=coco)
        assert len(found) == 1
        assert found.skipped.counts == {
            "empty caption": 5,
            "picture without a caption": 1,
            "picture that cannot be read": 1,
        }

    def test_karpathys_split(self, coco):
        images = [
            {"filepath": "train2017", "filename": f"{n:012d}.jpg", "split": split, "sentences": [{"raw": "A dog."}]}
            for n, split in ((9, "restval"), (25, "test"), (30, "val"))
        ]
        (coco / "dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
        assert [len(load("coco", split, root=coco)) for split in ("train", "val", "test", None)] == [1, 1, 1, 3]

    def test_what_cannot_be_says_why(self, coco):
        with pytest.raises(ValueError, match="no captions of its test pictures"):
            load("coco", "test", root=coco)
        (coco / "annotations" / "captions_val2017.json").write_text("{")
        with pytest.raises(CourseError, match="not a whole JSON file"):
            load("coco", "val", root=coco)
        (coco / "annotations" / "captions_val2017.json").unlink()
        with pytest.raises(CourseError, match=r"holds no annotations/captions_val2017.json.*cocodataset\.org"):
            load("coco", "val", root=coco)


@pytest.mark.parametrize("name", AT_HOME)
class TestEveryOne:
    def test_where_nothing_is_it_says_where_to_get_it_and_how_its_folder_must_look(self, name, tmp_path, monkeypatch):
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path))
        state = card(name).state()
        assert state.word == "needs the net"
        assert "root='" in state.says
        with pytest.raises(CourseError, match="root="):
            load(name)
        with pytest.raises(CourseError, match="root="):
            load(name, root=tmp_path / "none")
        with pytest.raises(CourseError, match="root="):
            load(name, root=tmp_path)

    def test_an_unknown_split_is_told_what_there_is(self, name, tmp_path):
        with pytest.raises(ValueError, match="'train'.*'val'"):
            load(name, "dev", root=tmp_path)


def test_a_long_list_of_damage_is_said_in_one_short_line(capsys):
    skipped = Skipped("flickr8k")
    skipped.say()
    assert capsys.readouterr().out == ""
    for n in range(1000):
        skipped.add("picture that is missing", f"{n}.jpg")
    skipped.say()
    skipped.say()
    assert (
        capsys.readouterr().out
        == "flickr8k: 1000 left out: 1000 × picture that is missing (0.jpg, 1.jpg, 2.jpg, ...)\n"
    )
    assert str(Skipped("coco")) == "coco: nothing left out"


def test_nothing_of_a_set_is_looked_at_beyond_first(flickr8k):
    """With first=1, of 1,000 pictures only a few are opened."""
    from mmcourse.data.home import base

    path, seen = flickr8k / "Flicker8k_Dataset" / "1.jpg", 0

    def rows():
        nonlocal seen
        for n in range(1000):
            seen += 1
            yield base.Row(path, {"en": str(n)}, 0, {})

    assert len(Home(rows(), ["photograph"], Skipped("some"), "", first=1)) == 1
    assert seen == base.CHUNK
