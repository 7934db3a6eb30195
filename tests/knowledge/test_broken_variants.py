"""Wrong files on criteria and secondary findings are refused at load, each with its place and remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from nof1.knowledge.check_variants import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.criteria import Criteria
from nof1.knowledge.secondary import Secondary

KNOWN = knowledge()


def changed(part: object, path: str, value: object) -> Any:
    """``part`` with the value at ``path`` (names and numbers, by full stops) replaced."""
    raw = msgspec.to_builtins(part)
    *way, last = path.split(".")
    here = raw
    for name in way:
        here = here[int(name) if isinstance(here, list) else name]
    here[int(last) if isinstance(here, list) else last] = value
    return msgspec.convert(raw, type(part))


def told(criteria: Criteria = KNOWN.criteria, secondary: Secondary = KNOWN.secondary) -> str:
    problems: list[str] = []
    check(criteria, secondary, KNOWN.sources, problems.append)
    return "\n".join(problems)


def test_what_is_shipped_is_not_told() -> None:
    assert told() == ""


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("points.points", {"supporting": 1}, "points need a number above 0 for each of supporting, moderate"),
        ("points.classes.likely_benign", 7, "classes must rise"),
        ("points.classes.likely_benign_stricter", 0, "classes must rise"),
        ("points.classes.source", "nobody#x", "'nobody#x' is not in sources/"),
        ("points.codes.1.code", "PVS1", "code 'PVS1' is written twice"),
        ("automated.methods.0.code", "PVS9", "is no code of points.yaml; add it there"),
        ("automated.methods.1.reason", "", "is switched off without a reason"),
        ("automated.methods.0.measured.0.met", 9999, "met must be between 0 and looked"),
        ("automated.common.0.stand_alone", 5.0, "frequencies are above 0 and below 1"),
        ("automated.exempt.0.source", "ghosh-2018", "names no place"),
        ("loss_of_function.BRCA1.checked", "2026", "write YYYY-MM-DD"),
    ],
)
def test_criteria(path: str, value: object, words: str) -> None:
    assert words in told(criteria=changed(KNOWN.criteria, path, value))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("genes.LDLR.onset", "adult", "onset and onset_source go together"),
        ("genes.HFE.onset_source", "nobody#x", "'nobody#x' is not in sources/"),
        ("conditions.LDLR.0.source", "acmg-sf-3.3", "names no place"),
        ("rules.restrictions.0.gene", "HFEE", "'HFEE' is not in genes.tsv; add it there"),
        ("rules.restrictions.0.only_change", None, "write one of only_change and only_terms"),
        ("rules.filters.0.genes", ["PCSK8"], "'PCSK8' is not in genes.tsv; add it there"),
        ("rules.filters.0.not_terms", [], "catches nothing"),
        ("rules.filters.0.id", "A b", "write lower-case letters"),
        ("policy.least_stars", 9, "least_stars 9; write 0 to 4"),
    ],
)
def test_secondary(path: str, value: object, words: str) -> None:
    assert words in told(secondary=changed(KNOWN.secondary, path, value))


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        (lambda raw: raw["conditions"].pop("LDLR"), "LDLR: has no condition"),
        (lambda raw: raw["genes"].pop("LDLR"), "gene 'LDLR' is not in genes.tsv"),
    ],
)
def test_genes_and_conditions_belong_together(drop: Callable[[Any], object], words: str) -> None:
    raw = msgspec.to_builtins(KNOWN.secondary)
    drop(raw)
    assert words in told(secondary=msgspec.convert(raw, Secondary))
