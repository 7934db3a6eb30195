"""Risks as text for a terminal: values with bars, what they are made of, what would change them, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.model.risks import RiskEstimate, RiskFinding, Risks
from nof1.report import risk_words as words
from nof1.report.lines import column, cut, filled
from nof1.report.markup import clean, readable

_BAR = 24
_SHOWN = 6  # contributions


def risk_text(found: Risks, width: int = 100, is_fine: bool = True) -> str:
    """Everything a reader needs at a terminal; ``is_fine``: whether it can show more than ASCII."""
    given = [made for made in found.findings if made.standing != "refused"]
    refused = [made for made in found.findings if made.standing == "refused"]
    who = f" of {found.person}" if found.person else ""
    parts = [[cut(f"Risks{who} by published equations, {found.created}", width), *filled(found.disclaimer, width)]]
    parts += [list(_finding(made, width)) for made in given]
    if refused:
        lines = [f"{made.title}: {'; '.join(words.refusals(made))}" for made in refused]
        parts.append(_titled("Not given", lines, width))
    parts.append(_titled("To know", found.notes, width))
    parts.append(_titled("Sources", [f"{name}: {item.get('title', '')}" for name, item in found.sources.items()], width))
    parts.append([cut(f"{found.software}, knowledge {found.knowledge_edition[:12]} of {found.knowledge_date}", width)])
    text = readable(clean("\n".join(line for part in parts if part for line in (*part, "")).rstrip()))
    return text if is_fine else _ascii(text)


def _ascii(text: str) -> str:
    plain = text.replace("█", "#").replace("░", ".").replace("▒", "=").replace("²", "2").replace("…", "...")
    return plain.encode("ascii", "replace").decode()


def _titled(title: str, texts: Sequence[str], width: int) -> list[str]:
    return [title, *(line for text in texts for line in filled(text, width, "  - "))] if texts else []


def _finding(made: RiskFinding, width: int) -> Iterator[str]:
    yield cut(f"{made.title} [{made.equation}]: {words.STANDINGS[made.standing]}", width)
    yield from filled(f"for {made.population}; {made.status}", width, "  ")
    yield from _bars(made, width)
    yield from _section("made of", _inputs(made), width)
    yield from _section("adds", _contributions(made), width)
    yield from _section("what if", words.what_ifs(made), width)
    yield from _section("not known", [words.missing(made, item) for item in made.missing], width)
    yield from _section("not given", list(words.refusals(made)), width)
    yield from _section("to know", made.notes, width)


def _section(title: str, texts: Sequence[str], width: int) -> Iterator[str]:
    if texts:
        yield f"  {title}"
        for text in texts:
            yield from filled(text, width, "    - ")


def _bars(made: RiskFinding, width: int) -> Iterator[str]:
    """One line an outcome: its name, a bar where it is a risk, its value."""
    shown = [one for one in made.estimates if not one.refused]
    wide = column([words.short(one) for one in shown], max(width - _BAR - 26, 20))
    top = max((one.high if one.high is not None else one.value or 0.0 for one in shown), default=1.0)
    for one in shown:
        bar = f"{bar_of(one, top)} " if made.measure == "risk" else ""
        yield f"  {cut(words.short(one), wide).ljust(wide)}  {bar}{words.headline(made, one)}"


def bar_of(one: RiskEstimate, top: float) -> str:
    """A bar of a risk on a scale that ends at ``top`` rounded up to a tenth: filled to the value, hatched between bounds."""
    end = min(1.0, -(-top * 10 // 1) / 10) or 0.1
    low, high = (one.value, one.value) if one.value is not None else (one.low or 0.0, one.high or 0.0)
    full, part = (round(min((value or 0.0) / end, 1.0) * _BAR) for value in (low, high))
    return "█" * full + "▒" * (part - full) + "░" * (_BAR - part)


def _inputs(made: RiskFinding) -> list[str]:
    return [f"{item.title}: {item.shown} ({words.source_of(item)})" for item in made.inputs]


def _contributions(made: RiskFinding) -> list[str]:
    """Of the first outcome and the shortest horizon: what each input adds to the reference profile."""
    one = next((one for one in made.estimates if one.contributions), None)
    if one is None or one.reference is None:
        return []
    start = f"reference profile of the same age and sex: {words.figure(made, one.reference)} ({words.short(one)})"
    parts = one.contributions[:_SHOWN]
    rest = sum(part.adds for part in one.contributions[_SHOWN:])
    lines = [f"{part.title} {part.shown} (reference {part.reference}): {words.change(made, part.adds)}" for part in parts]
    return [start, *lines, *([f"all others: {words.change(made, rest)}"] if rest else [])]
