"""The vancomycin models against exposures that their papers print, and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Computed, Parameter, PkModel

ROBERTS = {"weight": 74.8, "age": 58.0}


def model(name: str) -> PkModel:
    return knowledge().kinetics.models[name]


def typical(chosen: PkModel, **covariates: float) -> dict[str, float]:
    values = {number.name: number.value for number in chosen.numbers}
    values |= {item.name: item.assumed for item in chosen.covariates if item.assumed is not None}
    values |= covariates | {effect.name: 0.0 for effect in chosen.effects}
    quantities: list[Computed | Parameter] = [*chosen.computed, *chosen.parameters]
    for quantity in quantities:
        values[quantity.name] = float(parse(quantity.formula).evaluate(values))
    return values


def area(clearance: float, volume: float, infusions: list[tuple[float, float, float]], end: float) -> float:
    """Area from 0 to ``end`` of one compartment: (what went in - what is still there) / clearance.

    ``infusions``: begin, end (h) and rate (mg/h).
    """
    k = clearance / volume
    given = remaining = 0.0
    for begin, stop, rate in infusions:
        length = min(stop, end) - begin
        given += rate * length
        remaining += rate / k * (1 - math.exp(-k * length)) * math.exp(-k * (end - begin - length))
    return (given - remaining) / clearance


def roberts_area(loading: float, hours: float, daily: float, crcl: float, begin: float, end: float) -> float:
    """The area that the paper simulates: ``loading`` mg/kg over ``hours``, then ``daily`` mg/kg a day without a break."""
    person = typical(model("vancomycin-roberts-2011"), crcl_urine=crcl, **ROBERTS)
    weight = ROBERTS["weight"]
    infusions = [(0.0, hours, loading * weight / hours), (hours, 48.0, daily * weight / 24)]
    upto = area(person["CL"], person["V"], infusions, end)
    return upto - (area(person["CL"], person["V"], infusions, begin) if begin else 0.0)


@pytest.mark.parametrize(
    ("loading", "hours", "printed"),
    [(5, 1, 245), (15, 1, 330), (20, 1.5, 370), (25, 2, 409), (30, 3, 442), (35, 3, 485), (40, 3, 532)],
)
def test_roberts_areas_by_loading_dose(loading: float, hours: float, printed: float) -> None:
    # Roberts 2011, results, Figure 2: area over the first day, 35 mg/kg a day, creatinine clearance 100
    assert roberts_area(loading, hours, 35, 100, 0, 24) == pytest.approx(printed, rel=0.05)


@pytest.mark.parametrize(("crcl", "printed"), [(50, 811), (100, 542), (150, 387), (200, 293), (250, 232)])
def test_roberts_areas_by_creatinine_clearance(crcl: float, printed: float) -> None:
    # Figure 3: area over the second day, loading dose 35 mg/kg
    assert roberts_area(35, 3, 35, crcl, 24, 48) == pytest.approx(printed, rel=0.05)


@pytest.mark.parametrize(("daily", "printed"), [(20, 362), (25, 419), (30, 475), (35, 532), (40, 589)])
def test_roberts_areas_by_daily_dose(daily: float, printed: float) -> None:
    # Figure 4: area over the second day, loading dose 35 mg/kg, creatinine clearance 100
    assert roberts_area(35, 3, daily, 100, 24, 48) == pytest.approx(printed, rel=0.05)


def test_colin_matures_and_declines_as_the_abstract_says() -> None:
    colin = model("vancomycin-colin-2019")
    at_half = typical(colin, age=0.0, gestation=46.4, weight=3.5, creatinine=0.4)
    assert at_half["mature"] == pytest.approx(0.5, abs=1e-9)
    old = typical(colin, age=61.6 - 40 / 52, weight=70.0, creatinine=0.9)
    assert old["decline"] == pytest.approx(0.5, abs=1e-9)


def test_goti_volume_of_both_compartments_is_the_printed_one() -> None:
    # Goti 2018, discussion: 1.4 L/kg without and 1.0 L/kg with haemodialysis (at 70 kg)
    common = {"age": 57.0, "female": 0.0, "weight": 70.0, "creatinine": 1.0}
    for dialysis, printed in ((0.0, 1.4), (1.0, 1.0)):
        person = typical(model("vancomycin-goti-2018"), dialysis=dialysis, **common)
        assert (person["V"] + person["V2"]) / 70 == pytest.approx(printed, abs=0.05)


def test_shen_is_above_le_2013_by_what_its_notes_say() -> None:
    # Le 2013, abstract: 0.248 W^0.75 (0.48 / creatinine)^0.361 (ln(age in days) / 7.8)^0.995 in children of 3 months and older
    age, weight, creatinine = 6.6, 22.7, 0.40
    le = 0.248 * weight**0.75 * (0.48 / creatinine) ** 0.361 * (math.log(age * 365) / 7.8) ** 0.995
    shen = typical(model("vancomycin-shen-2024"), age=age, female=0.0, weight=weight, creatinine=creatinine)["CL"]
    assert le == pytest.approx(2.75, abs=0.01)
    assert shen / le == pytest.approx(1.43, abs=0.01)


@pytest.mark.parametrize("name", ["vancomycin-goti-2018", "vancomycin-thomson-2009", "vancomycin-colin-2019"])
def test_adult_models_agree_within_what_people_differ(name: str) -> None:
    # 60 years, 75 kg, creatinine 1.0: creatinine clearance 83 mL/min
    person = {"age": 60.0, "female": 0.0, "weight": 75.0, "creatinine": 1.0, "dialysis": 0.0, "crcl": 83.3}
    chosen = model(name)
    given = {item.name: person[item.name] for item in chosen.covariates if item.name in person}
    assert 2.5 < typical(chosen, **given)["CL"] < 4.5


def test_hughes_covariances_are_those_of_a_distribution() -> None:
    chosen = model("vancomycin-hughes-2024")
    numbers = {number.name: number.value for number in chosen.numbers}
    names = [effect.name for effect in chosen.effects]
    omega = np.diag([float(parse(effect.variance).evaluate(numbers)) for effect in chosen.effects])
    for item in chosen.covariances:
        row, column = (names.index(name) for name in item.between)
        omega[row, column] = omega[column, row] = float(parse(item.covariance).evaluate(numbers))
    assert np.linalg.eigvalsh(omega).min() == pytest.approx(0.00187, abs=2e-5)  # as nlmixr2lib has it


def test_dosing_of_vancomycin_has_one_first_target_and_a_ceiling_of_each_kind() -> None:
    file = knowledge().kinetics.dosing["vancomycin"]
    first = [target for target in file.targets if target.first]
    assert [(target.low, target.high, target.toxic) for target in first] == [(400, 600, 600)]
    assert {ceiling.kind for ceiling in file.ceilings} == {"single", "daily", "rate"}
    rate = next(ceiling for ceiling in file.ceilings if ceiling.kind == "rate")
    assert rate.value / 60 == 10  # mg a minute
    assert all(regimen.infusions for regimen in file.regimens)
