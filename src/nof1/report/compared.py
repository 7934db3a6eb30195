"""A comparison of drugs, and what a change would do, as text for a terminal."""

from __future__ import annotations

import textwrap
from itertools import groupby

from nof1.decision.whatif import Difference, WhatIf
from nof1.model.findings import Action, Comparison

_WIDTH = 100


def comparison_text(found: Comparison) -> str:
    """The bins of a class, the most usable first, each drug with why and what is unknown."""
    lines = [f"{found.title} ({found.name})"]
    for name, drugs in groupby(found.drugs, key=lambda item: item.bin):
        lines.append(f"  {name.upper()}")
        for item in drugs:
            lines.append(f"    {item.drug}{' (taken)' if item.is_taken else ''}")
            lines += [_wrapped(text, "      ") for text in item.why[:3]]
            lines += [_wrapped(f"unknown: {text}", "      ") for text in item.unknown[:3]]
            if len(item.unknown) > 3:
                lines.append(f"      and {len(item.unknown) - 3} more unknowns")
    return "\n".join([*lines, _wrapped(found.note, "  ")])


def what_if_text(found: WhatIf) -> str:
    """The differences of advice and interactions, most urgent first."""
    lines: list[str] = []
    for item in found.differences:
        lines.append(f"{item.drug}: {_headlines(item)}")
        lines += [_wrapped(f"+ {made.body}: {made.advice}", "    ") for made in item.added]
        lines += [_wrapped(f"- {made.body}: {made.advice}", "    ") for made in item.removed]
    for sign, pairs in (("+", found.added), ("-", found.removed)):
        for pair in pairs:
            lines.append(_wrapped(f"{sign} {' with '.join(pair.drugs)} ({pair.severity}): {pair.effect}", "  "))
    told = lines or ["Nothing changes in the advice."]
    return "\n".join([*told, *(_wrapped(f"note: {text}", "  ") for text in found.notes)])


def _headlines(item: Difference) -> str:
    before, after = _word(item.before), _word(item.after)
    return f"stays {after}" if before == after else f"{before} -> {after}"


def _word(action: Action | None) -> str:
    return action.value.replace("_", " ") if action else "not taken"


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
