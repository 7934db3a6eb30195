"""What is said of a person's risks by published equations and scores: the nouns of the assessment's section ``risks``.

A value is a risk (0 to 1), points or an index, as ``measure`` says. Inputs, reasons and sources travel with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class RiskInputUsed:
    """An input as it was used. ``value``: in ``unit``, or a choice's code; ``low``, ``high``: where only a range is known.

    ``basis``: ``record`` or ``given`` (by hand). ``when``: the day of the fact, ISO; ``place``: where in the record.
    ``is_old``: older than the knowledge lets it count as new. ``shown``: for readers.
    """

    name: str
    title: str
    value: float | str
    unit: str
    shown: str
    basis: str
    when: str = ""
    place: str = ""
    is_old: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class RiskMissing:
    """An input that is not known. ``handled``: ``bounds``, ``own`` (there is a coefficient for it), ``ask``, ``ignore``.

    ``reason``: why, as the record or its reader says.
    """

    name: str
    title: str
    unit: str
    handled: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RiskContribution:
    """How much an input ``adds`` to the value against the reference profile, its value there being ``reference``."""

    name: str
    title: str
    shown: str
    reference: str
    adds: float


@dataclass(frozen=True, slots=True)
class RiskSupposed:
    """The value if something were different; ``low`` and ``high`` where inputs are not known. ``change``: of the value.

    None of them: the equation was not made for such a person, and ``says`` why.
    """

    id: str
    title: str
    says: str
    source: str
    value: float | None
    change: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class RiskReason:
    """Why a value is not given; ``needs``: names of inputs that would lift it."""

    says: str
    source: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskEstimate:
    """One outcome within ``years`` (0: none): ``value``, else ``low`` and ``high`` by what is not known, or ``refused``.

    ``settles``: by input not known, the widest interval that could remain if it were known. ``reference``: the value of the
    reference profile, of the same age and sex, that ``contributions`` add up from; both absent where an input is not known.
    ``category``: as ``category_source`` names the range the value lies in.
    """

    outcome: str
    title: str
    years: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    category: str = ""
    category_source: str = ""
    refused: tuple[RiskReason, ...] = ()
    settles: dict[str, float] = field(default_factory=dict)
    reference: float | None = None
    contributions: tuple[RiskContribution, ...] = ()
    supposed: tuple[RiskSupposed, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskFinding:
    """What one equation says of a person. ``standing``: ``computed``, ``bounded`` or ``refused`` (nothing of it is given).

    ``measure``: ``risk``, ``points`` or ``index``, in ``unit``. ``status``: how far the equation's numbers were checked.
    ``notes``: what to know of the equation and of this use of it. ``sources``: every reference, ``id#place``.
    """

    equation: str
    title: str
    family: str
    population: str
    measure: str
    unit: str
    status: str
    source: str
    standing: str
    estimates: tuple[RiskEstimate, ...]
    inputs: tuple[RiskInputUsed, ...] = ()
    missing: tuple[RiskMissing, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Risks:
    """The answer of ``nof1 risk``: ``findings`` of one person, and ``sources`` by id, with what each is cited for."""

    schema_version: str
    created: str
    software: str
    knowledge_edition: str
    knowledge_date: str
    disclaimer: str
    person: str
    findings: tuple[RiskFinding, ...]
    notes: tuple[str, ...] = ()
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
