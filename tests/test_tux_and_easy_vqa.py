"""Tux Paint's stamps, easy-VQA, and how pictures are brought to a size: on small sets of the true form and the real."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict

import pytest
import torch
from PIL import Image, ImageDraw

from mmcourse import fetch
from mmcourse.data import card, easy_vqa, in_memory, load, tux
from mmcourse.data.pictures import fitted, opened
from mmcourse.data.splits import words
from mmcourse.fetch import CourseError, FetchError


def drawn(seed: int, mode: str = "RGBA", size=(20, 14)) -> Image.Image:
    """A picture of a few bars, different for each seed, on transparent ground."""
    draw = torch.Generator().manual_seed(seed)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y, *colour = torch.randint(0, 200, (5,), generator=draw).tolist()
        pen.rectangle((x % size[0], y % size[1], x % size[0] + 4, y % size[1] + 3), fill=(*colour, 255))
    return picture if mode == "RGBA" else picture.convert(mode)


def in_two_processes(code: str) -> set[str]:
    return {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }


class TestPictures:
    def test_transparent_ground_becomes_white_in_every_mode(self, tmp_path):
        for mode in ("RGBA", "LA", "P"):
            picture = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
            picture.putpixel((1, 2), (0, 0, 0, 255))
            if mode == "P":
                picture = Image.new("P", (4, 4), 0)
                picture.putpalette([9, 9, 9, 0, 0, 0])
                picture.putpixel((1, 2), 1)
                picture.save(tmp_path / "P.png", transparency=0)
            else:
                picture.convert(mode).save(tmp_path / f"{mode}.png")
            pixels = fitted(opened(tmp_path / f"{mode}.png"), 4)
            assert pixels[:, 2, 1].tolist() == [0, 0, 0], mode
            assert pixels[:, 0, 0].tolist() == [255, 255, 255], mode

    def test_grey_cmyk_and_turned_photographs_are_read(self, tmp_path):
        Image.new("L", (5, 3), 7).save(tmp_path / "grey.png")
        assert fitted(opened(tmp_path / "grey.png"), 3, "crop").unique().tolist() == [7]
        Image.new("CMYK", (8, 8), (0, 0, 0, 0)).save(tmp_path / "print.jpg")
        assert fitted(opened(tmp_path / "print.jpg"), 8).min() > 250
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        Image.new("RGB", (6, 2)).save(tmp_path / "turned.jpg", exif=exif)
        assert opened(tmp_path / "turned.jpg").size == (2, 6)

    def test_a_large_photograph_is_decoded_small_and_looks_the_same(self, tmp_path):
        draw = torch.Generator().manual_seed(0)
        smooth = torch.nn.functional.interpolate(torch.rand(1, 3, 9, 12, generator=draw), (600, 800), mode="bilinear")
        pixels = (smooth[0] * 255).byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(tmp_path / "large.jpg", quality=95)
        small = opened(tmp_path / "large.jpg", at_least=100)
        assert small.size == (200, 150)
        for fit in ("crop", "letterbox"):
            whole = fitted(opened(tmp_path / "large.jpg"), 50, fit).float()
            assert (fitted(small, 50, fit).float() - whole).abs().mean() < 2

    def test_letterbox_shows_all_and_crop_the_middle(self):
        wide = Image.new("RGB", (30, 10), "red")
        wide.paste("blue", (10, 0, 20, 10))
        boxed, cut = fitted(wide, 30), fitted(wide, 10, "crop")
        assert boxed.shape == (3, 30, 30)
        assert boxed.dtype == torch.uint8
        assert boxed.is_contiguous()
        assert (boxed[:, :9] == 255).all()
        assert boxed[:, 15, 2].tolist() == [255, 0, 0]
        assert cut[:, 5, 5].tolist() == [0, 0, 255]


@pytest.fixture
def stamps(tmp_path):
    """A small folder of stamps in the true form."""
    root = tmp_path / "stamps"
    for i, (name, english) in enumerate(
        {
            "animals/cats/cat": "A cat.",
            "animals/cats/cartoon/cat-2": "The other one of the two.",
            "animals/birds/owl": "An owl at night, in a tree.",
            "food/owl-cake": "An owl at night in a tree!",
            "food/bread": "Bread.",
            "symbols/letters/a": "The letter a.",
        }.items()
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn(i, "LA" if i == 2 else "RGBA").save(f"{path}.png")
        chinese = f"zh_CN.utf8=图{i}\n" if i != 4 else ""
        path.with_suffix(".txt").write_text(f"{english}\nde.utf8=Bild {i}\n{chinese}fr.utf8=\n", "utf-8")
    tux._stamps.cache_clear()
    yield root
    tux._stamps.cache_clear()


class TestTux:
    def test_an_item(self, stamps):
        found = load("tux", None, size=24, languages=("en", "zh", "de"), root=stamps)
        item = found[[m["file"] for m in found.meta].index("animals/cats/cartoon/cat-2.png")]
        assert item.text == {"en": "The other one of the two.", "zh": "图1", "de": "Bild 1"}
        assert found.classes == ["animals", "food"]
        assert found.classes[item.label] == "animals"
        assert item.meta == {"file": "animals/cats/cartoon/cat-2.png", "group": "cats", "cartoon": True}
        assert item.image.shape == (3, 24, 24)
        assert (item.image[:, 0] == 255).all()
        assert found.left_out == {"svg": 0, "without en": 0, "without zh": 1, "without de": 0}
        assert len(load("tux", None, languages=("en",), root=stamps)) == 5

    def test_the_same_thing_stands_in_one_split(self, stamps):
        splits = {s.path.stem: s.split for s in tux._stamps(stamps)[0]}
        assert splits["cat"] == splits["cat-2"]
        assert splits["owl"] == splits["owl-cake"]

    def test_a_mirrored_picture_stands_beside_its_twin(self, stamps):
        for i in range(12):
            drawn(50 + i).save(stamps / f"food/one{i}x.png")
            (stamps / f"food/one{i}x.txt").write_text(f"Word{i} here{i} is{i}.")
            drawn(50 + i).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(stamps / f"animals/{'abcdefghijkl'[i]}z.png")
            (stamps / f"animals/{'abcdefghijkl'[i]}z.txt").write_text(f"Other{i} words{i}.")
        where = {s.text["en"]: s.split for s in tux._stamps(stamps)[0]}
        pairs = [(where[f"Word{i} here{i} is{i}."], where[f"Other{i} words{i}."]) for i in range(12)]
        assert all(a == b for a, b in pairs)

    def test_what_is_damaged_is_counted_and_said(self, stamps, capsys):
        (stamps / "food/bread.png").write_bytes((stamps / "food/bread.png").read_bytes()[:60])
        (stamps / "animals/birds/owl.txt").write_bytes("Ein K\xe4uzchen.".encode("latin-1"))
        (stamps / "animals/cats/cat.txt").write_text("\nde.utf8=Katze\n")
        (stamps / "food/tea.txt").write_text("Tea.")
        (stamps / "food/jam.txt").write_text("Jam.")
        (stamps / "food/jam.svg").write_text("<svg/>")
        drawn(3).save(stamps / "animals/owl-cake.png")
        (stamps / "animals/owl-cake.txt").write_text("An owl at night in a tree!")
        Image.new("LA", (8, 8), (255, 0)).save(stamps / "food/salt.png")
        (stamps / "food/salt.txt").write_text("Salt.")
        found = load("tux", None, languages=("en",), root=stamps)
        assert found.skipped.counts == {
            "picture that cannot be read": 1,
            "caption that is not UTF-8": 1,
            "stamp without an English caption": 1,
            "caption without a picture": 1,
            "picture that is there twice": 1,
            "drawing that is white on white": 1,
        }
        assert found.left_out["svg"] == 1
        assert sorted(m["file"] for m in found.meta) == ["animals/cats/cartoon/cat-2.png", "animals/owl-cake.png"]
        assert "tux: 6 left out" in capsys.readouterr().out
        load("tux", None, languages=("en",), root=stamps)
        assert capsys.readouterr().out == ""

    def test_where_there_is_nothing_it_says_how_to_have_it(self, tmp_path):
        with pytest.raises(
            CourseError, match=r"apt-get install tuxpaint-stamps-default.*root='\.\.\.'.*load\('emoji'\)"
        ):
            load("tux", root=tmp_path)

    def test_bad_arguments_say_what_there_is(self, stamps):
        with pytest.raises(ValueError, match="there are de, en, zh_CN"):
            load("tux", languages=("xx",), root=stamps)
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            load("tux", "dev", root=stamps)
        with pytest.raises(ValueError, match="1 pixel or more"):
            load("tux", size=0, root=stamps)

    def test_the_real_ones(self):
        if card("tux").state().word != "ready":
            pytest.skip(card("tux").state().says)
        found = load("tux", None, size=32, languages=("en",))
        assert len(found) > 500
        assert len(found.classes) == 15
        assert ((found.images.float() < 250).any(1).flatten(1).sum(1) > 10).all()
        parts = {split: load("tux", split, size=8, languages=("en",)) for split in ("train", "val", "test")}
        assert sum(map(len, parts.values())) == len(found)
        assert 0.5 < len(parts["train"]) / len(found) < 0.7
        said = defaultdict(set)
        for split, part in parts.items():
            for caption in part.text["en"]:
                said[words(caption) - {"a", "an", "the"}].add(split)
        assert all(len(where) == 1 for where in said.values())
        assert (
            len(in_two_processes("from mmcourse.data import load; print(load('tux', 'val', size=8).text['zh'])")) == 1
        )


@pytest.fixture(scope="module")
def vqa():
    try:
        fetch.fetch("easy_vqa")
    except FetchError as error:
        if "could not be downloaded" in str(error):
            pytest.skip(f"no network: {error}")
        raise
    return {split: load("easy-vqa", split) for split in ("train", "val", "test")}


class TestEasyVQA:
    @pytest.fixture
    def small(self, tmp_path, monkeypatch):
        """A wheel in the true form: two training pictures and one test picture, numbered alike."""
        path = tmp_path / "easy_vqa.whl"
        rows = {
            "train": [["what shape is in the image?", "circle", 0], ["is there a red shape?", "yes", 0]]
            + [["what color is the shape?", "red", n] for n in range(1, 20)],
            "test": [["is there not a circle?", "no", 0]],
        }
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("easy_vqa/data/answers.txt", "circle\nyes\nred\nno\n")
            for split, asked in rows.items():
                wheel.writestr(f"easy_vqa/data/{split}/questions.json", json.dumps(asked))
                for number in {row[2] for row in asked}:
                    file = io.BytesIO()
                    Image.new("RGB", (64, 64), (number, 0, 9 if split == "test" else 0)).save(file, "PNG")
                    wheel.writestr(f"easy_vqa/data/{split}/images/{number}.png", file.getvalue())
        monkeypatch.setattr(easy_vqa, "fetch", lambda _: path)

    def test_an_item(self, small):
        found = load("easy-vqa", None)
        item = found[1]
        assert item.text == {"en": "is there a red shape?"}
        assert found.classes[item.label] == "yes"
        assert item.meta == {"image": "train/0", "kind": "yes/no"}
        assert [m["kind"] for m in found.meta[:3]] == ["shape", "yes/no", "colour"]
        assert found[0].image.data_ptr() == item.image.data_ptr()  # one picture, held once
        assert load("easy-vqa", "test")[0].image[2].unique().tolist() == [9]  # its number is also one of training's
        assert len(found) == 22
        assert len(found.images) == 21

    def test_columns_hold_each_picture_once(self, small):
        columns = in_memory(load("easy-vqa", None, size=8), progress=False)
        assert columns.images.shape == (21, 3, 8, 8)
        assert columns.images[columns.image_of].shape == (22, 3, 8, 8)
        assert columns.image_of[:3].tolist() == [1, 1, 2]
        assert len(columns.text["en"]) == len(columns.labels) == 22

    def test_pictures_are_decoded_when_first_asked_for(self, small):
        found = load("easy-vqa", "train")
        assert "images" not in vars(found)
        assert found[0].image is not None
        assert "images" in vars(found)

    def test_bad_arguments_say_what_there_is(self, small):
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            load("easy-vqa", "dev")

    def test_counts(self, vqa):
        assert len(vqa["train"]) + len(vqa["val"]) == 38575
        assert len(vqa["test"]) == 9673
        assert len(vqa["test"].classes) == 13
        assert {k: len(v._files) for k, v in vqa.items()} == {"train": 3409, "val": 591, "test": 1000}
        kinds = Counter(m["kind"] for part in vqa.values() for m in part.meta)
        assert kinds == {"yes/no": 35543, "colour": 6446, "shape": 6259}

    def test_no_picture_stands_in_two_splits(self, vqa):
        seen = [{m["image"] for m in part.meta} for part in vqa.values()]
        assert len(set.union(*seen)) == sum(map(len, seen)) == 5000

    def test_the_published_baselines(self, vqa):
        """The commonest answer of all, and of each question, learnt from all published training questions."""
        asked = vqa["train"].questions + vqa["val"].questions
        answers = vqa["train"].labels + vqa["val"].labels
        often = defaultdict(Counter)
        for question, answer in zip(asked, answers, strict=True):
            often[question][answer] += 1
        commonest = Counter(answers).most_common(1)[0][0]
        test = vqa["test"]
        blind = [often[question].most_common(1)[0][0] for question in test.questions]
        right = sum(a == b for a, b in zip(blind, test.labels, strict=True)) / len(test)
        assert test.labels.count(commonest) / len(test) == pytest.approx(0.373, abs=0.0005)
        assert right == pytest.approx(0.670, abs=0.0005)

    def test_the_same_in_every_process(self, vqa):
        code = "from mmcourse.data import load; print(sorted({m['image'] for m in load('easy-vqa', 'val').meta}))"
        assert len(in_two_processes(code)) == 1
