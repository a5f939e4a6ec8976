"""Flickr8k: 8,091 photographs of people and animals doing something, five English captions each."""

from pathlib import Path

from ..cards import Card
from . import flickr
from .base import Home, there

GET = (
    "Flickr8k is given out on request at hockenmaier.cs.illinois.edu, on Kaggle (adityajn105/flickr8k), and as parquet "
    "files on Hugging Face (jxie/flickr8k). Name its folder: load('flickr8k', root='...'). It holds the pictures in "
    "Flicker8k_Dataset/ or Images/, and dataset_flickr8k.json (Karpathy's), or Flickr8k.token.txt with "
    "Flickr_8k.trainImages.txt and so on, or Kaggle's captions.txt; or the parquet files alone."
)
FORM = flickr.Form(
    name="flickr8k",
    get=GET,
    pictures=("Flicker8k_Dataset", "Flickr8k_Dataset", "Flickr8k_Dataset/Flicker8k_Dataset", "Images", "images"),
    karpathy=("dataset_flickr8k.json",),
    tokens=("Flickr8k.token.txt", "Flickr8k_text/Flickr8k.token.txt"),
    commas=("captions.txt",),
    bars=(),
    lists={
        "train": "Flickr_8k.trainImages.txt",
        "val": "Flickr_8k.devImages.txt",
        "test": "Flickr_8k.testImages.txt",
    },
    train=74,
    val=13,
)
CARD = Card(
    name="flickr8k",
    title="Flickr8k",
    what="image: a photograph; text: the first of its English captions; meta: captions (all of them), file, split",
    many="8,091 photographs with five captions each; train 6,000, val 1,000, test 1,000",
    source="Hodosh, Young & Hockenmaier (2013), Journal of Artificial Intelligence Research 47",
    licence="for research and education; the photographs belong to Flickr's users",
    attribution="Flickr8k, Hodosh, Young & Hockenmaier (2013).",
    fit="image-text matching and captioning at the size of a laptop",
    unfit="anything but everyday scenes of people and dogs",
    comes="on your disk",
    get=GET,
    here=lambda: there("flickr8k", *FORM.pictures),
    home="load('flickr8k', root='...', size=96)",
)


def load(split: str | None = "train", root: Path | str | None = None, **options) -> Home:
    """A split of Flickr8k. options: `size`, `fit`, `first`, `check` of `Home`."""
    return flickr.load(FORM, split, root, **options)
