"""08.4 Low-rank bilinear scores."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import PairScores

SEES = "(lesson 08, 'What a score can see')"
BIG = "(lesson 08, 'Without the big tensor')"
D_F, D_G = 5, 4
LIMIT = 2**20  # bytes; all pairs with all their features would be twice as much


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, i: int, j: int, rank: int, glimpses: int, **more) -> Case:
        init = {"d_f": D_F, "d_g": D_G, "rank": rank, "glimpses": glimpses}
        args = {"f": draw.normal(batch, i, D_F, strided=True), "g": draw.normal(batch, j, D_G, shift=0.3)}
        return Case(name, args, points, init=init, state=draw.module(PairScores(**init)), **more)

    return [
        case("one glimpse, a batch of one", 1, 1, 3, 2, 6, 1),
        case("two glimpses", 2, 3, 4, 5, 3, 2),
        case("all sizes alike", 1, 3, 3, 3, 3, 3),
        case("rank 1", 1, 2, 4, 3, 1, 2),
        case("within memory", 1, 4, 49, 20, 64, 2, memory=LIMIT, gradients=False),
    ]


class _Variant(PairScores):
    """The reference with one step at a time to get wrong."""

    def forward(self, f: Tensor, g: Tensor) -> Tensor:
        asked = self.glimpse()[None, :, None] * self.bend(self.f(f))[:, None]  # (B, G, I, rank)
        return asked @ self.bend(self.g(g))[:, None].mT / self.root()  # (B, G, I, J)

    def glimpse(self):
        return self.p

    def bend(self, x):
        return x.tanh()

    def root(self):
        return self.p.shape[-1] ** 0.5


class _Straight(_Variant):
    def bend(self, x):
        return x


class _OneBent(PairScores):
    def forward(self, f, g):
        return torch.einsum("gr,bir,bjr->bgij", self.p, *self.sides(f, g)) / self.p.shape[-1] ** 0.5

    def sides(self, f, g):
        return self.f(f).tanh(), self.g(g)


class _OtherBent(_OneBent):
    def sides(self, f, g):
        return self.f(f), self.g(g).tanh()


class _Relu(_Variant):
    def bend(self, x):
        return x.relu()


class _Sigmoid(_Variant):
    def bend(self, x):
        return x.sigmoid()


class _NoRoot(_Variant):
    def root(self):
        return 1


class _ByRank(_Variant):
    def root(self):
        return self.p.shape[-1]


class _ByGlimpses(_Variant):
    def root(self):
        return len(self.p) ** 0.5


class _ByFeatures(_Variant):
    def root(self):
        return self.f.in_features**0.5


class _NoP(_Variant):
    def glimpse(self):
        return torch.ones_like(self.p) + 0 * self.p


class _OneP(_Variant):
    def glimpse(self):
        return self.p[:1].expand_as(self.p)


class _BentAfter(PairScores):
    def forward(self, f, g):
        both = (self.f(f)[:, :, None] * self.g(g)[:, None]).tanh()  # (B, I, J, rank)
        return torch.einsum("bijr,gr->bgij", both, self.p) / self.p.shape[-1] ** 0.5


class _AllPairs(PairScores):
    def forward(self, f, g):
        both = self.f(f).tanh()[:, :, None] * self.g(g).tanh()[:, None]  # (B, I, J, rank)
        return torch.einsum("bijr,gr->bgij", both, self.p) / self.p.shape[-1] ** 0.5


class _Added(PairScores):
    def forward(self, f, g):
        both = (self.f(f)[:, :, None] + self.g(g)[:, None]).tanh()  # (B, I, J, rank)
        return torch.einsum("bijr,gr->bgij", both, self.p) / self.p.shape[-1] ** 0.5


class _Turned(_Variant):
    def forward(self, f, g):
        return super().forward(f, g).mT


class _GlimpsesLast(_Variant):
    def forward(self, f, g):
        return super().forward(f, g).movedim(1, -1)


class _Summed(_Variant):
    def forward(self, f, g):
        return super().forward(f, g).sum(1)


class _Softmax(_Variant):
    def forward(self, f, g):
        return super().forward(f, g).flatten(2).softmax(-1).unflatten(-1, (f.shape[1], g.shape[1]))


scores = Exercise(
    id="08.4",
    title="low-rank bilinear scores",
    kind="module",
    answer="PairScores",
    reference=PairScores,
    cases=_cases,
    mistakes=(
        Mistake(
            "nothing is bent",
            f"Without tanh the score is a bilinear form with a few columns. What stands around U f and V g? {SEES}",
            _Straight,
        ),
        Mistake(
            "only one side is bent",
            f"One tanh where the formula has two. Around which of U f and V g is it missing? {SEES}",
            _OneBent,
            also=(_OtherBent,),
        ),
        Mistake(
            "the product is bent instead of its factors",
            f"tanh comes before the two meet, once on either side. Where do your σ stand in the formula? {SEES}",
            _BentAfter,
        ),
        Mistake(
            "a ReLU is taken for tanh",
            "A product of two numbers that are never negative can't tell 'both low' from 'one low'. Which σ was "
            f"asked for? {SEES}",
            _Relu,
        ),
        Mistake(
            "a sigmoid is taken for tanh",
            "Your σ lies between 0 and 1, so no product is ever negative. Which σ was asked for? " + SEES,
            _Sigmoid,
        ),
        Mistake(
            "the two sides are added",
            f"tanh(U f + V g) is additive attention, another score. What does the circle stand for? {SEES}",
            _Added,
        ),
        Mistake(
            "the scores are not divided by √rank",
            f"A sum of r products grows with r, and the softmax hardens. What is the sum divided by? {SEES}",
            _NoRoot,
        ),
        Mistake(
            "the scores are divided by the rank",
            "The spread of a sum of r products grows with the root of r. What is the sum divided by? " + SEES,
            _ByRank,
        ),
        Mistake(
            "the root is of the number of glimpses",
            f"`p` is (glimpses, rank). Over which of the two axes was summed? {SEES}",
            _ByGlimpses,
        ),
        Mistake(
            "the root is of the number of features",
            "The d_f features were summed inside U, which learns its own scale. How many products does a score add "
            f"up? {SEES}",
            _ByFeatures,
        ),
        Mistake(
            "p is left out",
            f"All your glimpses are alike. Which part of the formula differs between them? {SEES}",
            _NoP,
        ),
        Mistake(
            "all glimpses use the first p",
            f"`p` has a row for each glimpse. How many maps should look different? {SEES}",
            _OneP,
        ),
        Mistake(
            "words and regions change places",
            f"Your result is (B, G, J, I). Whose axis comes first? {SEES}",
            _Turned,
        ),
        Mistake(
            "the glimpses' axis stands last",
            f"(B, I, J, G) holds the right numbers in another order. Which was asked for? {SEES}",
            _GlimpsesLast,
        ),
        Mistake(
            "the glimpses are added up",
            f"One map where there should be G. Who decides what to do with them? {SEES}",
            _Summed,
        ),
        Mistake(
            "a softmax is taken already",
            "Scores were asked for; without the masks nobody here knows who may share. " + SEES,
            _Softmax,
        ),
        Mistake(
            "all pairs are held with all their features",
            "[B, I, J, rank] is right and large. p belongs to a glimpse and a feature, not to a pair: into which side "
            f"can it be multiplied before the two meet? {BIG}",
            _AllPairs,
        ),
    ),
    hints=(
        "For one region, one word and one glimpse: three vectors of `rank` numbers, and which sum of products?",
        "The sum over the rank is a matrix product, (B, G, I, rank) with (B, 1, rank, J). Where does p go so that the "
        "picture's side has an axis for glimpses?",
        "Both sides through their layer and tanh. The picture's side, with a new axis for glimpses, times p. Then a "
        "matrix product with the text's side turned round, and a division by the root of the rank.",
    ),
)
