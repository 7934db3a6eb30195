"""What must hold in response files beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, nearest
from nof1.knowledge.outcomes import Expected, Outcome, ReactionScale, Responses
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import Problem
from nof1.units.convert import convert


def check(known: Responses, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    """Tell every breach in ``known``."""
    for outcome in known.outcomes.values():
        _check_outcome(outcome, sources, care, problem)
    for row in known.expected:
        _check_expected(row, known, sources, care, problem)
    for scale in known.scales.values():
        _check_scale(scale, sources, problem)


def _check_outcome(row: Outcome, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    place = f"response outcome {row.id}"
    _check_cited(row.source, row.checked, sources, place, problem)
    if row.id not in care.measurements:
        problem(f"{place}: is no measurement of terms/; {nearest(row.id, care.measurements)}add it there")
    for value, source, name in (
        (row.important, row.important_source, "important"),
        (row.remission, row.remission_source, "remission"),
    ):
        if value is not None and source:
            check_source(source, sources, place, problem)
        elif value is not None:
            problem(f"{place}: {name} {value} without {name}_source; say who says so")
    if row.important is not None and row.important <= 0:
        problem(f"{place}: important {row.important}; write a size above 0")
    _check_drugs(row.level_of, care, place, problem)


def _check_expected(row: Expected, known: Responses, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    place = f"response expected {row.id}"
    check_id(row.id, place, problem)
    _check_cited(row.source, row.checked, sources, place, problem)
    check_source(row.when_source, sources, place, problem)
    outcome = known.outcomes.get(row.outcome)
    if outcome is None:
        problem(f"{place}: outcome {row.outcome!r} is none of response/; {nearest(row.outcome, known.outcomes)}add it")
    elif outcome.scale == "log" and not row.relative and _sizes(row):
        problem(f"{place}: sizes must be relative, since changes of {row.outcome} are ratios")
    _check_drugs(row.drugs, care, place, problem)
    for name in row.classes:
        if care.classes and name not in care.classes:
            problem(f"{place}: {name!r} is no class of terms/; {nearest(name, care.classes)}add it there")
    if not row.drugs and not row.classes:
        problem(f"{place}: names neither drugs nor classes; say on what")
    if row.from_days < 0:
        problem(f"{place}: from_days {row.from_days}; write days, 0 or more")
    _check_sizes(row, sources, place, problem)
    _check_daily(row, place, problem)


def _sizes(row: Expected) -> list[float]:
    values = (row.mean, *row.mean_interval, row.least, row.most, row.response, row.partial)
    return [value for value in values if value is not None]


def _check_sizes(row: Expected, sources: dict[str, Source], place: str, problem: Problem) -> None:
    if any(value <= 0 for value in _sizes(row)):
        problem(f"{place}: sizes have no sign and are above 0; the direction says where it goes")
    for name, pair in (("mean_interval", row.mean_interval), ("daily_dose", row.daily_dose)):
        if pair and not (len(pair) == 2 and pair[0] <= pair[1]):
            problem(f"{place}: {name} {pair}; write [low, high]")
    if row.least is not None and row.most is not None and row.least > row.most:
        problem(f"{place}: least {row.least} is above most {row.most}")
    if row.response is not None:
        check_source(row.response_source, sources, place, problem)
        if row.partial is not None and row.partial >= row.response:
            problem(f"{place}: partial {row.partial} is not below response {row.response}")
    elif row.partial is not None:
        problem(f"{place}: partial without response; write both")


def _check_daily(row: Expected, place: str, problem: Problem) -> None:
    if bool(row.daily_dose) != bool(row.dose_unit):
        problem(f"{place}: daily_dose and dose_unit go together")
    if row.dose_unit:
        try:
            convert(1.0, row.dose_unit, row.dose_unit)
        except UnitError as error:
            problem(f"{place}: dose_unit {row.dose_unit!r} ({error}); write a UCUM unit")


def _check_scale(row: ReactionScale, sources: dict[str, Source], problem: Problem) -> None:
    place = f"response scale {row.id}"
    check_id(row.id, place, problem)
    _check_cited(row.source, row.checked, sources, place, problem)
    check_source(row.recovered_source, sources, place, problem)
    names = [question.id for question in row.questions]
    if len(set(names)) != len(names) or not names:
        problem(f"{place}: questions need ids that differ, and there must be one")
    least = [band.least for band in row.bands]
    numbers = [value for value in least if value is not None]
    if not least or least[-1] is not None or numbers != sorted(numbers, reverse=True) or len(numbers) != len(least) - 1:
        problem(f"{place}: bands go from the highest score to the lowest, and the last has no least")
    if not 0 < row.recovered <= 1:
        problem(f"{place}: recovered {row.recovered}; write a share of 1")


def _check_cited(source: str, checked: str, sources: dict[str, Source], place: str, problem: Problem) -> None:
    check_source(source, sources, place, problem)
    check_date(checked, place, problem)


def _check_drugs(names: list[str], care: Care, place: str, problem: Problem) -> None:
    for name in names:
        if care.drugs and name not in care.drugs:
            problem(f"{place}: {name!r} is no drug of terms/drugs; {nearest(name, care.drugs)}add it there")
