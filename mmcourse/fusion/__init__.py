"""Fusion: two encoded modalities in, one vector out. Every class here is a `Fusion`; a linear head reads what it gives.

`concat`              each modality kept apart until it is added up, or one layer behind [f; g]
`products`            one modality multiplies the other: product, gate, FiLM
`bilinear`            every feature of one times every feature of the other, in full and in low rank
`attention`           every region meets every word, with scores that are given
`bilinear_attention`  the same, with scores that are learnt
`cross`               words look at regions, regions at words
`latents`             a few learnt vectors read both
`experts`             a gate weighs small networks
`scale`               what is done to the vectors before, so that both halves are heard
"""

from .attention import attention_sum, joint_softmax
from .bilinear import Bilinear, FactorisedBilinear, LowRankBilinear, LowRankTensorFusion, TensorFusion, Tucker
from .bilinear_attention import BilinearAttention, PairScores
from .concat import Concat, Early, Fusion, Hybrid, Late, Looks, late_fusion, votes
from .cross import CoAttention, CrossAttention, TwoWayAttention
from .experts import Experts
from .latents import Latents
from .products import FiLM, Gated, Product, mix
from .scale import standardise

__all__ = [
    "Bilinear",
    "BilinearAttention",
    "CoAttention",
    "Concat",
    "CrossAttention",
    "Early",
    "Experts",
    "FactorisedBilinear",
    "FiLM",
    "Fusion",
    "Gated",
    "Hybrid",
    "Late",
    "Latents",
    "Looks",
    "LowRankBilinear",
    "LowRankTensorFusion",
    "PairScores",
    "Product",
    "TensorFusion",
    "Tucker",
    "TwoWayAttention",
    "attention_sum",
    "joint_softmax",
    "late_fusion",
    "mix",
    "standardise",
    "votes",
]
