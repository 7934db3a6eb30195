"""The words of an answer on doses; the same in the page and in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nof1.response.described import Interval, LevelFit
from nof1.response.document import Aimed, Choice, Dosing, Waiting
from nof1.response.fit import IMPLAUSIBLE, UNLIKELY
from nof1.response.regimens import Regimen, length

MEASURES = {
    "auc24": "area over 24 h",
    "auc_cumulative": "area over the course",
    "trough": "trough",
    "peak": "peak",
    "average": "mean level",
    "time_above": "share of the interval above",
    "output": "effect",
}
NO_DRAFT = "No dose is drafted."
NOT_ADVICE = "What follows shows what models predict; it is no advice to give a dose."
DRAFT = "Draft, for a prescriber to check"
ORDERED = (
    "Ordered by how well the exposure at steady state fits: a dose that misses the range by little counts more "
    "than one that misses it by much, and harm counts against it, at steady state and on the first day."
)
IMPLAUSIBLE_WORD = "implausible"
ENTERED = " was entered once and not read a second time"
_SIGNIFICANT = 3


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time axis: where (hours) and what stands there."""

    hours: float
    text: str


def number(value: float) -> str:
    """A number of three digits, whole where it is large.

    >>> number(424.36), number(14.249), number(0.05234), number(1500.0)
    ('424', '14.2', '0.0523', '1500')
    """
    if abs(value) >= 10 ** (_SIGNIFICANT - 1):
        return f"{value:.0f}"
    return f"{value:.{_SIGNIFICANT}g}"


def percent(share: float) -> str:
    """A probability in per cent.

    >>> percent(0.478), percent(0.0004), percent(0), percent(0.9999), percent(1)
    ('48 %', '<1 %', '0 %', '>99 %', '100 %')
    """
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1 - 1e-9:
        return ">99 %"
    return f"{100 * share:.0f} %"


def between(found: Interval, unit: str = "") -> str:
    """A median and its 90 % interval.

    >>> between(Interval(310.4, 424.4, 712.9), "mg.h/L")
    '424 (310 to 713) mg·h/L'
    """
    spread = f" ({number(found.low)} to {number(found.high)})" if found.high - found.low > 1e-9 * abs(found.middle) else ""
    told = f"{number(found.middle)}{spread}"
    return f"{told} {shown_unit(unit)}".rstrip()


def shown_unit(unit: str) -> str:
    """A unit as it is printed; none for the unit ``1``.

    >>> shown_unit("mg.h/L"), shown_unit("1"), shown_unit("ug/L")
    ('mg·h/L', '', 'µg/L')
    """
    return "" if unit == "1" else unit.replace(".", "·").replace("ug", "µg")


def short_regimen(item: Regimen, unit: str) -> str:
    """The dose and how often, where the route stands beside it.

    >>> short_regimen(Regimen("intravenous", 1500.0, 24.0, 2.5), "mg")
    '1500 mg over 2.5 h, every 24 h'
    """
    return regimen(item, unit).replace(f" {item.route}", "", 1)


def dose(regimen: Regimen, unit: str) -> str:
    """The single dose.

    >>> dose(Regimen("intravenous", 1500.0, 24.0, 2.5), "mg")
    '1500 mg intravenous over 2.5 h'
    """
    over = f" over {length(regimen.duration)}" if regimen.duration else ""
    return f"{regimen.amount:.6g} {shown_unit(unit)} {regimen.route}{over}"


def regimen(item: Regimen, unit: str) -> str:
    """The dose and how often it is given.

    >>> regimen(Regimen("oral", 3.5, 12.0, 0.0), "mg"), regimen(Regimen("intravenous", 2000.0, 24.0, 24.0), "mg")
    ('3.5 mg oral every 12 h', '2000 mg intravenous over 24 h, without a break')
    """
    if item.duration and item.duration >= item.interval:
        return f"{dose(item, unit)}, without a break"
    return f"{dose(item, unit)}{',' if item.duration else ''} every {item.interval:g} h"


def without_title(text: str, title: str) -> str:
    """What is said of a model, where its title stands beside it.

    >>> without_title("age 62 a: A model holds for 0 to 1 a", "A model")
    'age 62 a: holds for 0 to 1 a'
    """
    return text.replace(f"{title} ", "")


def headline(found: Dosing) -> str:
    """The draft, or that there is none."""
    if found.draft is None:
        return NO_DRAFT
    return f"{DRAFT}: {found.drug}, {regimen(found.draft.regimen, found.dose_unit)}."


def draft_chances(found: Dosing) -> str:
    """How likely the draft meets its target; empty without a draft."""
    if found.draft is None or found.target is None:
        return ""
    item, aim = found.draft, found.target
    harm = f", toxic {percent(item.toxic)}" if aim.toxic is not None else ""
    return (
        f"For the target {aim.title}: in it {percent(item.in_target)}, below {percent(item.below)}, "
        f"above {percent(item.above)}{harm}. {MEASURES[aim.measure].capitalize()} {exposure(item.exposure, aim)}."
    )


def first_look(measure: str) -> str:
    """When an option is looked at first: an effect needs longer than a level.

    >>> first_look("output"), first_look("trough")
    ('after a week', 'on the first day')
    """
    return "after a week" if measure == "output" else "on the first day"


def target_range(aim: Aimed) -> str:
    """The range in figures.

    >>> from types import SimpleNamespace as Aim
    >>> target_range(Aim(low=400.0, high=600.0, unit="mg.h/L", measure="auc24"))
    '400 to 600 mg·h/L'
    """
    unit, times = (" %", 100.0) if aim.measure == "time_above" and aim.unit == "1" else (f" {shown_unit(aim.unit)}", 1.0)
    low, high = (None if end is None else f"{end * times:.4g}" for end in (aim.low, aim.high))
    if low is not None and high is not None:
        return f"{low} to {high}{unit}" if low != high else f"{low}{unit}"
    return (f"at least {low}{unit}" if high is None else f"at most {high}{unit}").rstrip()


def target_notes(aim: Aimed) -> list[str]:
    """What the target rests on: MIC, threshold, unbound fraction, its note."""
    told = []
    if aim.mic is not None:
        told.append(f"MIC {aim.mic:g} mg/L{', assumed: nobody gave it' if aim.is_mic_assumed else ''}")
    if aim.threshold is not None:
        told.append(f"threshold {aim.threshold:g} mg/L")
    if aim.free_fraction is not None:
        told.append(f"unbound part {aim.free_fraction:g} of the level")
    if aim.toxic is not None:
        told.append(f"harm is counted above {aim.toxic:g} {shown_unit(aim.unit)}")
    return [*told, *([aim.note] if aim.note else [])]


def choice(item: Choice, dose_unit: str) -> str:
    """A target to choose, and how likely the dose given now meets it."""
    told = f"{item.target.title}: {MEASURES[item.target.measure]} {target_range(item.target)} ({item.target.id})"
    if item.present is None:
        return told
    now = f"as given now, {regimen(item.present.regimen, dose_unit)}: {exposure(item.present.exposure, item.target)}"
    return (
        f"{told}; {now}, in it {percent(item.present.in_target)}, below {percent(item.present.below)}, "
        f"above {percent(item.present.above)}"
    )


def exposure(found: Interval, aim: Aimed) -> str:
    """An exposure in the unit of the target; a share of time in per cent."""
    if aim.measure == "time_above" and aim.unit == "1":
        return f"{percent(found.middle)} ({percent(found.low)} to {percent(found.high)})"
    return between(found, aim.unit)


def level_alarm(item: LevelFit) -> str:
    """What must be said of a level; empty where it is as expected."""
    if item.unlikely < IMPLAUSIBLE:
        return "implausible for a patient like this one: confirm the sample, its time and the doses before it"
    return "unusual for a patient like this one" if item.unlikely < UNLIKELY else ""


def observed(item: LevelFit, unit: str) -> str:
    """A level as it was measured, with the sign of a limit."""
    sign = {"below": "<", "above": ">"}.get(item.limit, "")
    return f"{sign}{number(item.value)} {shown_unit(unit)}".rstrip()


def curve_words(found: Dosing) -> str:
    """By which models a curve is drawn, and which doses are in it after now."""
    mixed = _mixed(found)
    if not found.options:
        return mixed
    return f"{mixed}; after now with the first of the doses below, {regimen(found.options[0].regimen, found.dose_unit)}"


def _mixed(found: Dosing) -> str:
    """The model of a curve; of several each with its share, the largest first."""
    shares = dict(found.curve.models) if found.curve else {}
    titles = {item.id: item.title for item in found.models}
    if len(shares) < 2:
        name = found.curve.model if found.curve else ""
        return titles.get(name, name)
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    listed = "; ".join(f"{titles.get(name, name)} {percent(share)}" for name, share in ordered)
    return f"{len(shares)} models mixed by their weights ({listed})"


def waiting(item: Waiting, unit: str) -> str:
    """How long until the level is low enough for a target, without another dose.

    >>> waiting(Waiting("trough", 15.0, 2.5, 6.0, None, Interval(15.0, 18.2, 22.0)), "mg/L")
    'below 15 mg/L in 6 h (2.5 h to longer than looked ahead); predicted for now 18.2 (15 to 22) mg/L'
    """
    low, middle, high = (
        "longer than looked ahead" if value is None else f"{number(value)} h" for value in (item.low, item.middle, item.high)
    )
    when = f"in {middle}" if item.middle is None or item.middle > 0 else "now"
    spread = f" ({low} to {high})" if low != high else ""
    now = between(item.level_now, unit)
    return f"below {item.below:g} {shown_unit(unit)} {when}{spread}; predicted for now {now}"


def blocked(found: Dosing) -> list[str]:
    """Why nothing is drafted; models and targets entered once are named together."""
    once = [text.removesuffix(ENTERED) for text in found.blocked if text.endswith(ENTERED)]
    rest = [text for text in found.blocked if not text.endswith(ENTERED)]
    rest.sort(key=lambda text: IMPLAUSIBLE_WORD not in text)
    return [*rest, *([f"entered once and not read a second time: {'; '.join(once)}"] if once else [])]


def hours(found: Dosing, at: float) -> str:
    """A time for a reader: a date where the history has dates."""
    if not found.start:
        return f"{at:.4g} h"
    return moment(found, at).isoformat(" ", "minutes")[:16]


def moment(found: Dosing, at: float) -> datetime:
    """The date and time of an hour."""
    return datetime.fromisoformat(found.start) + timedelta(hours=at)


def ticks(found: Dosing, begin: float, end: float, most: int) -> list[Tick]:
    """At most ``most`` marks from ``begin`` to ``end``: days where the history has dates, else round hours."""
    steps = (1, 2, 4, 6, 12, 24, 48, 72, 96, 168, 336, 672, 1344)
    step = next((item for item in steps if (end - begin) / item <= most), steps[-1])
    if not found.start:
        first = -(-begin // step) * step
        return [Tick(first + n * step, f"{first + n * step:g} h") for n in range(int((end - first) // step) + 1)]
    midnight = moment(found, begin).replace(hour=0, minute=0, second=0, microsecond=0)
    first = (midnight - moment(found, 0.0)) / timedelta(hours=1)
    marks = []
    for n in range(int((end - first) // step) + 1):
        at = first + n * step
        if at >= begin:
            when = moment(found, at)
            text = f"{when.day} {when:%b}" if step >= 24 or when.hour == 0 else f"{when:%H:%M}"
            marks.append(Tick(at, text))
    return marks
