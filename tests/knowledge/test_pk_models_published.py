"""Every shipped population model gives the typical parameters that its paper prints, or that follow from it by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Computed, Parameter, PkModel, Published


def shipped() -> dict[str, PkModel]:
    return knowledge().kinetics.models


def typical(model: PkModel, covariates: dict[str, float]) -> dict[str, float]:
    """Every quantity of ``model`` by name, with all random effects 0; what a covariate is assumed to be holds if it is not given."""
    assumed = {item.name: item.assumed for item in model.covariates if item.assumed is not None}
    values: dict[str, float] = {number.name: number.value for number in model.numbers}
    values |= assumed | covariates | {effect.name: 0.0 for effect in model.effects} | {"time": 0.0}
    quantities: list[Computed | Parameter] = [*model.computed, *model.parameters]
    for quantity in quantities:
        values[quantity.name] = float(parse(quantity.formula).evaluate(values))
    return values


def checks() -> Iterator[tuple[PkModel, Published]]:
    for model in shipped().values():
        for check in model.published:
            if check.parameter:
                yield model, check


def name_of(case: tuple[PkModel, Published]) -> str:
    model, check = case
    given = ",".join(f"{name}={value:g}" for name, value in check.covariates.items())
    return f"{model.id}-{check.parameter}({given})"


@pytest.mark.parametrize("case", list(checks()), ids=name_of)
def test_typical_parameter_is_the_published_one(case: tuple[PkModel, Published]) -> None:
    model, check = case
    unknown = set(check.covariates) - {item.name for item in model.covariates}
    assert not unknown, f"{model.id}: published names {sorted(unknown)}, which are no covariates of the model"
    found = typical(model, check.covariates)[check.parameter]
    assert found == pytest.approx(check.value, rel=check.tolerance)


@pytest.mark.parametrize("model", list(shipped().values()), ids=lambda model: model.id)
def test_model_is_checked_at_two_points_at_least(model: PkModel) -> None:
    assert len(model.published) >= 2, f"{model.id}: write two published values or more"
    assert all(bool(check.parameter) != bool(check.output) for check in model.published)
    assert all(0 < check.tolerance <= 0.05 for check in model.published)


@pytest.mark.parametrize("model", list(shipped().values()), ids=lambda model: model.id)
def test_variances_and_residuals_are_those_of_a_distribution(model: PkModel) -> None:
    numbers = {number.name: number.value for number in model.numbers}
    variance = {effect.name: float(parse(effect.variance).evaluate(numbers)) for effect in model.effects}
    assert all(0 < value < 5 for value in variance.values()), variance
    for item in model.covariances:
        first, second = item.between
        bound = math.sqrt(variance[first] * variance[second])
        assert abs(float(parse(item.covariance).evaluate(numbers))) < bound, item.between
    for output in model.outputs:
        for text in (output.residual.additive, output.residual.proportional):
            names = parse(text).names if text else frozenset()
            assert not text or not names <= set(numbers) or float(parse(text).evaluate(numbers)) > 0, text
