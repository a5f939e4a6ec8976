"""VQA v2, Multi30k, UPMC Food-101, CIFAR-10 and Fashion-MNIST, each on a small fixture in its true on-disk form."""

import csv
import gzip
import itertools
import json
import pickle
from pathlib import Path

import on_disk
import pytest
import torch
from PIL import Image
from test_home import cut, photograph
from test_tux_and_easy_vqa import in_two_processes

from mmcourse.data import card, fashion_mnist, in_memory, load
from mmcourse.data.home.vqa import vqa_accuracy
from mmcourse.fetch import CourseError


class TestVQA:
    @pytest.fixture
    def vqa(self, tmp_path):
        """Two photographs a part, three questions about each, ten answers to each question."""
        for part, numbers in {"train": (9, 25), "val": (42, 73)}.items():
            questions, annotations = [], []
            for n, k in itertools.product(numbers, range(3)):
                answer = ["yes", "no", "yes"][k] if part == "train" else ["yes", "two", "green frisbee"][k]
                people = [answer] * 8 + ["no", "2"]
                questions.append({"image_id": n, "question": f"Is it {k}?", "question_id": 1000 * n + k})
                annotations.append(
                    {
                        "question_type": "is it",
                        "multiple_choice_answer": answer,
                        "answers": [
                            {"answer": one, "answer_confidence": "yes", "answer_id": i}
                            for i, one in enumerate(people, 1)
                        ],
                        "image_id": n,
                        "answer_type": "yes/no",
                        "question_id": 1000 * n + k,
                    }
                )
                photograph(tmp_path / f"{part}2014" / f"COCO_{part}2014_{n:012d}.jpg", n)
            asked = tmp_path / f"v2_OpenEndedQuestions_mscoco_{part}2014_questions.json"
            asked.write_text(json.dumps({"info": {}, "data_subtype": f"{part}2014", "questions": questions}))
            answered = tmp_path / f"v2_mscoco_{part}2014_annotations.json"
            answered.write_text(json.dumps({"info": {}, "annotations": annotations}))
        return tmp_path

    def test_an_item(self, vqa):
        found = load("vqa", "val", root=vqa, size=16)
        assert len(found) == 6
        assert found.classes == ["yes", "no", "<another answer>"]  # of training alone
        item = found[0]
        assert item.text == {"en": "Is it 0?"}
        assert found.classes[item.label] == "yes"
        assert found.classes[found[1].label] == "<another answer>"
        assert item.image.shape == (3, 16, 16)
        assert item.meta["answers"] == ["yes"] * 8 + ["no", "2"]
        assert item.meta["scores"]["yes"] == 1
        assert item.meta["image_id"] == 42
        assert item.meta["question_id"] == 42000

    def test_rarer_answers_leave_training_and_stay_in_validation(self, vqa):
        found = load("vqa", "train", root=vqa, answers=1)
        assert found.classes == ["yes", "<another answer>"]
        assert len(found) == 4
        assert found.left_out == {"training question with a rarer answer": 2}
        assert len(load("vqa", "val", root=vqa, answers=1)) == 6
        assert len(load("vqa", None, root=vqa)) == 12

    def test_a_damaged_picture_takes_its_questions_with_it(self, vqa):
        cut(vqa / "val2014" / f"COCO_val2014_{42:012d}.jpg")
        path = vqa / "v2_mscoco_val2014_annotations.json"
        whole = json.loads(path.read_text())
        whole["annotations"].pop()
        path.write_text(json.dumps(whole))
        found = load("vqa", "val", root=vqa)
        assert len(found) == 2
        assert found.skipped.counts == {"question without an answer": 1, "picture that cannot be read": 1}

    def test_accuracy_is_the_mean_over_leaving_one_person_out(self):
        for agree in range(11):
            people = ["red"] * agree + ["blue"] * (10 - agree)
            left = [people[:i] + people[i + 1 :] for i in range(10)]
            by_hand = sum(min(others.count("red") / 3, 1) for others in left) / 10
            assert vqa_accuracy("red", people) == pytest.approx(by_hand), agree
        assert vqa_accuracy("red", ["red"] * 2 + ["blue"] * 8) == pytest.approx(0.6)
        assert vqa_accuracy("red", ["red"] * 3 + ["blue"] * 7) == pytest.approx(0.9)
        assert vqa_accuracy("red", []) == 0

    def test_parquet_files_of_hugging_face(self, vqa, tmp_path, monkeypatch):
        datasets = pytest.importorskip("datasets", reason='needs the extra "home"')
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
        (tmp_path / "hub").mkdir()
        for part in ("train", "val"):
            rows = json.loads((vqa / f"v2_mscoco_{part}2014_annotations.json").read_text())["annotations"]
            for row in rows:
                path = vqa / f"{part}2014" / f"COCO_{part}2014_{row['image_id']:012d}.jpg"
                row |= {"question": "Is it 0?", "image": {"bytes": path.read_bytes(), "path": path.name}}
            table = datasets.Dataset.from_list(rows).cast_column("image", datasets.Image())
            table.to_parquet(tmp_path / "hub" / f"{'validation' if part == 'val' else part}-00000-of-00001.parquet")
        found = load("vqa", "val", root=tmp_path / "hub", size=16)
        assert len(found) == 6
        assert found.classes == ["yes", "no", "<another answer>"]
        assert torch.equal(found[0].image, load("vqa", "val", root=vqa, size=16)[0].image)
        assert found[0].meta["scores"]["yes"] == 1

    def test_what_cannot_be_says_why(self, vqa):
        with pytest.raises(ValueError, match="no answers to its test questions"):
            load("vqa", "test", root=vqa)
        with pytest.raises(ValueError, match="1 or more"):
            load("vqa", root=vqa, answers=0)
        (vqa / "v2_mscoco_train2014_annotations.json").unlink()
        with pytest.raises(CourseError, match=r"holds no v2_mscoco_train2014_annotations.json.*visualqa\.org"):
            load("vqa", "val", root=vqa)


class TestMulti30k:
    @pytest.fixture
    def multi30k(self, tmp_path):
        raw, lists = tmp_path / "data/task1/raw", tmp_path / "data/task1/image_splits"
        raw.mkdir(parents=True)
        lists.mkdir()
        said = {
            "en": "Two dogs, {}.",
            "de": "Zwei Hunde auf der Straße, {}.",
            "fr": "Deux chiens, {}.",
            "cs": "Dva psi, {}.",
        }
        for part, n in {"train": 4, "val": 2, "test_2016_flickr": 2, "test_2017_flickr": 1}.items():
            for language, text in said.items():
                whole = "".join(f"{text.format(i)}\n" for i in range(n))
                (raw / f"{part}.{language}.gz").write_bytes(gzip.compress(whole.encode()))
            (lists / f"{part}.txt").write_text("".join(f"{part}{i}.jpg\n" for i in range(n)))
            for i in range(n):
                photograph(tmp_path / "flickr30k-images" / f"{part}{i}.jpg", i)
        return tmp_path

    def test_text_alone(self, multi30k):
        found = load("multi30k", "train", root=multi30k, languages=("en", "de", "cs"))
        assert len(found) == 4
        assert found[1].image is None
        assert found[1].text == {"en": "Two dogs, 1.", "de": "Zwei Hunde auf der Straße, 1.", "cs": "Dva psi, 1."}
        sizes = [len(load("multi30k", s, root=multi30k)) for s in ("val", "test", "test_2017_flickr", None)]
        assert sizes == [2, 2, 1, 8]
        assert in_memory(found, progress=False).images is None

    def test_with_pictures(self, multi30k):
        (multi30k / "flickr30k-images" / "train2.jpg").unlink()
        found = load("multi30k", "train", root=multi30k, pictures=multi30k / "flickr30k-images", size=8)
        assert [row.meta["file"] for row in found.rows] == ["train0.jpg", "train1.jpg", "train3.jpg"]
        assert found[0].image.shape == (3, 8, 8)
        assert found.skipped.counts == {"picture that is missing": 1}

    def test_damage_is_counted_and_lines_stay_aligned(self, multi30k):
        path = multi30k / "data/task1/raw/train.de.gz"
        path.write_bytes(gzip.compress(b"Eins.\n\nDrei.\n" + "Straße.\n".encode("latin-1")))
        found = load("multi30k", "train", root=multi30k)
        assert [row.text for row in found.rows][1:] == [
            {"en": "Two dogs, 2.", "de": "Drei."},
            {"en": "Two dogs, 3.", "de": "Straße."},
        ]
        assert found.skipped.counts == {"empty sentence": 1}
        assert found.skipped.mended == {"line that is not UTF-8, read as Latin-1": 1}

    def test_lines_of_hugging_face(self, tmp_path):
        rows = [
            {"en": "A dog.", "de": "Ein Hund."},
            {"en": "A dog.", "de": "Ein Hund."},
            {"en": "A cat.", "de": "Eine Katze."},
        ]
        (tmp_path / "train.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        found = load("multi30k", "train", root=tmp_path)
        assert [row.text["de"] for row in found.rows] == ["Ein Hund.", "Eine Katze."]
        assert found.skipped.counts == {"sentence that is there twice": 1}

    def test_what_cannot_be_says_why(self, multi30k):
        raw = multi30k / "data/task1/raw"
        with pytest.raises(CourseError, match="no sentences of 'train' in 'zh'"):
            load("multi30k", root=multi30k, languages=("en", "zh"))
        with pytest.raises(CourseError, match="There is no folder .*nowhere"):
            load("multi30k", root=multi30k, pictures=multi30k / "nowhere")
        (raw / "val.de.gz").write_bytes(gzip.compress(b"Eins.\n"))
        with pytest.raises(CourseError, match=r"not as many lines.*'en': 2, 'de': 1"):
            load("multi30k", "val", root=multi30k)
        (raw / "val.de.gz").write_bytes((raw / "val.en.gz").read_bytes()[:-12])
        with pytest.raises(CourseError, match="val.de.gz is not whole"):
            load("multi30k", "val", root=multi30k)
        (multi30k / "data/task1/image_splits/train.txt").write_text("one.jpg\n")
        with pytest.raises(CourseError, match="has 4 lines and 1 pictures"):
            load("multi30k", "train", root=multi30k, pictures=multi30k / "flickr30k-images")


class TestFood101:
    @pytest.fixture
    def food(self, tmp_path):
        (tmp_path / "texts").mkdir()
        for part, n in {"train": 40, "test": 3}.items():
            rows = []
            for label, i in itertools.product(("apple_pie", "sushi"), range(n)):
                photograph(tmp_path / "images" / part / label / f"{label}_{i}.jpg", i)
                rows.append([f"{label}_{i}.jpg", f'The "best" {label}, ever {i // 2}', label])
            with (tmp_path / "texts" / f"{part}_titles.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        return tmp_path

    def test_an_item(self, food):
        found = load("food101", "test", root=food, size=8)
        assert len(found) == 6
        assert found.classes == ["apple_pie", "sushi"]
        assert found[4].text == {"en": 'The "best" sushi, ever 0'}
        assert found.classes[found[4].label] == "sushi"
        assert found[4].image.shape == (3, 8, 8)

    def test_validation_is_a_part_of_training_and_shares_no_title(self, food):
        parts = {split: load("food101", split, root=food) for split in ("train", "val")}
        assert len(parts["train"]) + len(parts["val"]) == 80
        assert 4 <= len(parts["val"]) <= 20
        titles = [{row.text["en"].lower() for row in part.rows} for part in parts.values()]
        assert not titles[0] & titles[1]
        assert len(load("food101", None, root=food)) == 86

    def test_damage_is_counted(self, food):
        with (food / "texts" / "test_titles.csv").open("ab") as file:
            file.write(b"sushi_0.jpg,again,sushi\nsushi_9.jpg,a missing file,sushi\nno commas\nx.jpg, ,sushi\n")
            file.write("apple_pie_7.jpg,café,apple_pie\n".encode("latin-1"))
        photograph(food / "images" / "test" / "apple_pie" / "apple_pie_7.jpg")
        cut(food / "images" / "test" / "sushi" / "sushi_1.jpg")
        found = load("food101", "test", root=food)
        assert len(found) == 6
        assert found[5].text == {"en": "café"}
        assert found.skipped.counts == {
            "picture that is there twice": 1,
            "line without a file, a title and a class": 2,
            "picture that is missing": 1,
            "picture that cannot be read": 1,
        }
        assert found.skipped.mended == {"line that is not UTF-8, read as Latin-1": 1}


class TestCifar10:
    @pytest.fixture
    def cifar(self, tmp_path, monkeypatch):
        return on_disk.cifar10(tmp_path, monkeypatch)

    def test_an_item(self, cifar):
        found = load("cifar-10", "test", root=cifar)
        assert len(found) == 20
        with (cifar / "cifar-10-batches-py" / "test_batch").open("rb") as file:
            first = pickle.load(file)["data"][3]
        assert torch.equal(found[3].image, torch.from_numpy(first.reshape(3, 32, 32)))
        assert found.classes[found[3].label] == "thing 3"
        assert found[3].text == {}
        assert load("cifar-10", "test", root=cifar, size=16)[0].image.shape == (3, 16, 16)

    def test_validation_is_a_part_of_training(self, cifar):
        parts = {split: load("cifar-10", split, root=cifar) for split in ("train", "val", "test", None)}
        assert len(parts["train"]) + len(parts["val"]) == 100
        assert 5 <= len(parts["val"]) <= 30
        assert len(parts[None]) == 120
        pixels = [{bytes(x.numpy().tobytes()) for x in parts[split].images} for split in ("train", "val")]
        assert not pixels[0] & pixels[1]

    def test_a_changed_file_is_never_unpickled(self, cifar):
        trace = cifar / "trace"

        class Bomb:
            def __reduce__(self):
                return Path.touch, (trace,)

        (cifar / "cifar-10-batches-py" / "data_batch_3").write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(CourseError, match="no whole CIFAR-10.*download=True"):
            load("cifar-10", root=cifar)
        assert not trace.exists()


class TestFashionMNIST:
    @pytest.fixture
    def debian(self, tmp_path, monkeypatch):
        """Debian's folder of gzipped files: 60 training pictures and 10 test pictures; and an empty cache."""
        folder = on_disk.fashion_mnist(tmp_path / "debian")
        monkeypatch.setattr(fashion_mnist, "DEBIAN", folder)
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
        return folder

    def test_debians_files_are_unpacked_into_the_cache(self, debian, tmp_path):
        assert card("fashion-mnist").state().word == "ready"
        found = load("fashion-mnist", "test")
        assert sorted(path.name for path in (tmp_path / "cache/FashionMNIST").rglob("*")) == [
            "raw",
            *sorted(fashion_mnist.FILES),
        ]
        raw = gzip.decompress((debian / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
        first = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(10, 28, 28)
        assert torch.equal(found.images, first[:, None].expand(-1, 3, -1, -1))
        assert found[3].label == 3
        assert found.classes[9] == "Ankle boot"
        for path in debian.iterdir():
            path.unlink()
        assert len(load("fashion-mnist", None)) == 70  # from the cache now
        assert load("fashion-mnist", "test", size=14)[0].image.shape == (3, 14, 14)

    def test_validation_is_a_part_of_training(self, debian):
        parts = [load("fashion-mnist", split) for split in ("train", "val")]
        assert sum(map(len, parts)) == 60
        assert 2 <= len(parts[1]) <= 20

    def test_what_is_missing_or_damaged_says_what_to_do(self, debian, tmp_path):
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            load("fashion-mnist", "dev")
        path = debian / "train-images-idx3-ubyte.gz"
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        with pytest.raises(CourseError, match="could not be unpacked"):
            load("fashion-mnist")
        assert list((tmp_path / "cache/FashionMNIST/raw").iterdir()) == []
        path.write_bytes(gzip.compress(gzip.decompress(whole)[:-500]))
        with pytest.raises(CourseError, match="could not be read.*Delete that folder"):
            load("fashion-mnist")
        path.unlink()
        with pytest.raises(CourseError, match=r"apt-get install dataset-fashion-mnist.*download=True"):
            load("fashion-mnist", root=tmp_path / "none")

    def test_the_real_thing(self):
        if card("fashion-mnist").state().word != "ready":
            pytest.skip(card("fashion-mnist").state().says)
        parts = {split: load("fashion-mnist", split) for split in ("train", "val", "test")}
        assert {split: len(part) for split, part in parts.items()} == {"train": 50920, "val": 9080, "test": 10000}
        assert parts["test"].labels.count(0) == 1000
        code = "from mmcourse.data import load; print(load('fashion-mnist', 'val').labels[:200])"
        assert len(in_two_processes(code)) == 1


def test_pictures_that_are_too_large_are_damage(tmp_path, monkeypatch):
    """A decompression bomb is counted, not decoded."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    photograph(tmp_path / "Images" / "1.jpg", size=(50, 50))
    photograph(tmp_path / "Images" / "2.jpg", size=(8, 8))
    (tmp_path / "captions.txt").write_text("image,caption\n1.jpg,A dog\n2.jpg,A cat\n")
    found = load("flickr8k", None, root=tmp_path)
    assert len(found) == 1
    assert found.skipped.counts == {"picture that cannot be read": 1}
