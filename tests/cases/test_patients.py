"""Whole patients: genome, record and drugs in, what must and must not be said out.

Each item of ``expect`` begins with what it is about: ``drug``, ``effective``, ``gene``, ``interaction``, ``class``,
``medication``, ``fact``, ``unknown_fact``, ``left_out``, ``note``, ``missing``, ``order``, ``record``, ``what_if`` or
``refused``.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from patient_case import assessed, cases, charted

from nof1.decision.whatif import Change, what_if
from nof1.errors import RecordError
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import Assessment, DrugAdvice

CASES = cases()
_SOURCE = re.compile(r"\[([\w.-]+)#[^\]]+\]")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_patient(case: Any) -> None:
    refused = [item["refused"] for item in case.content["expect"] if "refused" in item]
    if refused:
        with pytest.raises(RecordError, match=re.escape(refused[0])):
            assessed(case.content)
        return
    made = assessed(case.content)
    for wanted in case.content["expect"]:
        if "what_if" in wanted:
            _check_change(case.content, wanted)
        else:
            _CHECKS[next(iter(wanted))](made, wanted)


def test_every_case_names_its_source_once() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    for case in CASES:
        cited = _SOURCE.findall(case.content.get("why", ""))
        assert cited and not set(cited) - set(knowledge().sources), f"{case.name}: {cited}"


def test_every_word_of_an_expectation_is_known() -> None:
    """A slip in a case must not make it say less."""
    for case in CASES:
        assert not set(case.content) - _PARTS, case.name
        for wanted in case.content["expect"]:
            about = next(iter(wanted))
            assert set(wanted) - {about} <= set(_WORDS[about].split()), f"{case.name}: {wanted}"


_PARTS = {"name", "why", "genes", "genome", "specimen", "record", "today", "ask", "compare", "expect"}
_WORDS = {
    "drug": "found headline never course action not_action no_dose test_first interrupts lower kind not_kind first because "
    "note says not_because not_note not_says unknown disagree against nothing_against",
    "effective": "found is evidence says",
    "gene": "status is",
    "interaction": "found severity interrupts",
    "class": "bins",
    "medication": "drugs course is_systemic",
    "fact": "found says",
    "unknown_fact": "found says",
    "left_out": "",
    "note": "",
    "missing": "first",
    "order": "",
    "record": "",
    "refused": "",
    "what_if": "changes becomes comes goes",
}


def _drug(made: Assessment, wanted: dict[str, Any]) -> None:
    found = next((item for item in made.drugs if item.drug == wanted["drug"]), None)
    assert (found is not None) is wanted.get("found", True), [item.drug for item in made.drugs]
    if found is not None:
        _check_advice(found, wanted)
        _check_said(found, wanted)


def _check_advice(found: DrugAdvice, wanted: dict[str, Any]) -> None:
    told = [item for item in found.recommendations if item.kind.value != "lower_evidence"]
    actions = {action.value for item in told for action in item.actions}
    if "headline" in wanted:
        assert found.headline.value == wanted["headline"], [(item.id, item.headline.value) for item in told]
    assert found.headline.value not in wanted.get("never", []), [(item.id, item.headline.value) for item in told]
    assert wanted.get("course", found.course) == found.course
    if "action" in wanted:
        assert wanted["action"] in actions
    assert wanted.get("not_action", "") not in actions
    if "no_dose" in wanted:
        assert all(item.dose is None for item in told) is wanted["no_dose"]
    if "test_first" in wanted:
        assert (found.test_first is not None) is wanted["test_first"]
    if "interrupts" in wanted:
        assert found.interrupts is wanted["interrupts"]
    if "lower" in wanted:
        assert any(item.kind.value == "lower_evidence" for item in found.recommendations) is wanted["lower"]
    if "kind" in wanted:
        assert wanted["kind"] in {item.kind.value for item in told}
    assert wanted.get("not_kind", "") not in {item.kind.value for item in told}
    if "first" in wanted:
        assert found.recommendations[0].body == wanted["first"]


def _check_said(found: DrugAdvice, wanted: dict[str, Any]) -> None:
    told = [item for item in found.recommendations if item.kind.value != "lower_evidence"]
    for key in ("because", "note", "says"):
        for text in _listed(wanted, key):
            assert any(text in shown for item in told for shown in _shown(item, key)), (key, text)
        for text in _listed(wanted, f"not_{key}"):
            assert not any(text in shown for item in told for shown in _shown(item, key)), (key, text)
    for text in _listed(wanted, "unknown"):
        assert any(text in item.reason for item in found.unknown), [item.reason for item in found.unknown]
    if "disagree" in wanted:
        assert all(any(body in text for text in found.disagreement) for body in wanted["disagree"]), found.disagreement
    for name in _listed(wanted, "against"):
        assert found.alternatives[name], found.alternatives
    for name in _listed(wanted, "nothing_against"):
        assert not found.alternatives[name], found.alternatives


def _listed(wanted: dict[str, Any], key: str) -> list[str]:
    value = wanted.get(key, [])
    return [value] if isinstance(value, str) else value


def _shown(item: Any, key: str) -> list[str]:
    if key == "because":
        return [f"{name}: {words}" for name, words in item.because_of.items()]
    return list(item.notes) if key == "note" else [item.advice]


def _effective(made: Assessment, wanted: dict[str, Any]) -> None:
    mine = [item for item in made.effective_phenotypes if item.gene == wanted["effective"]]
    assert bool(mine) is wanted.get("found", True)
    for found in mine:
        assert list(found.effective) == wanted.get("is", list(found.effective))
        assert wanted.get("evidence", found.evidence) == found.evidence
        told = (*found.notes, *found.not_counted, *found.by)
        assert all(any(text in shown for shown in told) for text in _listed(wanted, "says")), told


def _gene(made: Assessment, wanted: dict[str, Any]) -> None:
    (found,) = [item for item in made.genes if item.gene == wanted["gene"]]
    assert wanted.get("status", found.status.value) == found.status.value
    assert wanted.get("is", [item.term for item in found.phenotypes]) == [item.term for item in found.phenotypes]


def _interaction(made: Assessment, wanted: dict[str, Any]) -> None:
    pairs = [item for item in made.interactions if set(item.drugs) == set(wanted["interaction"])]
    assert bool(pairs) is wanted.get("found", True), pairs
    if "severity" in wanted:
        assert wanted["severity"] in {item.severity for item in pairs}
    if "interrupts" in wanted:
        assert any(item.interrupts for item in pairs) is wanted["interrupts"]


def _class(made: Assessment, wanted: dict[str, Any]) -> None:
    (group,) = [item for item in made.comparisons if item.name == wanted["class"]]
    bins = {item.drug: item.bin for item in group.drugs}
    for name, drugs in wanted["bins"].items():
        assert {drug: bins[drug] for drug in drugs} == dict.fromkeys(drugs, name)


def _medication(made: Assessment, wanted: dict[str, Any]) -> None:
    (found,) = [item for item in made.record["medications"] if item["text"] == wanted["medication"]]
    for key in ("drugs", "course", "is_systemic"):
        assert wanted.get(key, found[key]) == found[key]


def _fact(made: Assessment, wanted: dict[str, Any]) -> None:
    found = made.record["facts"].get(wanted["fact"])
    assert (found is not None) is wanted.get("found", True), found
    for text in _listed(wanted, "says"):
        assert found is not None and text in found["words"], found


def _unknown_fact(made: Assessment, wanted: dict[str, Any]) -> None:
    unknown = made.record["unknown"]
    assert (wanted["unknown_fact"] in unknown) is wanted.get("found", True)
    for text in _listed(wanted, "says"):
        assert text in unknown[wanted["unknown_fact"]], unknown[wanted["unknown_fact"]]


def _left_out(made: Assessment, wanted: dict[str, Any]) -> None:
    told = [f"{item['kind']} {item['value']} {item['reason']}" for item in made.record["left_out"]]
    assert any(all(text in line for text in _listed(wanted, "left_out")) for line in told), told


def _note(made: Assessment, wanted: dict[str, Any]) -> None:
    assert any(wanted["note"] in text for text in made.record["notes"]), made.record["notes"]


def _missing(made: Assessment, wanted: dict[str, Any]) -> None:
    names = [item.about for item in made.missing]
    assert wanted["missing"] in names if not wanted.get("first") else names[:1] == [wanted["missing"]], names


def _order(made: Assessment, wanted: dict[str, Any]) -> None:
    """Drugs that stand first, in any order among themselves."""
    assert {item.drug for item in made.drugs[: len(wanted["order"])]} == set(wanted["order"])


def _record(made: Assessment, wanted: dict[str, Any]) -> None:
    assert bool(made.record) is wanted["record"]


def _check_change(case: dict[str, Any], wanted: dict[str, Any]) -> None:
    asked = wanted["what_if"]
    change = Change(tuple(asked.get("add", ())), tuple(asked.get("stop", ())), asked.get("facts", {}))
    found = what_if(charted(case), change)
    headlines = {
        item.drug: [item.before and item.before.value, item.after and item.after.value] for item in found.differences
    }
    for drug, change_wanted in wanted.get("changes", {}).items():
        assert headlines[drug] == change_wanted
    for drug, after in wanted.get("becomes", {}).items():
        assert headlines[drug][0] != headlines[drug][1] == after
    for key, pairs in (("comes", found.added), ("goes", found.removed)):
        if key in wanted:
            assert set(wanted[key]) in [set(item.drugs) for item in pairs]


_CHECKS = {
    "drug": _drug,
    "effective": _effective,
    "gene": _gene,
    "interaction": _interaction,
    "class": _class,
    "medication": _medication,
    "fact": _fact,
    "unknown_fact": _unknown_fact,
    "left_out": _left_out,
    "note": _note,
    "missing": _missing,
    "order": _order,
    "record": _record,
}
