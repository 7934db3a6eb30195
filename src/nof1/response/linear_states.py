"""States that are linear in each other, carried along a grid by matrix exponentials while something else drives them.

``d x / dt = A x + b(t)``: ``A`` is constant within a segment, and ``b`` is taken as a parabola through the beginning, the
middle and the end of each step (an exponential integrator; its error is that of the parabola alone).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.network import exponential

Values = NDArray[Any]
_AT_ONCE = 4000  # matrices whose exponential is taken together


def carried(
    matrix: Values, driven: Values, columns: Values, start: Values, steps: Values, held: Values, look: Values
) -> Values:
    """The states (rows, lanes, times, states) at the points ``look`` (rows, times) of the grid.

    ``matrix`` (rows or 1, lanes or 1, segments, states, states). ``driven`` (rows, lanes, points, columns): ``b`` at the
    points of the grid and in the middle between them, of the states ``columns``; that of the others is 0. ``start`` (rows,
    lanes, states). ``steps`` (rows, grid - 1) hours and the segments ``held`` then.
    """
    matrix = _common(matrix)
    is_common = matrix.shape[1] == 1
    count = max(1, int(np.ceil(np.sqrt(steps.shape[1])))) if is_common else 1
    length = max(1, -(-steps.shape[1] // count))
    more = count * length - steps.shape[1]  # steps of no length, at the end
    carry, pour, kind = _kinds(matrix, np.pad(steps, ((0, 0), (0, more))), np.pad(held, ((0, 0), (0, more))), columns)
    # lanes stand in the columns of one matrix where all have the same A, else each has its own
    x = np.swapaxes(start, 1, 2)[:, None] if is_common else start[..., None]
    b = driven.transpose(0, 2, 3, 1)[:, None] if is_common else driven[..., None]
    b = np.pad(b, ((0, 0), (0, 0), (0, 2 * more), (0, 0), (0, 0)))
    wanted = np.unique(look)
    every = _blocks(carry, pour, kind.reshape(len(steps), count, length), b, x, wanted)
    every = every[:, 0].transpose(0, 3, 1, 2) if is_common else every[..., 0]
    place = np.searchsorted(wanted, look)[:, None, :, None]
    shape = (*every.shape[:2], look.shape[1], every.shape[3])
    return np.take_along_axis(every, np.broadcast_to(place, shape), 2)


def _blocks(carry: Values, pour: Values, kind: Values, b: Values, x: Values, wanted: Values) -> Values:
    """States at the places ``wanted`` of the grid, (rows, lanes or 1, wanted, states, 1 or lanes).

    ``kind`` (rows, blocks, steps of each): all blocks are gone through together from nothing, then joined one by one.
    """
    rows, blocks, length = kind.shape
    row, first = np.minimum(np.arange(rows), carry.shape[1] - 1)[:, None], 2 * length * np.arange(blocks)[:, None]
    within = set(((wanted - 1) % length).tolist()) | {length - 1}
    own: Any = np.zeros((*x.shape[:2], blocks, *x.shape[2:]), np.result_type(carry, b, x))
    whole: Any = np.eye(carry.shape[-1])
    kept = {}
    for number in range(length):
        three = b[:, :, first + 2 * number + np.arange(3)]
        three = three.reshape(*three.shape[:3], -1, three.shape[-1])
        step, poured = (np.swapaxes(part[kind[:, :, number], row], 1, 2) for part in (carry, pour))
        own, whole = step @ own + poured @ three, step @ whole
        if number in within:
            kept[number] = whole, own
    starts = [x]
    for block in range(blocks):
        starts.append(kept[length - 1][0][:, :, block] @ starts[-1] + kept[length - 1][1][:, :, block])
    found = []
    for place in wanted.tolist():
        block, number = divmod(place - 1, length) if place else (0, -1)
        found.append(kept[number][0][:, :, block] @ starts[block] + kept[number][1][:, :, block] if place else x)
    return np.stack(np.broadcast_arrays(*found), axis=2)


def _common(matrix: Values) -> Values:
    """``matrix`` of one lane, and real, where it is the same for all."""
    scale = np.abs(matrix).max(initial=0.0)
    same = np.ptp(matrix.real, axis=1).max(initial=0.0) <= 1e-12 * scale and not np.any(np.ptp(matrix.imag, axis=1))
    matrix = matrix[:, :1] if same else matrix
    return matrix if np.any(np.imag(matrix)) else np.real(matrix)


def _kinds(matrix: Values, steps: Values, held: Values, columns: Values) -> tuple[Values, Values, Values]:
    """What carries states over a step of each kind, and what pours ``b`` in, (kinds, rows or 1, lanes or 1, states, ...).

    A kind is a length of a step within a segment; the last array tells that of every step.
    """
    pairs = np.stack([np.broadcast_to(held, steps.shape).ravel(), steps.round(9).ravel()], axis=1)
    kinds, kind = np.unique(pairs, axis=0, return_inverse=True)
    size, few = matrix.shape[-1], max(1, _AT_ONCE // (matrix.shape[0] * matrix.shape[1]))
    carry, pour = [], []
    for at in range(0, len(kinds), few):
        segment = np.minimum(kinds[at : at + few, 0].astype(int), matrix.shape[2] - 1)
        hours = kinds[at : at + few, 1][:, None, None, None, None]
        whole = _with_powers(np.moveaxis(matrix[:, :, segment], 2, 0) * hours)
        one, two, three = (whole[..., size * n : size * (n + 1)][..., columns] for n in (1, 2, 3))
        carry.append(whole[..., :size])
        begin, middle, end = one - 3 * two + 4 * three, 4 * two - 8 * three, 4 * three - two
        pour.append(hours * np.concatenate([begin, middle, end], axis=-1))
    return np.concatenate(carry), np.concatenate(pour), kind.reshape(steps.shape)


def _with_powers(z: Values) -> Values:
    """``exp(z)`` and beside it the integrals of ``exp(z (1 - s)) s**k / k!`` over ``s`` from 0 to 1, ``k`` 0, 1, 2."""
    size = z.shape[-1]
    whole = np.zeros((*z.shape[:-2], 4 * size, 4 * size), z.dtype)
    whole[..., :size, :size] = z
    for number in range(3):
        at = slice(number * size, (number + 1) * size), slice((number + 1) * size, (number + 2) * size)
        whole[..., at[0], at[1]] = np.eye(size)
    return exponential(whole)[..., :size, :]
