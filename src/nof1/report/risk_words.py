"""Words and figures of risks, the same on a terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.risks import RiskEstimate, RiskFinding, RiskInputUsed, RiskMissing, RiskSupposed

STANDINGS = {"computed": "computed", "bounded": "bounds, since inputs are not known", "refused": "not given"}
_UNITS = {"1": "", "{score}": " points"}


def figure(made: RiskFinding, value: float) -> str:
    """A value of ``made``: a risk in per cent, anything else with its unit.

    >>> from nof1.model.risks import RiskFinding
    >>> figure(RiskFinding("", "", "", "", "risk", "1", "", "", "", ()), 0.0732)
    '7.3 %'
    """
    if made.measure == "risk":
        return f"{100 * value:.1f} %"
    unit = _UNITS.get(made.unit, f" {made.unit}")
    return f"{value:.0f}{unit}" if made.measure == "points" else f"{value:.3g}{unit}"


def change(made: RiskFinding, value: float) -> str:
    """A difference of two values of ``made``, with its sign; of risks in percentage points."""
    shown = figure(made, abs(value)).replace(" %", " points")
    return f"{'+' if value >= 0 else '-'}{shown}"


def headline(made: RiskFinding, one: RiskEstimate) -> str:
    """The value, the bounds, or that it is not given, with the name of its range."""
    if one.value is not None:
        text = figure(made, one.value)
    elif one.low is not None and one.high is not None:
        text = f"{figure(made, one.low)} to {figure(made, one.high)}"
    else:
        return "not given"
    return f"{text} ({one.category})" if one.category else text


def horizon(one: RiskEstimate) -> str:
    """The outcome with its horizon."""
    return f"{one.title}, within {one.years} years" if one.years else one.title


def short(one: RiskEstimate) -> str:
    """The outcome without what is in brackets, with its horizon.

    >>> short(RiskEstimate("a", "failure (of the heart)", 10))
    'failure, 10 years'
    """
    title = one.title.partition(" (")[0]
    return f"{title}, {one.years} years" if one.years else title


def what_ifs(made: RiskFinding) -> list[str]:
    """A line for each thing that might be different: what each outcome would be, then what to know of it."""
    told: dict[str, list[str]] = {}
    says: dict[str, str] = {}
    for one in made.estimates:
        for item in one.supposed:
            told.setdefault(item.title, []).append(f"{short(one)} {supposed(made, item)}")
            if item.says != "as asked":
                says[item.title] = f" ({item.says}) [{item.source}]"
    return [f"{title}: {'; '.join(values)}{says.get(title, '')}" for title, values in told.items()]


def supposed(made: RiskFinding, item: RiskSupposed) -> str:
    """The value of a what-if, with how much it changes."""
    if item.value is not None and item.change is not None:
        return f"{figure(made, item.value)} ({change(made, item.change)})"
    if item.low is None or item.high is None:
        return "not given"
    return f"{figure(made, item.low)} to {figure(made, item.high)}"


def source_of(item: RiskInputUsed) -> str:
    """Where an input comes from: by hand, or the day and place of the record."""
    if item.basis != "record":
        return "given by hand"
    return ", ".join(part for part in (item.when, item.place) if part) or "record"


def missing(made: RiskFinding, item: RiskMissing) -> str:
    """What is not known, why, and what it would settle."""
    reason = f" ({item.reason})" if item.reason and item.reason != item.title else ""
    match item.handled:
        case "own":
            return f"{item.title}{reason}: the equation has a coefficient for not known"
        case "ignore":
            return f"{item.title}{reason}: not said; whom the equation is for depends on it"
        case "ask":
            return f"{item.title}{reason}: nothing is given without it"
    widest = _widest(made)
    if widest is None or widest.low is None or widest.high is None or item.name not in widest.settles:
        return f"{item.title}{reason}"
    left, now = widest.settles[item.name], widest.high - widest.low
    known = "no interval" if left <= 1e-12 else f"an interval of at most {change(made, left)[1:]}"
    return f"{item.title}{reason}: known, it would leave {known} instead of {change(made, now)[1:]} ({short(widest)})"


def _widest(made: RiskFinding) -> RiskEstimate | None:
    """The estimate with the widest bounds."""
    open_ = [
        (one.high - one.low, place)
        for place, one in enumerate(made.estimates)
        if one.high is not None and one.low is not None
    ]
    return made.estimates[max(open_)[1]] if open_ else None


def refusals(made: RiskFinding) -> Iterator[str]:
    """Why values are not given, each reason once, with the outcomes it concerns where not all."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in made.estimates:
        for reason in one.refused:
            told.setdefault((reason.says, reason.source), []).append(horizon(one))
    for (says, source), outcomes in told.items():
        years = sorted({one.years for one in made.estimates if horizon(one) in outcomes})
        part = "" if len(outcomes) == len(made.estimates) else f" [within {', '.join(map(str, years))} years]"
        yield f"{says}{part} [{source}]"
