"""Batches in which a concept occurs more than once: two pictures of a cat are no wrong answers to each other."""

from torch import Tensor

from .match import contrastive_loss


def contrastive_loss_of_concepts(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    """`contrastive_loss` in which pairs of one concept are no negatives of each other.

    image, text (B, d), scale () as there; concept (B) long: the number of what pair b shows. Each picture chooses its
    own text among that and the texts of other concepts, and each text its own picture likewise.
    """
    return contrastive_loss(image, text, scale, same=concept[:, None] == concept)  # (B, 1) with (B) -> (B, B)
