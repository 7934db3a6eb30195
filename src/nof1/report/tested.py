"""What was tested and what was not, in sentences: assay, laboratory, identity, method, populations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nof1.model.findings import Assessment
from nof1.report.words import counted

_KINDS = {
    "variants_only": "variants only: nothing says what was looked at and found unchanged",
    "genotypes": "genotypes by position",
    "gvcf": "genotypes and reference blocks (gVCF)",
    "array": "array",
    "mixed": "arrays and other files",
}
_DECLARED = {
    "callable": "inside declared callable regions",
    "assay": "by the laboratory's list of positions",
    "absent": "because absence was declared to mean reference",
}


def first_line(assessment: Assessment) -> str:
    """What must be read before anything else; empty where nothing must."""
    return str(assessment.assay.get("headline") or "")


def alarms(assessment: Assessment) -> list[tuple[str, str]]:
    """A doubt about whose genome it is, and results to be confirmed: a title and a sentence each."""
    found = []
    identity = _identity(assessment)
    if identity.get("verdict") == "disagree":
        found.append(
            (
                "Whose genome is this?",
                f"Declared {identity.get('declared_sex')}, but X and Y show {identity.get('observed_sex')}"
                f"{_evidence(identity)}: the sample may be another person's. Settle this before using any result.",
            )
        )
    if confirm := str(assessment.assay.get("confirm") or ""):
        found.append(("To be confirmed.", confirm))
    return found


def facts(assessment: Assessment) -> list[tuple[str, str]]:
    """Name and text of everything known about the test, in reading order."""
    assay = assessment.assay
    shown = [
        *_counted(assay),
        *[(f"Laboratory: {name.replace('_', ' ')}", str(text)) for name, text in _object(assay, "laboratory").items()],
    ]
    if assay and not assay.get("laboratory"):
        shown.append(("Laboratory", "no declaration was given: method, coverage and limits of the test are not known"))
    if assay.get("confirm"):
        shown.append(("Confirm", str(assay["confirm"])))
    if identity := _identity(assessment):
        shown.append(("Identity", identity_line(identity)))
    return [*shown, *_asked(assessment)]


def _counted(assay: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "interrogated" not in assay:
        return []
    kind = str(assay.get("kind") or "")
    declared = {name: number for name, number in _object(assay, "declared_reference").items() if number}
    by = [f"{counted(number, 'position')} {_DECLARED.get(name, name)}" for name, number in declared.items()]
    return [
        ("Data", _KINDS.get(kind, kind.replace("_", " "))),
        ("Tested", f"{counted(assay['interrogated'], 'position')} with an answer"),
        ("Not tested", f"{counted(assay.get('not_interrogated', 0), 'position')} without one: unknown, not reference"),
        ("Reference by declaration", "; ".join(by) if by else "none"),
    ]


def identity_line(identity: Mapping[str, Any]) -> str:
    """The check of declared against observed sex in one sentence."""
    verdict = str(identity.get("verdict") or "")
    declared, observed = identity.get("declared_sex"), identity.get("observed_sex")
    if verdict == "not declared":
        return f"not checked: no sex was declared (X and Y: {observed})"
    if verdict == "agree":
        return f"declared {declared}, X and Y agree{_evidence(identity)}; this does not prove whose genome it is"
    if verdict == "disagree":
        return f"DISAGREES: declared {declared}, X and Y show {observed}{_evidence(identity)}"
    return f"declared {declared}, not checked: {verdict or 'no result'}"


def _evidence(identity: Mapping[str, Any]) -> str:
    shown = [
        f"{name.replace('_', ' ')} {value:,}"
        for name, value in _object(identity, "evidence").items()
        if isinstance(value, int) and not isinstance(value, bool) and value
    ]
    return f" ({', '.join(shown)})" if shown else ""


def _asked(assessment: Assessment) -> list[tuple[str, str]]:
    """Method and populations."""
    method = assessment.settings.get("method", "")
    codes = list(dict.fromkeys(code for call in assessment.genes for code in call.populations))
    shown = [("Method", method)] if method else []
    if not codes:
        return shown
    named = ", ".join(codes)
    if assessment.settings.get("population", "").startswith("none declared"):
        said = f"no population was declared: each of {named} was asked by itself; ranges are over them"
    elif len(codes) > 1:
        said = f"declared: {named}; each was asked by itself, ranges are over them"
    else:
        said = f"declared: {named}; probabilities hold for people of this population"
    return [*shown, ("Population", said)]


def _identity(assessment: Assessment) -> Mapping[str, Any]:
    return _object(assessment.assay, "identity")


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}
