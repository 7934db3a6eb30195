"""Why an assessment says what it says: the reasons of one gene, drug or recommendation as indented text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from nof1.errors import NotInKnowledge
from nof1.model.findings import Action
from nof1.report.explain_findings import finding_lines, findings_of
from nof1.report.explain_record import other_reasons, others
from nof1.report.explain_steps import steps_of
from nof1.report.explain_sureness import sureness
from nof1.report.markup import clean, readable
from nof1.report.settled import WORDS
from nof1.report.words import NO_DATA, action

_NAMED = 5


def tree(assessment: dict[str, Any], item: str) -> str:
    """The reasons of ``item`` as an indented tree: a gene, a drug, the id of a recommendation or of an interaction,
    ``effective`` and a gene, or ``finding`` and a gene, in any case.

    ``assessment`` is the decoded JSON. A gene begins with how sure its result is. A line of reasons holds the claim, the
    value, ``<source#place>`` and ``[status]``; what was already shown above is not repeated. Raises ``NotInKnowledge``
    where the assessment has no such item.
    """
    wanted = item.strip().casefold()
    seen: set[str] = set()
    for call in assessment.get("genes", ()):
        if call["gene"].casefold() == wanted:
            return _text(chain(sureness(call), [""], steps_of(call["because"], 0, seen)))
    if lines := finding_lines(assessment, wanted):
        return _text(iter(lines))
    if found := other_reasons(assessment, wanted):
        return _text(chain(found.lines, steps_of(found.because, 1, seen)))
    for drug in assessment.get("drugs", ()):
        if drug["drug"].casefold() == wanted:
            return _text(_drug(drug, seen, _open(assessment)))
        for given in drug["recommendations"]:
            if given["id"].casefold() == wanted:
                return _text(_recommendation(given, seen, _open(assessment)))
    raise NotInKnowledge(_not_there(assessment, item, wanted))


def _text(lines: Iterator[str]) -> str:
    return "\n".join(readable(clean(line)) for line in lines)


def _open(assessment: dict[str, Any]) -> dict[str, str]:
    """The words for the genes that are not settled, or only probable."""
    said = {status.value: words for status, words in WORDS.items()}
    return {call["gene"]: said[call["status"]] for call in assessment.get("genes", ()) if call.get("status") in said}


def _drug(drug: dict[str, Any], seen: set[str], unsettled: dict[str, str]) -> Iterator[str]:
    """Every recommendation of the drug, then what is missing."""
    is_silent = not drug["recommendations"] and not drug.get("test_first")
    yield f"{drug['drug']}: {NO_DATA if is_silent else action(Action(drug['headline']))}"
    for given in drug["recommendations"]:
        yield ""
        yield from _recommendation(given, seen, unsettled)
    for missing in drug["unknown"]:
        yield ""
        needs = f" (would settle it: {', '.join(missing['needs'])})" if missing.get("needs") else ""
        yield f"unknown: {missing['reason']}{needs}"


def _recommendation(given: dict[str, Any], seen: set[str], unsettled: dict[str, str]) -> Iterator[str]:
    actions = ", ".join(action(Action(code)) for code in given["actions"])
    partial = "; partial: a gene it names is unknown" if given.get("is_partial") else ""
    yield f"{given['id']} ({given['body']}: {actions}; strength {given['strength'].replace('_', ' ')}{partial})"
    for gene, value in given.get("because_of", {}).items():
        if gene in unsettled:
            yield f"  {unsettled[gene].upper()}: {gene} {value.replace(', not settled:', ',')}"
    yield from steps_of(given["because"], 1, seen)


def _not_there(assessment: dict[str, Any], item: str, wanted: str) -> str:
    genes = [call["gene"] for call in assessment.get("genes", ())]
    drugs = [drug["drug"] for drug in assessment.get("drugs", ())]
    more = [*findings_of(assessment), *others(assessment)]
    shown = f"genes {_some(genes, wanted)}; drugs {_some(drugs, wanted)}" + (f"; {_some(more, wanted)}" if more else "")
    return clean(f"{item.strip()!r} is no gene, drug, recommendation or interaction of this assessment; it has {shown}")


def _some(names: Sequence[str], wanted: str) -> str:
    """A few of the names, those that begin alike first."""
    close = sorted(names, key=lambda name: name.casefold()[:3] != wanted[:3])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(close[:_NAMED]) + more if names else "none"
