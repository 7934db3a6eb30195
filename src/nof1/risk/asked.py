"""What is known besides the family, and how what is not known is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nof1.knowledge.formula import parse
from nof1.knowledge.judge import Limits
from nof1.knowledge.prevention import Criterion
from nof1.risk.counted import Family

Values = Mapping[str, float | Limits]
_SHOWN = 8
_WHETHER = ": whether "


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known besides the family. ``values``: facts of the person by name (or lowest and highest); ``titles``: names
    in words; ``findings``: genes of reported findings; ``codes``: ``system|code`` -> text of the person's record.
    """

    values: Values
    titles: Mapping[str, str]
    findings: frozenset[str] = frozenset()
    codes: Mapping[str, str] | None = None

    def named(self, name: str) -> str:
        """A fact in words."""
        return self.titles.get(name) or name.replace("_", " ")


def missing(text: str, asked: Asked) -> Iterator[str]:
    """The facts of a condition that are not known exactly, in words."""
    names = sorted(parse(text).names)
    unknown = [name for name in names if not isinstance(asked.values.get(name), int | float)]
    return (asked.named(name) for name in unknown)


def once(needs: Iterable[str]) -> tuple[str, ...]:
    """Each need once; what is asked of one relative in one line.

    >>> once(["father: whether a, b", "x", "father: whether b, c"])
    ('father: whether a, b, c', 'x')
    """
    asked: dict[str, dict[str, None]] = {}
    for need in needs:
        who, whether, what = need.partition(_WHETHER)
        asked.setdefault(who, {}).update(dict.fromkeys(what.split(", ") if whether else ()))
    return tuple(f"{who}{_WHETHER}{', '.join(what)}" if what else who for who, what in asked.items())


def question(person: str, one: Criterion, found: Family, asked: Asked) -> str:
    """What would have to be known of a relative."""
    held = found.pedigree.persons[person]
    names = [name for group in one.relatives for name in (*group.conditions, *group.maybe)]
    known = [item for item in held.illnesses if set(names) & set(item.terms)]
    called = found.called(person)
    if not known:
        wanted = [asked.named(name) for name in dict.fromkeys(name for group in one.relatives for name in group.conditions)]
        more = f" and {len(wanted) - _SHOWN} more" if len(wanted) > _SHOWN else ""
        return f"{called}: whether {', '.join(wanted[:_SHOWN])}{more}"
    if any(item.onset is None for item in known):
        return f"{called}: age at {known[0].text}"
    sure = {name for group in one.relatives for name in group.conditions}
    if not any(sure & set(item.terms) for item in known):
        return f"{called}: whether {known[0].text} was {', '.join(asked.named(name) for name in sorted(sure))}"
    return f"{called}: sex, degree or age at {known[0].text}"
