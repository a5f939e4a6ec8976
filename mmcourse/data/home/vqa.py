"""VQA v2: questions about COCO's photographs, each answered by ten people."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mmcourse.fetch import CourseError

from ..cards import Card
from ..skipped import Skipped
from . import parquet
from .base import Home, Row, check_split, folder, need, read_json, there

GET = (
    "VQA v2 is downloaded at visualqa.org/download.html: questions and annotations of training and validation, and "
    "COCO's 2014 pictures (13 and 6 GB); as parquet files on Hugging Face (lmms-lab/VQAv2). Name its folder: "
    "load('vqa', root='...'). It holds v2_OpenEndedQuestions_mscoco_train2014_questions.json, "
    "v2_mscoco_train2014_annotations.json, train2014/COCO_train2014_*.jpg, and the same with val2014."
)
OTHER = "<another answer>"
CARD = Card(
    name="vqa",
    title="VQA v2",
    what="image: a photograph; text: an English question; label: its commonest answer, if it is one of the commonest "
    "of training; meta: answers (ten people's), scores (answer: vqa_accuracy), question_id, image_id, kind (of answer)",
    many="train 443,757 questions about 82,783 photographs, val 214,354 about 40,504; test answers are not given out",
    source="Goyal et al. (2017), arXiv:1612.00837; photographs from COCO, Lin et al. (2014), arXiv:1405.0312",
    licence="annotations CC BY 4.0; the photographs under Flickr's terms",
    attribution="VQA v2, Goyal et al. (2017), CC BY 4.0.",
    fit="visual question answering as papers report it, with the accuracy rule of its makers",
    unfit="a first try on a laptop: take first=5000, or easy-VQA. A question alone still gives much away (Goyal et al. "
    "2017): state what a model that sees no picture reaches",
    comes="on your disk",
    get=GET,
    here=lambda: there("vqa", "v2_mscoco_val2014_annotations.json"),
    home="load('vqa', root='...', size=96, first=5000)",
)


def vqa_accuracy(answer: str, people: Sequence[str]) -> float:
    """How right an answer is: the mean, over leaving out one person at a time, of min(n / 3, 1), n others saying so.

    The official evaluation also strips articles and punctuation from both sides; answers from a vocabulary that was
    taken from the annotations are in that form already.
    """
    agree = sum(one == answer for one in people)
    if not people:
        return 0.0
    # One of those who agree is left out `agree` times, one of the others the rest of the times.
    return (agree * min((agree - 1) / 3, 1) + (len(people) - agree) * min(agree / 3, 1)) / len(people)


def load(split: str | None = "train", root: Path | str | None = None, answers: int = 3129, **options) -> Home:
    """A split of VQA v2. Many items share a photograph.

    answers  how many answers there are to choose from: the commonest of the training questions. A training question
             with another is left out (`left_out`); a validation question is kept, as '<another answer>'
    options  `size`, `fit`, `first`, `check` of `Home`

    Raises CourseError where files are missing, among them the training annotations, from which the answers come.
    """
    if split == "test":
        raise ValueError("split='test': VQA v2 gives out no answers to its test questions; take 'val'")
    check_split(split, "train", "val")
    if answers < 1:
        raise ValueError(f"answers={answers}: choose 1 or more")
    at, skipped = folder("vqa", root, GET), Skipped("vqa")
    left_out: Counter[str] = Counter()
    table = parquet.there(at)
    said = _table_answers(at) if table else (a["multiple_choice_answer"] for a in _annotations(at, "train").values())
    counts = Counter(said)
    classes = sorted(counts, key=lambda answer: (-counts[answer], answer))[:answers]
    parts = [part for part in ("train", "val") if split in (None, part)]
    rows = (row for part in parts for row in (_of_table(at, part) if table else _published(at, part, skipped)))
    known = {answer: i for i, answer in enumerate(classes)}
    found = Home(_rows(rows, known, skipped, left_out), [*classes, OTHER], skipped, GET, **options)
    found.left_out.update(left_out)
    return found


def _annotations(root: Path, part: str) -> dict[int, dict]:
    path = need(root, GET, f"v2_mscoco_{part}2014_annotations.json")
    return {row["question_id"]: row for row in read_json(path, GET)["annotations"]}


def _published(root: Path, part: str, skipped: Skipped):
    annotations = _annotations(root, part)
    path = need(root, GET, f"v2_OpenEndedQuestions_mscoco_{part}2014_questions.json")
    for question in read_json(path, GET)["questions"]:
        annotation = annotations.get(question["question_id"])
        if annotation is None:
            skipped.add("question without an answer", str(question["question_id"]))
            continue
        picture = root / f"{part}2014" / f"COCO_{part}2014_{question['image_id']:012d}.jpg"
        yield part, {**annotation, **question}, picture


def _of_table(root: Path, part: str):
    for _, _, row, picture in parquet.rows(root, part, GET):
        yield part, row, picture


def _table_answers(root: Path):
    try:
        return [row["multiple_choice_answer"] for _, _, row, _ in parquet.rows(root, "train", GET)]
    except CourseError:  # the mirror for evaluation has no training part
        print("vqa: no training part is there; the answers to choose from are those of validation.", flush=True)
        return [row["multiple_choice_answer"] for _, _, row, _ in parquet.rows(root, "val", GET)]


def _rows(rows, known: dict[str, int], skipped: Skipped, left_out: Counter):
    for part, row, picture in rows:
        question, answer = row["question"].strip(), row["multiple_choice_answer"]
        if not question:
            skipped.add("empty question", str(row["question_id"]))
            continue
        if part == "train" and answer not in known:
            left_out["training question with a rarer answer"] += 1
            continue
        people = [one["answer"] for one in row["answers"]]
        meta = {
            "answers": people,
            "scores": {one: vqa_accuracy(one, people) for one in dict.fromkeys(people)},
            "question_id": row["question_id"],
            "image_id": row["image_id"],
            "kind": row["answer_type"],
            "file": picture.name if isinstance(picture, Path) else str(row["image_id"]),
            "split": part,
        }
        yield Row(picture, {"en": question}, known.get(answer, len(known)), meta)
