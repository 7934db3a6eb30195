"""An answer on doses as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.report import dose_words as words
from nof1.report.dose_plot import plot
from nof1.report.dose_start import TITLE, starting_text
from nof1.report.lines import cut, filled
from nof1.report.markup import clean, readable
from nof1.response.document import Dosing, Limit
from nof1.response.search import Option

_SHOWN = 8


def dose_text(found: Dosing, width: int = 100, is_fine: bool = True) -> str:
    """Everything a reader needs at a terminal; ``is_fine``: whether it can show more than ASCII."""
    lines = [line for part in _parts(found, width, is_fine) for line in ("", *part) if part][1:]
    text = readable(clean("\n".join(lines)))
    return text if is_fine else _ascii(text)


def dose_glance(found: Dosing, width: int = 100, is_fine: bool = True) -> str:
    """Only what a reader looks at first: what is drafted or why nothing is, the course, the doses and their chances."""
    parts = [_headline(found, width), _plot(found, width, is_fine), _options(found, width)]
    text = readable(clean("\n".join(line for part in parts if part for line in (*part, ""))))
    return text if is_fine else _ascii(text)


def _ascii(text: str) -> str:
    """The text in ASCII: what has no counterpart is a question mark."""
    return text.replace("·", ".").replace("µ", "u").replace("…", "...").encode("ascii", "replace").decode()


def _parts(found: Dosing, width: int, is_fine: bool) -> Iterator[list[str]]:
    who = f" for {found.person}" if found.person else ""
    yield [cut(f"{found.drug}{who}, {words.hours(found, found.now)}", width), *filled(found.disclaimer, width)]
    yield _headline(found, width)
    if not found.doses:
        yield _titled(TITLE, starting_text(found), width)
    choices = [f"{words.choice(item, found.dose_unit)}. {item.target.source}" for item in found.choices]
    yield _titled("Targets, of which one has to be chosen", choices, width)
    yield _titled("Parameters", _parameters(found), width)
    yield _titled("Levels", _levels(found), width)
    yield _plot(found, width, is_fine)
    yield _options(found, width)
    yield _titled("Before these, a first dose of another size", _loading(found), width)
    yield _titled("As given now", _present(found), width)
    yield _titled("Without another dose", _waits(found), width)
    if found.doses:
        yield _titled(TITLE, starting_text(found), width)
    yield _titled("Models", _models(found), width)
    yield _titled("Models left out", _refused(found), width)
    yield _titled("Ceilings that no option passes", [_ceiling(item) for item in found.ceilings], width)
    yield _titled("To know", [*found.notes, *(f"{gene}: {text}" for gene, text in found.genes.items())], width)
    yield _titled("Sources", [f"{name}: {item.get('title', '')}" for name, item in found.sources.items()], width)
    made = f"{found.software}, knowledge {found.knowledge_edition[:12]} of {found.knowledge_date}, {found.created}"
    yield [cut(made, width)]


def _titled(title: str, texts: Sequence[str], width: int) -> list[str]:
    return [title, *(line for text in texts for line in filled(text, width, "  - "))] if texts else []


def _headline(found: Dosing, width: int) -> list[str]:
    lines = [*filled(words.headline(found), width), *filled(words.draft_chances(found), width)]
    if found.draft is None:
        lines += [line for text in words.blocked(found) for line in filled(text, width, "  - ")]
        lines += filled(words.NOT_ADVICE, width) if found.options else []
    return lines


def _parameters(found: Dosing) -> list[str]:
    """Of the model that explains the levels best: a typical patient like this one, and this one."""
    best = next((item for item in found.models if found.curve and item.id == found.curve.model), None)
    if best is None:
        return []
    return [f"{best.title}"] + [
        f"{item.name}: {words.number(item.typical)} usually, here {words.between(item.here, item.unit)}"
        for item in best.parameters
    ]


def _levels(found: Dosing) -> list[str]:
    told = []
    for item in found.levels:
        alarm = words.level_alarm(item)
        told.append(
            f"{words.hours(found, item.time)}: {words.observed(item, found.level_unit)}; predicted beforehand "
            f"{words.between(item.beforehand)}, with the levels {words.between(item.afterwards)}"
            f"{f'. {alarm.upper()}' if alarm else ''}"
        )
    return told


def _plot(found: Dosing, width: int, is_fine: bool) -> list[str]:
    lines = plot(found, width, is_fine)
    return [*filled(f"Levels over time, by {words.curve_words(found)}", width), *lines] if lines else []


def _options(found: Dosing, width: int) -> list[str]:
    aim = found.target
    if aim is None or not found.options:
        return []
    routes = sorted({item.regimen.route for item in found.options})
    title = filled(f"Doses ({', '.join(routes)}) for the target: {aim.title}", width)
    notes = [line for text in (*words.target_notes(aim), words.ORDERED) for line in filled(text, width, "  ")]
    measure = words.MEASURES[aim.measure]
    heads = (
        "dose",
        f"{measure}, median (90 %)",
        "in",
        "below",
        "above",
        "toxic",
        "day 7" if aim.measure == "output" else "day 1",
        "weeks",
    )
    rows = [_row(item, found, len(routes) == 1) for item in found.options[:_SHOWN]]
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    shown = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    lines = ["  ".join(_aligned(row[n], widths[n], n) for n in shown).rstrip() for row in (heads, *rows)]
    if max(len(line) for line in lines) > width - 2:
        lines = [line for row in rows for line in _folded(row, heads, width)]
    left = found.priced - len(rows)
    more = [f"  and {left} more were looked at"] if left > 0 else []
    return [*title, *notes, *(line if line.startswith(" ") else f"  {line}" for line in lines), *more]


def _aligned(cell: str, size: int, place: int) -> str:
    return cell.ljust(size) if place < 2 else cell.rjust(size)


def _folded(row: Sequence[str], heads: Sequence[str], width: int) -> list[str]:
    chances = ", ".join(f"{head} {cell}" for head, cell in zip(heads[2:], row[2:], strict=True) if cell)
    return [f"  {row[0]}", *filled(f"{heads[1].split(',')[0]} {row[1]}", width, "    "), *filled(chances, width, "    ")]


def _row(item: Option, found: Dosing, is_short: bool) -> tuple[str, ...]:
    assert found.target is not None
    written = words.short_regimen if is_short else words.regimen
    toxic = words.percent(item.toxic) if found.target.toxic is not None else ""
    return (
        written(item.regimen, found.dose_unit),
        words.exposure(item.exposure, found.target),
        *(words.percent(share) for share in (item.in_target, item.below, item.above)),
        toxic,
        words.percent(item.first_in_target),
        "" if item.time_in_range is None else words.percent(item.time_in_range),
    )


def _loading(found: Dosing) -> list[str]:
    return [
        f"{words.dose(item.regimen, found.dose_unit)}: day 1 in the target {words.percent(item.first_in_target)}, "
        f"toxic {words.percent(item.first_toxic)}"
        for item in found.loading
    ]


def _present(found: Dosing) -> list[str]:
    if found.present is None or found.target is None:
        return []
    item = found.present
    told = (
        f"{words.regimen(item.regimen, found.dose_unit)}: {words.MEASURES[found.target.measure]} "
        f"{words.exposure(item.exposure, found.target)}; in the target {words.percent(item.in_target)}, "
        f"below {words.percent(item.below)}, above {words.percent(item.above)}"
    )
    return [told, *(f"it passes a ceiling: {text}" for text in found.present_above)]


def _waits(found: Dosing) -> list[str]:
    return [
        f"{found.targets.get(item.target, item.target)}: {words.waiting(item, found.level_unit)}" for item in found.waits
    ]


def _models(found: Dosing) -> list[str]:
    told = []
    for item in found.models:
        used = "; ".join(f"{name} {text}" for name, text in item.used.items())
        concerns = "".join(f". {concern.text}" for concern in item.concerns)
        told.append(f"{words.percent(item.weight)}: {item.title}, from {item.people} people ({item.id}). {used}{concerns}")
    return [*told, *(f"{name} is used only when named with --model: {text}" for name, text in found.special.items())]


def _refused(found: Dosing) -> list[str]:
    return [
        f"{item.title}: {'; '.join(words.without_title(reason.text, item.title) for reason in item.reasons)}"
        for item in found.refused
    ]


def _ceiling(item: Limit) -> str:
    forbids = f" (forbids {item.forbids} of the doses that exist)" if item.forbids else ""
    return f"{item.text}{forbids}{f'; it {item.why}' if item.why else ''}"
