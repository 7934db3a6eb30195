"""What a search proposes: exposures against a plain simulation, ceilings never passed, and what forbids a draft."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.dosing import Ceiling, Target
from nof1.response import described
from nof1.response.answer import Wishes, answer
from nof1.response.case import Case
from nof1.response.covariates import fitting
from nof1.response.exposure import exposures
from nof1.response.fit import Fit, fit, followed
from nof1.response.history import Dose, Level
from nof1.response.regimens import SLACK, Regimen, breaks, offer
from nof1.response.search import options
from nof1.response.targets import aim, is_inside, utility

KNOWN = knowledge()
MODEL = KNOWN.kinetics.models["vancomycin-thomson-2009"]
DOSING = KNOWN.kinetics.dosing["vancomycin"]
CASE = Case(
    "vancomycin",
    (Dose(0, 1250, "intravenous", 1.5, 12, 4),),
    (Level(35.5, 14.2), Level(49.5, 31.0)),
    60.0,
    facts={
        "age": ((0, 62.0),),
        "female": ((0, 0.0),),
        "male": ((0, 1.0),),
        "weight": ((40, 82.0),),
        "height": ((0, 176.0),),
        "creatinine": ((50, 1.2),),
    },
    states={"dialysis": 0.0},
)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(MODEL, fitting(MODEL, CASE, KNOWN.care), np.random.default_rng(5), 1500)


def target(measure: str, **more: float) -> Target:
    fields = {"low": 10.0, "high": 20.0, **more}
    return Target(
        "t", "t", measure, "mg.h/L" if measure == "auc24" else "mg/L", "s#p", "provisional", "2026-11-26", **fields
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "regimen", [Regimen("intravenous", 750, 12, 1.5), Regimen("intravenous", 1500, 24, 2), Regimen("intravenous", 500, 8, 1)]
)
def test_steady_state_is_what_many_doses_lead_to(fitted: Fit, regimen: Regimen) -> None:
    """Each dose followed by itself for 40 days, the area by Simpson's rule; no closed form of a steady state is used."""
    aimed = aim(target("auc24"), CASE, "mg/L")
    found = exposures(fitted, [regimen], aimed, CASE.now)
    count = int(24 * 40 / regimen.interval)
    doses = (Dose(CASE.now, regimen.amount, "intravenous", regimen.duration, regimen.interval, count - 1),)
    last = CASE.now + (count - 1) * regimen.interval
    times = np.unique(np.concatenate([last + np.linspace(0, regimen.interval, 241), [last + regimen.duration]]))
    chosen = np.minimum(
        np.searchsorted(np.cumsum(fitted.posterior.weights), (np.arange(1000) + 0.5) / 1000),
        len(fitted.posterior.weights) - 1,
    )
    levels = followed(fitted, fitted.posterior.etas[chosen], times, doses).value[0]
    area = np.trapezoid(levels, times, axis=1) / regimen.interval * 24
    settled = np.abs(levels[:, -1] / levels[:, 0] - 1) < 1e-6  # others fill a deep compartment for months
    assert settled.mean() > 0.5
    np.testing.assert_allclose(found.steady[0][settled], area[settled], rtol=2e-3)
    np.testing.assert_allclose(found.trough[0][settled], levels[settled, -1], rtol=1e-4)
    np.testing.assert_allclose(found.peak[0][settled], levels[settled].max(axis=1), rtol=1e-4)


def test_the_first_day_holds_what_the_history_left(fitted: Fit) -> None:
    regimen = Regimen("intravenous", 1000, 12, 1.5)
    found = exposures(fitted, [regimen], aim(target("auc24"), CASE, "mg/L"), CASE.now)
    doses = (Dose(CASE.now, 1000, "intravenous", 1.5, 12, 1),)
    times = CASE.now + np.linspace(0, 24, 961)
    chosen = np.minimum(
        np.searchsorted(np.cumsum(fitted.posterior.weights), (np.arange(1000) + 0.5) / 1000),
        len(fitted.posterior.weights) - 1,
    )
    levels = followed(fitted, fitted.posterior.etas[chosen], times, doses).value[0]
    np.testing.assert_allclose(found.first[0], np.trapezoid(levels, times, axis=1), rtol=3e-3)


def test_chances_add_up_and_follow_the_dose(fitted: Fit) -> None:
    regimens = [Regimen("intravenous", amount, 12, 1.5) for amount in (250.0, 500, 750, 1000, 1500, 2000)]
    aimed = aim(DOSING.targets[0], CASE, "mg/L")
    found = sorted(options([(fitted, 1.0)], regimens, aimed, CASE.now), key=lambda option: option.regimen.amount)
    for option in found:
        assert option.in_target + option.below + option.above == pytest.approx(1)
        assert option.exposure.low < option.exposure.middle < option.exposure.high
    assert [option.below for option in found] == sorted((option.below for option in found), reverse=True)
    assert [option.toxic for option in found] == sorted(option.toxic for option in found)
    assert found[5].exposure.middle == pytest.approx(8 * found[0].exposure.middle)


def test_two_models_are_mixed_by_their_weights(fitted: Fit) -> None:
    other = KNOWN.kinetics.models["vancomycin-goti-2018"]
    second = fit(other, fitting(other, CASE, KNOWN.care), np.random.default_rng(6), 1500)
    regimen, aimed = [Regimen("intravenous", 750, 12, 1.5)], aim(DOSING.targets[0], CASE, "mg/L")
    one, two, both = (
        options(fits, regimen, aimed, CASE.now)[0]
        for fits in ([(fitted, 1.0)], [(second, 1.0)], [(fitted, 0.3), (second, 0.7)])
    )
    assert both.in_target == pytest.approx(0.3 * one.in_target + 0.7 * two.in_target)
    assert both.toxic == pytest.approx(0.3 * one.toxic + 0.7 * two.toxic)


def test_the_curve_is_of_the_mixture(fitted: Fit) -> None:
    """At every hour as many draws of the mixture lie below its median as above, each model with its weight."""
    other = KNOWN.kinetics.models["vancomycin-goti-2018"]
    second = fit(other, fitting(other, CASE, KNOWN.care), np.random.default_rng(6), 1500)
    weighted = [(fitted, 0.3), (second, 0.7)]
    found = described.curve(CASE, weighted, None)
    assert found.model == other.id
    assert found.models == pytest.approx({MODEL.id: 0.3, other.id: 0.7})
    one, two = (followed(item, item.posterior.etas, found.times).value[0] for item, _ in weighted)
    below = 0.3 * (fitted.posterior.weights @ (one <= found.afterwards[1])) + 0.7 * (
        second.posterior.weights @ (two <= found.afterwards[1])
    )
    np.testing.assert_allclose(below[5:], 0.5, atol=0.06)
    alone = described.curve(CASE, [(second, 1.0)], None)
    assert np.abs(alone.afterwards[1] - found.afterwards[1]).max() > 0.2
    (early, _), (early_alone, _) = described.levels(weighted), described.levels([(second, 1.0)])
    assert early.afterwards != early_alone.afterwards
    assert (early.model, early.unlikely) == (other.id, early_alone.unlikely)


@settings(max_examples=60, deadline=None)
@given(
    weight=st.floats(35, 200),
    kind=st.sampled_from(["single", "daily", "rate"]),
    value=st.floats(1, 5000),
    per_kg=st.booleans(),
)
def test_no_offer_passes_a_ceiling(weight: float, kind: str, value: float, per_kg: bool) -> None:
    """Not those of the file and not one more, whatever it says."""
    one = Ceiling(kind, value / (50 if per_kg else 1), "mg", "s#p", "provisional", "2026-11-26", per_kg=per_kg)  # type: ignore[arg-type]
    file = replace_struct(DOSING, ceilings=[*DOSING.ceilings, one])
    found = offer(file, ["intravenous"], "mg", {"weight": weight, "age": 50.0})
    most = one.value * (weight if per_kg else 1)
    for regimen in found.regimens:
        assert not breaks(regimen, found.ceilings, "mg", {"weight": weight, "age": 50.0})
        reached = {"single": regimen.amount, "daily": regimen.amount * 24 / regimen.interval}.get(
            kind, regimen.amount / regimen.duration
        )
        assert reached <= most * SLACK * SLACK


def replace_struct(struct: object, **changes: object) -> object:
    import msgspec

    return msgspec.structs.replace(struct, **changes)


def test_the_utility_prefers_the_nearer_miss_and_shuns_harm() -> None:
    aimed = aim(target("auc24", low=400.0, high=600.0, toxic=700.0), CASE, "mg/L")
    worth = utility(aimed, np.array([200.0, 300.0, 390.0, 400.0, 600.0, 650.0, 700.0, 701.0]))
    assert worth[3] == worth[4] == 1
    assert worth[0] == 0 < worth[1] < worth[2] < 1
    assert worth[5] < 1
    assert worth[7] < worth[6] - 0.9
    assert is_inside(aimed, np.array([399.9, 400.0, 600.0, 600.1])).tolist() == [False, True, True, False]


def ask(case: Case, **wishes: object):
    models = [KNOWN.kinetics.models[name] for name in ("vancomycin-thomson-2009", "vancomycin-shen-2024")]
    return answer(case, models, DOSING, KNOWN.care, np.random.default_rng(1), Wishes(draws=800, **wishes))  # type: ignore[arg-type]


def test_a_model_of_other_people_is_refused_by_name() -> None:
    found = ask(CASE)
    assert [item.id for item in found.models] == ["vancomycin-thomson-2009"]
    assert any("age 62 a" in item.text for item in found.refused["vancomycin-shen-2024"])


def test_no_draft_without_recent_facts() -> None:
    old = replace(CASE, facts={**CASE.facts, "creatinine": ((0, 1.2),), "weight": ((0, 82.0),)}, now=24.0 * 30)
    found = ask(old)
    assert found.draft is None
    assert "creatinine is 30.0 days old; it is needed within 2 days" in found.blocked
    missing = replace(CASE, facts={name: value for name, value in CASE.facts.items() if name != "creatinine"})
    found = ask(missing)
    assert found.draft is None and not found.options
    assert "no model holds for this patient" in found.blocked


def test_no_draft_from_an_implausible_level() -> None:
    strange = replace(CASE, levels=(Level(35.5, 142.0),))
    found = ask(strange)
    assert found.draft is None
    assert any("142 at 35.5 h is implausible" in reason for reason in found.blocked)
    assert found.levels[0].unlikely < 0.001


def test_without_levels_the_population_answers() -> None:
    found = ask(replace(CASE, levels=()))
    assert found.models[0].method == "prior"
    assert found.options and found.options[0].exposure.high / found.options[0].exposure.low > 2


def test_an_answer_is_the_same_every_time() -> None:
    first, second = ask(CASE), ask(CASE)
    assert first.options == second.options
    assert [item.regimen for item in first.options] == [item.regimen for item in second.options]


def test_no_draft_in_a_state_that_the_model_does_not_know() -> None:
    """Pregnancy changes volumes and clearance; the model was not made from pregnant people."""
    found = ask(replace(CASE, states={**CASE.states, "pregnancy": 1.0}))
    assert found.options and found.draft is None
    assert any(text.startswith(KNOWN.care.conditions["pregnancy"].title) for text in found.blocked)
    assert not any("pregnan" in text for text in ask(CASE).blocked)
