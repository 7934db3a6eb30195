"""Loads what is known of the response of a person: outcomes, expected courses, scales of reactions."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from nof1.knowledge.outcomes import Expected, Outcome, ReactionScale, ResponseFile, Responses
from nof1.knowledge.tables import Problem, read_yaml

Row = TypeVar("Row", Outcome, Expected, ReactionScale)


def load_outcomes(found: list[tuple[str, Path]], problem: Problem) -> Responses:
    """The response files in ``found`` (name inside its folder, path); absent is empty."""
    outcomes: dict[str, Outcome] = {}
    expected: dict[str, Expected] = {}
    scales: dict[str, ReactionScale] = {}
    for name, path in found:
        if not (name.startswith("response/") and name.endswith(".yaml")):
            continue
        file = read_yaml(path, ResponseFile, lambda text: problem(f"response/{text}"))
        if file is None:
            continue
        _add(outcomes, file.outcomes, "outcome", problem)
        _add(expected, file.expected, "expected course", problem)
        _add(scales, file.scales, "scale", problem)
    return Responses(outcomes, list(expected.values()), scales)


def _add(known: dict[str, Row], rows: list[Row], what: str, problem: Problem) -> None:
    for row in rows:
        if row.id in known:
            problem(f"response: {what} {row.id!r} is written twice; remove one")
        known[row.id] = row
