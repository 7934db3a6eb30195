"""A population model made ready: formulas parsed, numbers at hand, random effects laid out over occasions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.formula import Formula, parse
from nof1.knowledge.kinetics import PkModel
from nof1.response.driven import is_driven

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """``model`` with its formulas parsed. ``effects``: names of random effects; those after ``between`` are per occasion.

    The vector of one patient is ``[between..., per occasion of the first, of the second, ...]``; ``variance`` is its
    covariance matrix for ``occasions`` of them. Effects without variance are left out and stay 0. ``is_searching``: levels
    that have to be integrated need be no closer than a search for the estimate asks for.
    """

    model: PkModel
    numbers: Mapping[str, float]
    effects: tuple[str, ...]
    between: int
    occasions: int
    variance: NDArray[np.float64]
    computed: tuple[tuple[str, Formula], ...]
    parameters: tuple[tuple[str, Formula], ...]
    outputs: Mapping[str, Formula]
    absent: tuple[str, ...] = ()
    is_driven: bool = False
    is_searching: bool = False

    @property
    def size(self) -> int:
        """How many random effects one patient has, over all occasions."""
        return len(self.variance)


def prepare(model: PkModel, occasions: int = 1, flattened: float = 1.0) -> Prepared:
    """``model`` ready for a history of ``occasions``. ``flattened`` (0 to 1) divides the variances: a weaker prior.

    Raises ``InputError`` where the variances make no covariance matrix.
    """
    numbers = {number.name: number.value for number in model.numbers}
    sizes = {effect.name: _number(effect.variance, numbers) for effect in model.effects}
    fixed = [effect.name for effect in model.effects if not effect.per_occasion and sizes[effect.name] > 0]
    again = [effect.name for effect in model.effects if effect.per_occasion and sizes[effect.name] > 0]
    block = np.diag([sizes[name] for name in (*fixed, *again)])
    where = {name: place for place, name in enumerate((*fixed, *again))}
    for item in model.covariances:
        one, other = item.between
        if one in where and other in where:
            block[where[one], where[other]] = block[where[other], where[one]] = _number(item.covariance, numbers)
    variance = _over_occasions(block, len(fixed), occasions) / flattened
    _check(model, variance, sizes)
    return Prepared(
        model,
        numbers,
        (*fixed, *again),
        len(fixed),
        occasions if again else 1,
        variance,
        tuple((item.name, parse(item.formula)) for item in model.computed),
        tuple((item.name, parse(item.formula)) for item in model.parameters),
        {output.name: parse(output.formula) for output in model.outputs},
        tuple(name for name in sizes if name not in where),
        is_driven(model.structure),
    )


def _number(text: str, numbers: Mapping[str, float]) -> float:
    return float(parse(text).evaluate(numbers))


def _over_occasions(block: Values, fixed: int, occasions: int) -> Values:
    again = len(block) - fixed
    if not again:
        return block
    whole = np.zeros((fixed + again * occasions,) * 2)
    whole[:fixed, :fixed] = block[:fixed, :fixed]
    for number in range(occasions):
        place = slice(fixed + number * again, fixed + (number + 1) * again)
        whole[place, place] = block[fixed:, fixed:]
    return whole


def _check(model: PkModel, variance: Values, sizes: Mapping[str, float]) -> None:
    for name, size in sizes.items():
        if not (np.isfinite(size) and size >= 0):
            raise InputError(f"model {model.id}: effect {name} has the variance {size:g}; write a number from 0")
    if len(variance) and not np.linalg.eigvalsh(variance)[0] > 0:
        raise InputError(
            f"model {model.id}: the variances and covariances of its effects make no covariance matrix; "
            "a correlation lies beyond 1: check the figures against the source"
        )


def effects_at(prepared: Prepared, etas: Values, occasion: Values) -> dict[str, Values]:
    """Random effects by name: ``etas`` (rows, lanes, size) at each segment's ``occasion`` (rows, segments).

    Each has the shape (rows, lanes, segments), with one segment where nothing changes.
    """
    named: dict[str, Values] = {name: np.zeros((1, 1, 1)) for name in prepared.absent}
    again = len(prepared.effects) - prepared.between
    for place, name in enumerate(prepared.effects):
        if place < prepared.between:
            named[name] = etas[:, :, place : place + 1]
        else:
            index = place + again * np.minimum(occasion, prepared.occasions - 1)
            named[name] = np.take_along_axis(etas, np.broadcast_to(index[:, None, :], (*etas.shape[:2], index.shape[1])), 2)
    return named


def individual(prepared: Prepared, covariates: Mapping[str, Values], etas: Values, occasion: Values) -> dict[str, Values]:
    """Every name that outputs may use, each (rows, lanes, segments): numbers, covariates (rows, 1, segments), parameters.

    Raises ``FormulaError`` where a covariate is missing.
    """
    values: dict[str, Any] = {**prepared.numbers, **covariates}
    for name, formula in prepared.computed:
        values[name] = formula.evaluate(values)
    values.update(effects_at(prepared, etas, occasion))
    for name, formula in prepared.parameters:
        values[name] = np.asarray(formula.evaluate(values))
    return values
