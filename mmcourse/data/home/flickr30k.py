"""Flickr30k: 31,783 photographs, five English captions each."""

from pathlib import Path

from ..cards import Card
from . import flickr
from .base import Home, there

GET = (
    "Flickr30k is given out on request at shannon.cs.illinois.edu/DenotationGraph, and on Kaggle "
    "(hsankesara/flickr-image-dataset). Name its folder: load('flickr30k', root='...'). It holds the pictures in "
    "flickr30k-images/ or flickr30k_images/, and dataset_flickr30k.json (Karpathy's, which says the split), or "
    "results_20130124.token, or Kaggle's results.csv; or parquet files alone."
)
FORM = flickr.Form(
    name="flickr30k",
    get=GET,
    pictures=("flickr30k-images", "flickr30k_images/flickr30k_images", "flickr30k_images", "Images", "images"),
    karpathy=("dataset_flickr30k.json",),
    tokens=("results_20130124.token", "flickr30k/results_20130124.token"),
    commas=("captions.txt",),
    bars=("results.csv", "flickr30k_images/results.csv"),
    lists={},
    train=93,
    val=3,
)
CARD = Card(
    name="flickr30k",
    title="Flickr30k",
    what="image: a photograph; text: the first of its English captions; meta: captions (all of them), file, split",
    many="31,783 photographs with five captions each; Karpathy's split: train 29,000, val 1,014, test 1,000",
    source="Young, Lai, Hodosh & Hockenmaier (2014), Transactions of the ACL 2",
    licence="for non-commercial research and education; the photographs belong to Flickr's users",
    attribution="Flickr30k, Young, Lai, Hodosh & Hockenmaier (2014).",
    fit="image-text matching: its test split of 1,000 pictures is what papers report",
    unfit="anything but everyday scenes of people and dogs",
    comes="on your disk",
    get=GET,
    here=lambda: there("flickr30k", *FORM.pictures),
    home="load('flickr30k', root='...', size=96)",
)


def load(split: str | None = "train", root: Path | str | None = None, **options) -> Home:
    """A split of Flickr30k. options: `size`, `fit`, `first`, `check` of `Home`."""
    return flickr.load(FORM, split, root, **options)
