"""What published equations give to begin with: for the terminal and for the page, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nof1.report import dose_words as words
from nof1.report.markup import Html, tag, together
from nof1.report.tables import Group, folding
from nof1.response.document import Dosing, Off, Starting

TITLE = "Starting dose by published equations"
ABOUT = (
    "Before any level: from what is known of the person alone. An equation says nothing of the course; "
    "what is measured during treatment counts more."
)
ERRORS = "The errors were measured on people like those that the equations were made from, not on others."


def starting_text(found: Dosing) -> list[str]:
    """A line an equation, with its interval and how far off it was, or why it gives no dose."""
    if not found.starting:
        return []
    return [ABOUT, *(_line(item) for item in found.starting), ERRORS]


def starting_section(found: Dosing, cite: Callable[[str], Html]) -> list[Html]:
    """The parts of the page's section; empty without equations. ``cite`` writes a reference."""
    if not found.starting:
        return []
    heads = ("Equation", "Dose", "To know", "How far off it was")
    groups = [Group(_name(item, cite), [_cells(item, cite)]) for item in found.starting]
    caption = "The first that gives a dose is the one to use"
    return [tag("p", f"{ABOUT} {ERRORS}", class_="quiet"), folding(caption, heads, groups, "starting")]


def _line(item: Starting) -> str:
    told = [f"{item.title}: {_dose(item)}", *_refusals(item), *_known(item)]
    return ". ".join([*told, *(_off(row, item.unit) for row in _shown(item))])


def _dose(item: Starting) -> str:
    """``24.5 mg a week (3.5 mg a day), 80 % interval 14.4 to 37.3 mg, measured on 1957 people (white)``."""
    if item.per_week is None or item.low is None or item.high is None or item.level is None:
        return "no dose"
    week = f"{words.number(item.per_week)} {item.unit} a week ({item.per_week / 7:.1f} {item.unit} a day)"
    interval = f"{words.percent(item.level)} interval {words.number(item.low)} to {words.number(item.high)} {item.unit}"
    return f"{week}, {interval}, measured on {item.people} people ({item.group})"


def _refusals(item: Starting) -> list[str]:
    told = []
    for why in item.refused:
        missing = [need for need in why.needs if need not in why.text]
        needs = f"; needed: {', '.join(missing)}" if missing else ""
        offers = f"; instead: {', '.join(why.offers)}" if why.offers else ""
        told.append(f"{why.text}{needs}{offers}")
    return told


def _known(item: Starting) -> Iterator[str]:
    if item.unknown and item.per_week is not None:
        yield f"Not known, with a coefficient of its own: {', '.join(item.unknown)}"
    yield from item.to_know
    if item.status == "provisional":
        yield f"Its figures were{words.ENTERED.removeprefix(' was')}"


def _shown(item: Starting) -> Sequence[Off]:
    """Of a dose that is given, the groups this person belongs to; everybody only where there is no other."""
    if item.per_week is None:
        return ()
    return item.off[1:] or item.off


def _off(row: Off, unit: str) -> str:
    bias = row.bias.middle
    much = f"{abs(bias):.1f} {unit} too {'much' if bias > 0 else 'little'} on average"
    error = f"{row.error.middle:.1f} ({row.error.low:.1f} to {row.error.high:.1f})"
    return (
        f"{row.group} ({row.people}): off by {error} {unit} a week, {much}; "
        f"within 20 %: {words.percent(row.within_20.middle)}"
    )


def _name(item: Starting, cite: Callable[[str], Html]) -> Html:
    status = tag("p", item.status, class_=f"status {item.status}")
    return together([item.title, tag("p", item.population, class_="quiet"), tag("p", cite(item.source)), status])


def _cells(item: Starting, cite: Callable[[str], Html]) -> tuple[str, ...]:
    dose = tag("b", _dose(item)) if item.is_first else tag("span", _dose(item))
    why = [
        tag("p", "⚠ ", text, " ", cite(refused.source)) for text, refused in zip(_refusals(item), item.refused, strict=True)
    ]
    told = [tag("p", text) for text in _known(item)]
    rows = [tag("p", _off(row, item.unit)) for row in _shown(item)]
    return dose, together([*why, *told]), together(rows)
