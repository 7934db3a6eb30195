"""The response of one person as text for a terminal: a plot of each outcome with the drug below it, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nof1.report.lines import filled
from nof1.report.markup import readable
from nof1.response.attributable import Change, Confounder, Interval
from nof1.response.episodes import Episode
from nof1.response.expected import Verdict
from nof1.response.follow import Followed, Point
from nof1.response.n_of_1 import Result, Schedule
from nof1.response.reaction import Answer, Scored

_WIDTH = 100
_PLOT = 72
_HEIGHT = 9
_MARGIN = 10
_SIGNS = {"without": "o", "with": "*", "building": ".", "fading": ".", "other dose": "+", "unknown": "?"}
_KEY = "o without   * with the drug   . effect building up or fading   + other dose   ? not known whether taken"


def followed_text(found: Followed) -> str:
    """One drug against one outcome: the plot, the change with its interval, the expectation, and what else changed."""
    lines = [f"{found.drug} and {found.title}"]
    if found.points:
        lines += _plot(found.points, found.episodes, _unit(found))
    lines += _wrapped("taken: " + ("; ".join(_episode(one) for one in found.episodes) or "not in the record"))
    lines += _changed(found)
    lines += _expected(found)
    lines += [line for item in found.confounders for line in _wrapped(_confounder(item, found))]
    lines += [line for text in found.notes for line in _wrapped(f"note: {text}")]
    lines += [line for text in found.left_out for line in _wrapped(f"not used: {text}")]
    return readable("\n".join(lines))


def _wrapped(text: str) -> list[str]:
    return filled(text, _WIDTH, "  ")


def _episode(one: Episode) -> str:
    start = str(one.start) if one.start else "start not recorded"
    last = "now" if one.is_current else str(one.last) if one.last else "end not recorded"
    return f"{start} to {last}, {one.dose}"


def _plot(points: Sequence[Point], episodes: Sequence[Episode], unit: str) -> list[str]:
    """Values as signs over time, the lines of the drug below them."""
    days = [point.when.toordinal() for point in points]
    first, last = _span(days, episodes)
    low, high = min(point.value for point in points), max(point.value for point in points)
    room = [[" "] * _PLOT for _ in range(_HEIGHT)]
    for point, day in zip(points, days, strict=True):
        row = _HEIGHT - 1 - (round((point.value - low) / (high - low) * (_HEIGHT - 1)) if high > low else _HEIGHT // 2)
        room[row][_place(day, first, last)] = _SIGNS[point.part]
    labels = {0: f"{high:.4g}", _HEIGHT - 1: f"{low:.4g}"} if high > low else {_HEIGHT - 1 - _HEIGHT // 2: f"{low:.4g}"}
    lines = [f"  {labels.get(number, ''):>{_MARGIN - 3}} |{''.join(row).rstrip()}" for number, row in enumerate(room)]
    lines.append(f"  {unit[: _MARGIN - 3]:>{_MARGIN - 3}} +{'-' * _PLOT}")
    lines.append(f"  {'drug':>{_MARGIN - 3}} |{_bar(episodes, first, last)}".rstrip())
    lines.append(f"{' ' * _MARGIN}{date.fromordinal(first)}{date.fromordinal(last)!s:>{_PLOT - 10}}")
    return [*lines, f"  {_KEY}"]


def _span(days: Sequence[int], episodes: Sequence[Episode]) -> tuple[int, int]:
    """From the first value to the last, and a start or end of the drug near them."""
    edges = [day.toordinal() for one in episodes for day in (one.start, one.last) if day is not None]
    margin = max(30, (days[-1] - days[0]) // 4)
    near = [edge for edge in edges if days[0] - margin <= edge <= days[-1] + margin]
    first, last = min([days[0], *near]), max([days[-1], *near])
    return first, max(last, first + 1)


def _place(day: int, first: int, last: int) -> int:
    return min(max(round((day - first) / (last - first) * (_PLOT - 1)), 0), _PLOT - 1)


def _bar(episodes: Sequence[Episode], first: int, last: int) -> str:
    bar = [" "] * _PLOT
    for one in episodes:
        start = one.start.toordinal() if one.start else first
        end = one.last.toordinal() if one.last else last
        if end < first or start > last:
            continue
        sign = "=" if one.start and one.last else "?"
        for place in range(_place(start, first, last), _place(end, first, last) + 1):
            bar[place] = sign
    return "".join(bar)


def _number(value: float | None, times: float = 1.0) -> str:
    return "not known" if value is None else f"{value * times:+.3g}"


def _interval(found: Interval, unit: str, level: float) -> str:
    ends = f"{_number(found.low)} to {_number(found.high)}"
    return f"{_number(found.value)} {unit} ({level:.0%} interval {ends})".replace("  ", " ")


def _percent(found: Interval, level: float) -> str:
    ends = " to ".join("not known" if end is None else f"{end * 100:+.1f} %" for end in (found.low, found.high))
    return f"{found.value * 100:+.1f} % ({level:.0%} interval {ends})"


def _changed(found: Followed) -> list[str]:
    change = found.change
    if change is None:
        lines = _wrapped(f"change: not known: {found.why}")
        if found.last_pair is not None:
            before, during = found.last_pair
            lines += _wrapped(
                f"last value without the drug {before.value:.4g} ({before.when}), with it {during.value:.4g} "
                f"({during.when}) {_unit(found)}; how much of that is chance cannot be told"
            )
        return lines
    shown = _percent(change.relative, change.level)
    if change.difference is not None:
        shown = f"{_interval(change.difference, _unit(found), change.level)}, {shown} of the level before"
    lines = _wrapped(f"change with the drug: {shown}")
    lines += _wrapped(
        f"levels {change.before:.4g} without ({change.counts[0]} values) and {change.during:.4g} with it "
        f"({change.counts[1]}); errors correlate {change.correlation:.2f} at {change.spacing:g} days"
        + ("; a straight trend is allowed for" if change.has_trend else "; no trend is allowed for")
    )
    return lines + _steps(change, found) + _matters(change, found)


def _steps(change: Change, found: Followed) -> list[str]:
    lines = []
    show = _percent if change.difference is None else lambda item, level: _interval(item, _unit(found), level)
    if change.at_start is not None and change.at_stop is not None:
        lines += _wrapped(
            f"at the start {show(change.at_start, change.level)}; at the end {show(change.at_stop, change.level)}"
        )
    if change.slope is not None:
        lines += _wrapped(
            f"course bends by {_interval(change.slope, f'{_unit(found)} per 30 days', change.level)} while it is taken"
        )
    return lines


def _matters(change: Change, found: Followed) -> list[str]:
    """Whether the change reaches the least one that matters."""
    if found.important is None or change.difference is None:
        return []
    low, high, least = change.difference.low, change.difference.high, found.important
    if low is None or high is None:
        return []
    if low >= least or high <= -least:
        told = "this one is at least that"
    elif -least < low and high < least:
        told = "this one is less"
    else:
        told = "this one may be more or less"
    return _wrapped(f"least change that matters: {least:g} {_unit(found)} [{found.important_source}]; {told}")


def _expected(found: Followed) -> list[str]:
    if found.row is None or found.judged is None:
        return _wrapped(f"expected: {found.no_row}")
    row, times, sign = found.row, 100 if found.row.relative else 1, " %" if found.row.relative else f" {_unit(found)}"
    sizes = []
    if row.mean is not None:
        ends = f" ({row.mean_interval[0] * times:g} to {row.mean_interval[1] * times:g})" if row.mean_interval else ""
        sizes.append(f"{row.mean * times:g}{sign}{ends} on average")
    if row.least is not None or row.most is not None:
        low = "" if row.least is None else f"{row.least * times:g}"
        high = "" if row.most is None else f"{row.most * times:g}"
        sizes.append(f"{low} to {high}{sign}" if low and high else f"at least {low}{sign}" if low else f"below {high}{sign}")
    if row.response is not None:
        sizes.append(f"a response is {row.response * times:g}{sign} or more [{row.response_source}]")
    told = ", ".join(sizes) or "no size is stored"
    lines = _wrapped(f"expected: {row.direction}, {told}, judged from day {row.from_days} [{row.source}]")
    verdict = str(found.judged.verdict).replace("_", "-")
    sure = "" if found.judged.is_sure or verdict in ("unknown", "too-early") else " (not sure)"
    lines += _wrapped(f"verdict: {verdict}{sure}: {found.judged.why}")
    if found.judged.apparent is not None:
        lines += _wrapped(
            f"taken by themselves, the last values with and without it would be {_spoken(found.judged.apparent)}"
        )
    if found.judged.in_remission is not None:
        lines += _wrapped(
            "the latest value is " + ("below" if found.judged.in_remission else "not below") + " the cut-off of remission"
        )
    return lines + (_wrapped(f"note: {row.note}") if row.note else [])


def _spoken(verdict: Verdict) -> str:
    return {Verdict.RESPONSE: "a response", Verdict.PARTIAL: "a partial response"}.get(verdict, "no response")


def _unit(found: Followed) -> str:
    """The unit as it is read: the braces of UCUM annotations are left out."""
    return found.unit.strip("{}")


def _confounder(item: Confounder, found: Followed) -> str:
    told = "; ".join(item.changes) or "taken at other times than not"
    if not item.is_separable:
        return f"changed with it: {item.drug} ({told}); the two cannot be told apart here"
    assert item.adjusted is not None
    is_ratio = found.change is not None and found.change.difference is None
    rest = _percent(item.adjusted, found.level) if is_ratio else _interval(item.adjusted, _unit(found), found.level)
    return f"changed with it: {item.drug} ({told}); with it allowed for, the change is {rest}"


def scored_text(drug: str, onset: date, found: Scored) -> str:
    """A suspected reaction: the score, what it could still be, and each answer with its reason."""
    lines = [f"suspected reaction to {drug}, noticed {onset}"]
    lines += _wrapped(f"{found.title}: {found.score} ({found.band}) [{found.source}]")
    if found.lowest != found.highest:
        bands = " or ".join(found.bands)
        lines += _wrapped(f"unknown answers could make it {found.lowest} to {found.highest}: {bands}")
    for row in found.answers:
        answer = {Answer.NOT_DONE: "not done"}.get(row.answer, str(row.answer))
        lines += filled(f"{row.question:<13} {answer:<8} {row.counts:+d}  {row.why}", _WIDTH, "  ")
    lines += _wrapped("A score orders suspicions; it does not prove a cause.")
    return readable("\n".join(lines))


def pairs_note(number: int, level: float) -> str:
    """What looking at many pairs at once means; empty for few."""
    if number < 5:
        return ""
    return (
        f"{number} pairs were looked at: of intervals that hold in {level:.0%} of cases, about {number * (1 - level):.1g} "
        "will miss by chance alone."
    )


def schedule_lines(plan: Schedule, names: tuple[str, str], first: date | None) -> str:
    """A schedule for the person who hands out the treatments."""
    begun = first.toordinal() - 1 if first else None
    lines = [f"{plan.blocks} blocks of {names[0]} (A) and {names[1]} (B), periods of {plan.days} days"]
    for one in plan.periods:
        when = f"day {one.first} to {one.last}"
        if begun is not None:
            when = f"{date.fromordinal(begun + one.first)} to {date.fromordinal(begun + one.last)}"
        name = names[0] if one.treatment == "A" else names[1]
        lines.append(
            f"  period {one.number:>3}  block {one.block:>3}  {one.treatment}  {name}  {when}, from {one.counted_from}"
        )
    lines.append(f"The smallest p-value that this design can give is {plan.smallest_p:.3g}.")
    return readable("\n".join(lines))


def result_text(found: Result, unit: str = "") -> str:
    """What a trial in one person says."""
    lines = [f"A less B: {_interval(found.difference, unit, found.level)}"]
    lines.append(f"means of periods: A {found.mean_a:.4g}, B {found.mean_b:.4g} {unit}".rstrip())
    if found.carry_over is not None:
        lines.append(f"carry-over right after a change: {_interval(found.carry_over, unit, found.level)}")
    how = "drawn" if found.is_sampled else "possible"
    lines.append(
        f"randomisation test: p = {found.p:.3g} over {found.assignments} {how} orders (least {found.smallest_p:.3g})"
    )
    lines.append(f"{found.counted} days in {found.blocks} blocks counted, {found.not_counted} of washout not")
    if found.correlation is not None and found.spacing is not None:
        lines.append(f"errors correlate {found.correlation:.2f} at {found.spacing:g} days")
    else:
        lines.append("one value a period: errors are taken as independent")
    if found.shrunk is not None:
        lines.append(f"drawn towards other people: {_interval(found.shrunk, unit, found.level)}")
    return readable("\n".join([*lines, *(f"note: {text}" for text in found.notes)]))
