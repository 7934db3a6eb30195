"""A plan of prevention and the criteria over the family as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from nof1.model.pedigree import Pedigree
from nof1.model.prevention import Plan
from nof1.report.markup import clean
from nof1.report.pedigree import words
from nof1.report.plan_words import DRAFT, GROUPS, criteria, details, shown_rules, verdict, when
from nof1.risk.family_rules import RuleResult, Verdict

_WIDTH = 100
_NAME = 12


def plan_text(plan: Plan) -> str:
    """The plan, what is due first; each line at most 100 letters long."""
    lines = ["PREVENTION", DRAFT]
    for title, states in GROUPS:
        found = plan.of(*states)
        if found:
            lines += ["", title]
        for one in found:
            lines += _wrapped(f"{one.title}: {when(one)}", "  ", "    ")
            for name, text in details(one):
                lines += _wrapped(text, f"    {name:<{_NAME}}", " " * (_NAME + 4))
    return clean_lines(lines)


def family_text(pedigree: Pedigree, results: Iterable[RuleResult]) -> str:
    """The family in words and every rule that was made for the person."""
    lines = ["FAMILY", *(line for one in words(pedigree) for line in _wrapped(one, "  ", "    "))]
    lines += [line for note in pedigree.notes for line in _wrapped(note, "  ! ", "    ")]
    for one in shown_rules(results):
        lines += ["", *_wrapped(f"{one.rule.title} ({one.rule.body} {one.rule.year}): {verdict(one)}", "  ", "    ")]
        rows = (
            ("Met by", "; ".join(criteria(one))),
            ("Then", one.rule.means if one.verdict is Verdict.MET else ""),
            ("Confirm", "; ".join(one.confirm)),
            ("Ask", "; ".join(one.needs)),
        )
        for name, text in rows:
            lines += _wrapped(text, f"    {name:<{_NAME}}", " " * (_NAME + 4)) if text else []
    return clean_lines(lines)


def clean_lines(lines: Iterable[str]) -> str:
    """The lines as one text without signs that a terminal would obey."""
    return "\n".join(clean(line).rstrip() for line in lines) + "\n"


def _wrapped(text: str, first: str, more: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=more, break_long_words=False)
