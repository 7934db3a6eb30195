"""A random forest in plain arrays: which of several populations a person is most similar to, by principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.scores import Floats

TREES = 400


@dataclass(frozen=True, slots=True)
class _Tree:
    """Nodes: ``feature`` (-1 = leaf), ``threshold``, numbers of ``left`` and ``right``; ``shares`` (nodes, classes)."""

    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    shares: Floats


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees grown on bootstrap samples; ``classes`` in the order of the shares they give."""

    classes: tuple[str, ...]
    trees: tuple[_Tree, ...]

    def shares(self, points: Floats) -> Floats:
        """The share of each class, (people, classes), averaged over the trees; ``points`` (people, components)."""
        total = np.zeros((len(points), len(self.classes)))
        for tree in self.trees:
            node = np.zeros(len(points), np.int64)
            while (inner := np.flatnonzero(tree.feature[node] >= 0)).size:
                at = node[inner]
                goes_left = points[inner, tree.feature[at]] <= tree.threshold[at]
                node[inner] = np.where(goes_left, tree.left[at], tree.right[at])
            total += tree.shares[node]
        return total / len(self.trees)


def grown(points: Floats, labels: NDArray[np.str_], rng: np.random.Generator, trees: int = TREES) -> Forest:
    """A forest of fully grown trees: Gini, the square root of the components tried at each split.

    ``points`` (people, components), ``labels`` (people,).
    """
    classes, target = np.unique(labels, return_inverse=True)
    made = []
    for _ in range(trees):
        sample = rng.integers(0, len(points), len(points))
        made.append(_grow(points[sample], target[sample], len(classes), rng))
    return Forest(tuple(str(name) for name in classes), tuple(made))


def _grow(points: Floats, target: NDArray[np.int64], classes: int, rng: np.random.Generator) -> _Tree:
    feature, threshold, left, right = [-1], [0.0], [0], [0]
    shares = [np.bincount(target, minlength=classes) / len(target)]
    waiting = [(0, np.arange(len(points)))]
    tried = max(1, int(np.sqrt(points.shape[1])))
    while waiting:
        node, rows = waiting.pop()
        split = _best_split(points[rows], target[rows], classes, rng.permutation(points.shape[1]), tried)
        if split is None:
            continue
        feature[node], threshold[node] = split
        goes_left = points[rows, split[0]] <= split[1]
        for side, chosen in ((left, rows[goes_left]), (right, rows[~goes_left])):
            side[node] = len(feature)
            feature.append(-1)
            threshold.append(0.0)
            left.append(0)
            right.append(0)
            shares.append(np.bincount(target[chosen], minlength=classes) / len(chosen))
            waiting.append((side[node], chosen))
    return _Tree(np.array(feature), np.array(threshold), np.array(left), np.array(right), np.array(shares))


def _best_split(
    points: Floats, target: NDArray[np.int64], classes: int, order: NDArray[np.int64], tried: int
) -> tuple[int, float] | None:
    """Component and threshold with the purest halves; more than ``tried`` components are looked at only if none splits."""
    if (target == target[0]).all():
        return None
    best: tuple[float, int, float] | None = None
    for number, component in enumerate(order.tolist()):
        if number >= tried and best is not None:
            break
        by_value = np.argsort(points[:, component], kind="stable")
        values = points[by_value, component]
        edges = np.flatnonzero(values[1:] > values[:-1])
        if not edges.size:
            continue
        counts = np.cumsum(np.eye(classes)[target[by_value]], axis=0)
        low = counts[edges]
        high = counts[-1] - low
        size = edges + 1.0
        purity = (low**2).sum(axis=1) / size + (high**2).sum(axis=1) / (len(values) - size)
        top = int(np.argmax(purity))
        if best is None or purity[top] > best[0]:
            best = float(purity[top]), component, float((values[edges[top]] + values[edges[top] + 1]) / 2)
    return None if best is None else best[1:]
