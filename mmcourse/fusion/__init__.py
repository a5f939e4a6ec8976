"""Fusion: two encoded modalities in, one vector out. Every class here is a `Fusion`; a linear head reads what it gives.

`concat`     each modality kept apart until it is added up, or one layer behind [f; g]
`products`   one modality multiplies the other: product, gate, FiLM
`attention`  every region meets every word
`scale`      what is done to the vectors before, so that both halves are heard
"""

from .attention import attention_sum, joint_softmax
from .concat import Concat, Early, Fusion, Hybrid, Late, late_fusion, votes
from .products import FiLM, Gated, Product, mix
from .scale import standardise

__all__ = [
    "Concat",
    "Early",
    "FiLM",
    "Fusion",
    "Gated",
    "Hybrid",
    "Late",
    "Product",
    "attention_sum",
    "joint_softmax",
    "late_fusion",
    "mix",
    "standardise",
    "votes",
]
