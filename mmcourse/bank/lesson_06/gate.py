"""06.4: A gate."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded
from mmcourse.fusion import Gated

from .cases import D_F, D_G, D, fusion_case


def _gate_cases(draw: Draw) -> list[Case]:
    state = draw.module(Gated(D_F, D_G, D))
    wide = {name: value * 6 if name.startswith("gate") else value for name, value in state.items()}
    return [
        fusion_case(draw, Gated, state, "a batch of one", 1, 3, size=3),
        fusion_case(draw, Gated, state, "a batch of three", 2, 2, 4, 1, size=4),
        fusion_case(draw, Gated, wide, "gates that are nearly open or shut", 1, 3, 2, size=3),
    ]


class _Gate(Gated):
    """The reference with one step at a time to get wrong."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        z = self.open(self.gate(self.join(image.vector, text.vector)))
        return self.blend(z, self.squash(self.f(image.vector)), self.squash(self.g(text.vector)))

    def join(self, f, g):
        return torch.cat([f, g], dim=-1)

    def open(self, scores):
        return scores.sigmoid()

    def squash(self, x):
        return x.tanh()

    def blend(self, z, f, g):
        return z * f + (1 - z) * g


class _GateTurned(_Gate):
    def blend(self, z, f, g):
        return (1 - z) * f + z * g


class _GateBoth(_Gate):
    def blend(self, z, f, g):
        return z * (f + g)


class _GateImageOnly(_Gate):
    def blend(self, z, f, g):
        return z * f + g


class _GateFeatures(_Gate):
    def open(self, scores):
        return scores.softmax(-1)


class _GateRaw(_Gate):
    def open(self, scores):
        return scores


class _GateScalar(_Gate):
    def open(self, scores):
        return scores.mean(-1, keepdim=True).sigmoid()


class _GateLinear(_Gate):
    def squash(self, x):
        return x


class _GateSquashedLate(_GateLinear):
    def blend(self, z, f, g):
        return super().blend(z, f, g).tanh()


class _GateTextFirst(_Gate):
    def join(self, f, g):
        return torch.cat([g, f], dim=-1)


gate = Exercise(
    id="06.4",
    title="A gate",
    kind="module",
    answer="Gated",
    reference=Gated,
    cases=_gate_cases,
    mistakes=(
        Mistake(
            "the gate is turned round",
            "Where z is 1 your h is the text's. Whose share is z, and whose 1 - z? (lesson 06, 'Where they meet')",
            _GateTurned,
        ),
        Mistake(
            "both modalities pass the same gate",
            "Your gate opens and shuts for both at once, so it never chooses. What share is left for the text "
            "where the picture has z? (lesson 06, 'Where they meet')",
            _GateBoth,
        ),
        Mistake(
            "only the picture passes the gate",
            "The text is added whole, whatever the gate says. What share is left for it where the picture has z? "
            "(lesson 06, 'Where they meet')",
            _GateImageOnly,
        ),
        Mistake(
            "the features share the gate among themselves",
            "A softmax makes the gates of one sample sum to 1 over its features, so each is nearly shut. Between whom "
            "does a gate choose? (lesson 06, 'Where they meet')",
            _GateFeatures,
        ),
        Mistake(
            "the gate is not brought between 0 and 1",
            "Your shares may be negative, or larger than the whole. Which function turns a score into a share? "
            "(lesson 06, 'Where they meet')",
            _GateRaw,
        ),
        Mistake(
            "one gate serves all features",
            "Each sample has a single gate here. In the formula z has as many numbers as h. "
            "(lesson 06, 'Where they meet')",
            _GateScalar,
        ),
        Mistake(
            "the tanh is left out",
            "Without it a modality can outweigh the other by sheer size, whatever the gate says. Which range should "
            "both halves have? (lesson 06, 'Where they meet')",
            _GateLinear,
        ),
        Mistake(
            "the tanh is taken of the blend",
            "The formula squashes each modality before the gate weighs them. (lesson 06, 'Where they meet')",
            _GateSquashedLate,
        ),
        Mistake(
            "the gate reads the text before the picture",
            "The two vectors are joined as [g; f], so the gate's weights meet the wrong features. Which order "
            "has the course? (lesson 06, 'Two votes')",
            _GateTextFirst,
        ),
    ),
    hints=(
        "A gate is a share. If the picture has a share z of a feature, what is left for the text?",
        "z, tanh(U f + …) and tanh(V g + …) all have shape (B, d), so everything happens feature by feature.",
        "Join the two vectors, picture first; the layer `gate` and a sigmoid give z. Each vector goes through its own "
        "layer and a tanh. The first is weighed with z, the second with 1 - z, and they are added.",
    ),
)
