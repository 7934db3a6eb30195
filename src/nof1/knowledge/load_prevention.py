"""Loads criteria over families and what is done to prevent."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from nof1.knowledge.prevention import Action, FamilyRule, FamilyRuleFile, Prevention, PreventionFile, Service
from nof1.knowledge.tables import Problem, read_yaml

Row = TypeVar("Row", FamilyRule, Service, Action)


def load_prevention(found: list[tuple[str, Path]], problem: Problem) -> Prevention:
    """The files of both folders in ``found`` (name inside its folder, path); absent is empty."""
    known = Prevention()
    for name, path in found:
        if name.startswith("family_rules/") and name.endswith(".yaml"):
            rules = read_yaml(path, FamilyRuleFile, lambda text: problem(f"family_rules/{text}"))
            _add(known.rules, rules.rules if rules else [], "rule", problem)
        elif name.startswith("prevention/") and name.endswith(".yaml"):
            file = read_yaml(path, PreventionFile, lambda text: problem(f"prevention/{text}"))
            _add(known.services, file.services if file else [], "service", problem)
            _add(known.actions, file.actions if file else [], "action", problem)
    return known


def _add(known: dict[str, Row], rows: list[Row], what: str, problem: Problem) -> None:
    for row in rows:
        if row.id in known:
            problem(f"prevention: {what} {row.id!r} is written twice; remove one")
        known[row.id] = row
