"""``nof1.risks``: risks of one person by published equations, from the record and what is given by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from nof1.assessment.assess import DISCLAIMER
from nof1.assessment.cited import shown
from nof1.errors import NotInKnowledge, RequestError
from nof1.jobs.records import person_record
from nof1.jobs.risk_given import by_hand, check_names, read_input
from nof1.jobs.risk_record import chart, used
from nof1.jobs.software import software
from nof1.knowledge.check_rules import nearest
from nof1.knowledge.compiled import knowledge as shipped
from nof1.knowledge.risk_equations import RiskEquation
from nof1.knowledge.schema import Knowledge
from nof1.model.evidence import SourceRef
from nof1.model.record import Record
from nof1.model.risks import SCHEMA_VERSION, RiskFinding, RiskInputUsed, Risks
from nof1.risk.finding import Asked, finding

ALL = "all"
_LARGEST = 1_000_000  # bytes of a file of inputs
_STANDINGS = ("computed", "bounded", "refused")


def risks(
    equation: str = ALL,
    *,
    record: Sequence[Path | str] | Path | str | None = None,
    inputs: Mapping[str, Any] | Path | str | None = None,
    suppose: Mapping[str, Any] | None = None,
    patient: str = "",
    today: date | None = None,
    knowledge: Knowledge | None = None,
) -> Risks:
    """Risks of one person by one equation, the variants of a family, or all.

    ``record``: FHIR R4 files of the person; ``inputs``: by name, or a JSON file of the same, which win over the record;
    numbers with a unit other than years are "5.2 mmol/L" or value and unit. ``suppose``: inputs as they might be, for one
    more what-if. Raises ``InputError`` for what cannot be read, is not known or cannot be; a person outside what an equation
    was made for is no error: the finding is refused, with its reason.
    """
    known, day = knowledge or shipped(), today or date.today()
    chosen = chosen_equations(known, equation)
    given = _inputs(inputs)
    found = person_record(known, record, day, patient) if record else None
    if found is None and not given:
        raise RequestError("risk: nothing is given; give a health record with --record, or inputs with --inputs")
    if found is not None and _is_dead(found):
        when = f"died on {found.died}" if found.died else "has died"
        raise RequestError(f"risk: the person {when} (the record says so); there is nothing to foretell")
    findings = risks_of(known, found, day, chosen, given, suppose or {})
    if equation in known.risks:
        _check_given(findings[0])
    return _answer(known, day, found, findings, chosen)


def risks_of(
    known: Knowledge,
    record: Record | None,
    today: date,
    equations: Sequence[RiskEquation] | None = None,
    given: Mapping[str, Any] | None = None,
    suppose: Mapping[str, Any] | None = None,
    *,
    is_brief: bool = False,
) -> tuple[RiskFinding, ...]:
    """Findings by ``equations`` (without them all), of each family the variant that uses most of what is known.

    Those that are computed come first, then bounds, then what was refused. Nothing is said of a person who has died.
    ``is_brief``: without contributions and what-ifs.
    """
    if record is not None and _is_dead(record):
        return ()
    wanted = list(known.risks.values()) if equations is None else list(equations)
    hand = by_hand(known, wanted, given or {})
    _check_supposed(wanted, suppose or {})
    about = chart(known, record, today) if record is not None else None
    best: dict[str, RiskFinding] = {}
    for one in wanted:
        told, reasons = used(one, about) if about is not None else ({}, {})
        mine, notes = hand[one.id]
        supposed = _supposed(known, one, suppose or {})
        made = finding(one, Asked({**told, **mine}, reasons, supposed, notes, is_brief))
        if made.family not in best or _fit(one, made) > _fit(known_equation(wanted, best[made.family]), best[made.family]):
            best[made.family] = made
    return tuple(sorted(best.values(), key=lambda made: (_STANDINGS.index(made.standing), made.equation)))


def _is_dead(record: Record) -> bool:
    """Whether the record says that the person has died, also without a day, or with one that cannot be."""
    return record.died is not None or bool(record.details.get("is_dead"))


def known_equation(equations: Sequence[RiskEquation], made: RiskFinding) -> RiskEquation:
    """The equation of a finding."""
    return next(one for one in equations if one.id == made.equation)


def _fit(equation: RiskEquation, made: RiskFinding) -> tuple[int, int, int, int]:
    """How well a variant uses what is known: computed before bounds, optional inputs known, few of them not known."""
    optional = {item.name for item in equation.inputs if item.unknown == "own"}
    has = {item.name for item in made.inputs}
    return -_STANDINGS.index(made.standing), len(optional & has), -len(optional - has), len(has)


def chosen_equations(known: Knowledge, name: str) -> list[RiskEquation]:
    """The equation of that id, those of that family, or all; ``NotInKnowledge`` for none."""
    wanted = name.strip().lower()
    if wanted == ALL:
        return list(known.risks.values())
    if wanted in known.risks:
        return [known.risks[wanted]]
    family = [equation for equation in known.risks.values() if equation.family == wanted]
    if not family:
        names = sorted({*known.risks, *(equation.family for equation in known.risks.values())})
        raise NotInKnowledge(f"risk: no equation {name!r}; {nearest(name, names)}known are all, {', '.join(names)}")
    return family


def _inputs(inputs: Mapping[str, Any] | Path | str | None) -> dict[str, Any]:
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        return dict(inputs)
    path = Path(inputs)
    try:
        if path.stat().st_size > _LARGEST:
            raise RequestError(f"--inputs {str(path)!r}: more than {_LARGEST:,} bytes; give a JSON object of inputs")
        read = json.loads(path.read_bytes(), object_pairs_hook=_once, parse_constant=_no_number)
    except OSError as error:
        raise RequestError(f"--inputs {str(path)!r}: cannot be read ({error.strerror}); name a JSON file") from error
    except RecursionError:
        raise RequestError(f"--inputs {str(path)!r}: is nested too deep; write an object such as {{}}") from None
    except ValueError as error:
        raise RequestError(f"--inputs {str(path)!r}: is no JSON ({error}); write an object such as {{}}") from error
    if not isinstance(read, dict):
        raise RequestError(f'--inputs {str(path)!r}: holds no object; write {{"age": 55, "sex": "female", ...}}')
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises ``ValueError`` for a name that stands twice, of which JSON keeps the last in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number; write null for what is not known")


def _supposed(known: Knowledge, equation: RiskEquation, suppose: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """One what-if of all that is supposed of inputs this equation has."""
    items = {item.name: item for item in equation.inputs if item.kind != "choice"}
    read = {name: read_input(known, equation, items[name], value) for name, value in suppose.items() if name in items}
    sets = {name: one for name, one in read.items() if one is not None}
    if not sets:
        return {}
    title = "if " + " and ".join(f"{one.title} were {one.shown}" for one in sets.values())
    return {title: {name: _float(one) for name, one in sets.items()}}


def _check_supposed(equations: Sequence[RiskEquation], suppose: Mapping[str, Any]) -> None:
    """Refuse what cannot be supposed by name: an input nobody has, or a choice."""
    check_names(equations, suppose)
    chosen = {item.name for equation in equations for item in equation.inputs if item.kind == "choice"}
    for name in sorted(chosen & set(suppose)):
        raise RequestError(f"risk: --if {name}: is a choice; give it with --inputs and compare the two answers")


def _float(one: RiskInputUsed) -> float:
    return float(one.value)


def _check_given(made: RiskFinding) -> None:
    """One equation was asked for and nobody told what it cannot do without."""
    reasons = [reason for one in made.estimates for reason in one.refused if reason.needs]
    if made.standing == "refused" and reasons:
        names = dict.fromkeys(name for reason in reasons for name in reason.needs)
        why = {(item.name,): item.reason for item in made.missing if item.reason}
        said = (f"{one.says} ({why[one.needs]})" if one.needs in why else one.says for one in reasons)
        raise RequestError(f"risk: {made.equation}: {'; '.join(dict.fromkeys(said))}; give {', '.join(names)} with --inputs")


def _answer(
    known: Knowledge, day: date, record: Record | None, findings: tuple[RiskFinding, ...], chosen: Sequence[RiskEquation]
) -> Risks:
    names = dict.fromkeys(SourceRef.parse(text).source for made in findings for text in made.sources)
    left = sorted({equation.id for equation in chosen} - {made.equation for made in findings})
    notes = (f"variants that use less of what is known are left out: {', '.join(left)}",) if left else ()
    answer = Risks(
        SCHEMA_VERSION,
        day.isoformat(),
        software(),
        known.edition.digest,
        known.edition.date,
        DISCLAIMER,
        record.person if record else "",
        findings,
        notes,
    )
    return replace(answer, sources={name: shown(known, name) for name in names if name in known.sources})
