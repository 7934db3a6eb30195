"""A comparison of drugs, and what a change would do, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

from nof1.decision.compare import by_and_for
from nof1.decision.whatif import Difference, WhatIf
from nof1.model.findings import Action, Comparison, Recommendation
from nof1.report.exposed import exposed_text
from nof1.report.markup import readable
from nof1.report.words import NO_DATA, action, counted

_WIDTH = 100
_SHOWN = 3
_LASTS = ": its effect on "  # what a note on a stopped drug says after its name


def comparison_text(found: Comparison) -> str:
    """The bins of a class, the most usable first, each drug with why and what is unknown."""
    lines = [f"{found.title} ({found.name})"]
    for name, drugs in groupby(found.drugs, key=lambda item: item.bin):
        lines.append(f"  {(NO_DATA if NO_DATA.startswith(name) else name).upper()}")
        for item in drugs:
            lines.append(f"    {item.drug}{' (taken)' if item.is_taken else ''}")
            lines += _few(item.why, "reason")
            lines += [_wrapped(text, "      ") for text in exposed_text(item)]
            lines += _few([f"unknown: {text}" for text in item.unknown], "unknown")
    return readable("\n".join([*lines, _wrapped(found.note, "  ")]))


def _few(texts: Sequence[str], noun: str) -> list[str]:
    """The first texts, and how many more there are."""
    left = len(texts) - _SHOWN
    more = [f"      and {counted(left, f'more {noun}')}"] if left > 0 else []
    return [*(_wrapped(text, "      ") for text in texts[:_SHOWN]), *more]


def what_if_text(found: WhatIf) -> str:
    """The differences of advice and interactions, most urgent first; beside each that rests on the effect of a stopped drug
    how long that lasts."""
    lines: list[str] = []
    for item in found.differences:
        lines.append(f"{item.drug}: {_headlines(item)}")
        lines += [_wrapped(f"not at once: {text}", "    ") for text in _lasting(item, found.notes)]
        lines += [_wrapped(f"+ {by_and_for(made)}: {made.advice}", "    ") for made in item.added]
        lines += [_wrapped(f"- {by_and_for(made)}: {made.advice}", "    ") for made in item.removed]
    for sign, pairs in (("+", found.added), ("-", found.removed)):
        for pair in pairs:
            lines.append(_wrapped(f"{sign} {' with '.join(pair.drugs)} ({pair.severity}): {pair.effect}", "  "))
    told = lines or ["Nothing changes in the advice."]
    return readable("\n".join([*told, *(_wrapped(f"note: {text}", "  ") for text in found.notes)]))


def _lasting(item: Difference, notes: Sequence[str]) -> list[str]:
    """The notes on stopped drugs that what changes names as its cause."""
    stopped = [(note.partition(_LASTS)[0], note) for note in notes if _LASTS in note]
    return [note for drug, note in stopped if drug != item.drug and any(_rests_on(one, drug) for one in _changed(item))]


def _changed(item: Difference) -> tuple[Recommendation, ...]:
    return (*item.added, *item.removed)


def _rests_on(item: Recommendation, drug: str) -> bool:
    return drug in item.because_of or any(drug in value for value in item.because_of.values())


def _headlines(item: Difference) -> str:
    before, after = _word(item.before, item.removed), _word(item.after, item.added)
    return f"stays: {after}" if before == after else f"{before} -> {after}"


def _word(headline: Action | None, told: Sequence[Recommendation]) -> str:
    """The headline as everywhere else; ``told``: what came or went with it."""
    if headline is None:
        return "not taken"
    return NO_DATA if headline is Action.NO_RECOMMENDATION and not told else action(headline)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
