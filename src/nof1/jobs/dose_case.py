"""A history file as the question that models answer: everything in the units of models and terms, or refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nof1.assessment.assess import known_drug, known_drugs
from nof1.decision.library import Library
from nof1.errors import InputError, NotInKnowledge, UnitError
from nof1.jobs.dose_clock import Clock
from nof1.jobs.dose_history import DoseHistory, GivenDose, Measured, MeasuredLevel, series
from nof1.knowledge.care import MeasurementTerm
from nof1.knowledge.dosing import MIC_UNIT
from nof1.knowledge.kinetics import Output, PkModel
from nof1.response.case import Case, Series
from nof1.response.history import Dose, Level
from nof1.units.convert import convert
from nof1.units.spoken import tolerant

SEXES = ("female", "male")
_OLDEST = 130.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a history is read with: the knowledge by drug, the ``drug`` asked about, its ``models``, the clock."""

    shelf: Library
    drug: str
    models: Sequence[PkModel]
    clock: Clock

    @property
    def dose_unit(self) -> str:
        """The unit of amounts."""
        return self.models[0].dose_unit


def case_of_history(file: DoseHistory, how: Reading) -> Case:
    """The case that ``file`` tells, without genes; raises ``InputError`` for what cannot be."""
    asked = known_drug(how.shelf, file.drug)
    if asked != how.drug:
        raise InputError(f"the history is about {asked}, asked is {how.drug}; ask about {asked}, or give another history")
    now = how.clock.hours(file.now, "now")
    doses = tuple(_dose(item, f"dose {n}", how) for n, item in enumerate(file.doses, 1))
    levels = tuple(_level(item, f"level {n}", how) for n, item in enumerate(file.levels, 1))
    begin = min([now, *(dose.time for dose in doses)])
    facts, undated = _facts(file, how, begin, now)
    drugs = None if file.drugs is None else frozenset(known for name in file.drugs for known in known_drugs(how.shelf, name))
    return Case(
        drug=how.drug,
        doses=doses,
        levels=levels,
        now=now,
        facts=facts,
        given={name: _given(name, series(value), how, begin, now) for name, value in file.covariates.items()},
        drugs=drugs,
        classes=frozenset(name for drug in drugs or () for name in how.shelf.classes.get(drug, ())),
        states={name: float(holds) for name, holds in _states(file, how)},
        occasions=tuple(sorted(how.clock.hours(time, "an occasion") for time in file.occasions)),
        mic=_converted(file.mic, "mic", MIC_UNIT) if file.mic else None,
        undated=undated,
        told={name: float(value) if isinstance(value, bool) else value for name, value in file.starting.items()},
    )


def _dose(item: GivenDose, place: str, how: Reading) -> Dose:
    if item.count < 1:
        raise InputError(f"{place} is given {item.count} times; write 1 or more")
    if item.count > 1 and not item.every_hours > 0:
        raise InputError(f"{place} is given {item.count} times every {item.every_hours:g} h; write hours above 0")
    if not item.amount > 0:
        raise InputError(f"{place} is {item.amount:g} {item.unit}; a dose is more than 0: correct or remove it")
    return Dose(
        how.clock.hours(item.time, f"the time of {place}"),
        _in_unit(item.amount, item.unit, how.dose_unit, place, _molar_mass(how, how.models[0].outputs[0])),
        item.route.strip().lower(),
        item.infusion_hours,
        item.every_hours,
        item.count - 1,
        item.steady_state,
    )


def _level(item: MeasuredLevel, place: str, how: Reading) -> Level:
    name = _output(item.of, place, how)
    output = next(
        found for model in how.models for found in model.outputs if name in ("", found.name)
    )  # the first of the first model where it has no name
    if not item.value >= 0:
        raise InputError(f"{place} is {item.value:g} {item.unit}; a level is 0 or more: correct or remove it")
    value = _in_unit(item.value, item.unit, output.unit, place, _molar_mass(how, output))
    return Level(how.clock.hours(item.time, f"the time of {place}"), value, name, item.limit)


def _output(of: str, place: str, how: Reading) -> str:
    """The model's name of what was measured; empty for the drug itself. Refuses the level of another drug by its name."""
    firsts = {model.outputs[0].name for model in how.models}
    others = {output.name for model in how.models for output in model.outputs}
    wanted = of.strip()
    if not wanted or firsts == {wanted}:
        return ""
    if wanted in others:
        return wanted
    try:
        drug = known_drug(how.shelf, wanted)
    except NotInKnowledge:
        known = ", ".join([how.drug, *sorted(others)])
        raise InputError(f"{place} is of {wanted!r}; what levels can be of here: {known}") from None
    if drug != how.drug:
        raise InputError(f"{place} is a level of {drug}, asked is {how.drug}; remove it, or ask about {drug}")
    return ""


def _molar_mass(how: Reading, output: Output) -> float | None:
    term = how.shelf.known.care.measurements.get(output.term)
    return term.molar_mass if term else None


def _facts(file: DoseHistory, how: Reading, begin: float, now: float) -> tuple[dict[str, Series], frozenset[str]]:
    """Facts by name, in the units of their terms, and those without a time."""
    found: dict[str, Series] = {}
    undated = set()
    for name, value in file.patient.items():
        if name == "sex":
            found |= {sex: ((begin, float(sex == value)),) for sex in SEXES} if _is_sex(value) else {}
            continue
        unit, term = _term(name, how)
        if isinstance(value, str) or not series(value):
            raise InputError(f"patient {name} is {value!r}; write value, unit and, where it is known, time")
        found[name] = _series(name, series(value), unit, how, begin, now, term)
        if any(item.time is None for item in series(value)):
            undated.add(name)
    return found, frozenset(undated - {"age"})


def _is_sex(value: object) -> bool:
    if value not in SEXES:
        raise InputError(f"patient sex is {value!r}; write {' or '.join(SEXES)}, or leave it out")
    return True


def _term(name: str, how: Reading) -> tuple[str, MeasurementTerm | None]:
    """The unit that a fact is kept in, and its term; ``InputError`` for a fact nobody knows."""
    care = how.shelf.known.care
    if name == "age":
        return "a", None
    if name in care.measurements:
        return care.measurements[name].unit, care.measurements[name]
    computed = {item.gives: item.unit for item in (care.policy.equations if care.policy else ())}
    if name in computed:
        return computed[name], None
    raise InputError(f"patient {name!r} is no known fact{_near(name, ['age', 'sex', *care.measurements, *computed])}")


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name.lower(), list(known), 3, 0.6)
    return f"; did you mean {', '.join(close)}?" if close else "; see nof1 knowledge list facts"


def _states(file: DoseHistory, how: Reading) -> Iterable[tuple[str, bool]]:
    for name, holds in file.states.items():
        if name not in how.shelf.known.care.conditions:
            raise InputError(f"states {name!r} is no known condition{_near(name, how.shelf.known.care.conditions)}")
        yield name, holds


def _given(name: str, values: list[Measured], how: Reading, begin: float, now: float) -> Series:
    """A covariate by hand, in the unit of the models that have it."""
    units = {item.unit: model.id for model in how.models for item in model.covariates if item.name == name}
    if not units:
        known = sorted({item.name for model in how.models for item in model.covariates})
        raise InputError(f"covariates {name!r} is of none of the models{_near(name, known)}")
    if len(units) > 1:
        raise InputError(
            f"covariates {name!r} has the units {', '.join(units)} in different models; choose one with --model"
        )
    return _series(name, values, next(iter(units)), how, begin, now, None)


def _series(
    name: str, values: list[Measured], unit: str, how: Reading, begin: float, now: float, term: MeasurementTerm | None
) -> Series:
    """Values of ``name`` in ``unit``, in order of time; one without a time holds from the beginning."""
    if len(values) > 1 and any(item.time is None for item in values):
        raise InputError(f"{name} stands {len(values)} times; write the time of each")
    found = []
    for item in values:
        time = begin if item.time is None else how.clock.hours(item.time, f"the time of {name}")
        if time > now:
            raise InputError(f"{name} at {how.clock.written(time)} lies after now; correct its time, or now")
        value = _converted(item, name, unit, term)
        _check_believable(name, value, item, unit, term)
        found.append((time, value))
    return tuple(sorted(found))


def _check_believable(name: str, value: float, item: Measured, unit: str, term: MeasurementTerm | None) -> None:
    limits = term.plausible if term and term.plausible else [0.0, _OLDEST] if name == "age" else []
    if limits and not limits[0] <= value <= limits[1]:
        low, high = limits
        raise InputError(f"{name} is {item.value:g} {item.unit}; believable are {low:g} to {high:g} {unit}: correct it")


def _converted(item: Measured, name: str, unit: str, term: MeasurementTerm | None = None) -> float:
    if not term:
        return _in_unit(item.value, item.unit, unit, name)
    return _in_unit(item.value, item.unit, unit, name, term.molar_mass, term.charge)


def _in_unit(
    value: float, unit: str, target: str, place: str, molar_mass: float | None = None, charge: int | None = None
) -> float:
    if not unit.strip():
        raise InputError(f"{place} is {value:g} without a unit; write it, as in {target}")
    try:
        return convert(value, tolerant(unit)[0], target, molar_mass, charge)
    except UnitError as error:
        raise InputError(f"{place} is {value:g} {unit}: {error}") from error
