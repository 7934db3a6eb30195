"""What is known besides the family, and how what is not known is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nof1.knowledge.judge import Limits, open_names
from nof1.knowledge.prevention import Criterion
from nof1.risk.counted import Family
from nof1.risk.kinship import relation

Values = Mapping[str, float | Limits]
_SHOWN = 8
_WHETHER = ": whether "
_OF, _SINCE = "illnesses of ", ", and at which age they began"
FAMILY = "illnesses in your family: who had what, and at which age"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known besides the family. ``values``: facts of the person by name (or lowest and highest); ``titles``: names
    in words; ``findings``: genes of reported findings; ``codes``: ``system|code`` -> text of the person's record; ``plain``:
    names in the words of the person.
    """

    values: Values
    titles: Mapping[str, str]
    findings: frozenset[str] = frozenset()
    codes: Mapping[str, str] | None = None
    plain: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """A fact in words."""
        return self.titles.get(name) or name.replace("_", " ")

    def plainly(self, name: str) -> str:
        """A fact as the person is asked about it."""
        return self.plain.get(name) or self.named(name)


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be asked: in ``words``, and in those of the person (``plain``)."""

    words: str
    plain: str


def missing(text: str, asked: Asked) -> tuple[Need, ...]:
    """The facts that are not known exactly and decide a condition."""
    return tuple(Need(asked.named(name), asked.plainly(name)) for name in open_names(text, asked.values))


def once(needs: Iterable[str]) -> tuple[str, ...]:
    """Each need once; what is asked of one relative in one line, and relatives of whom the same is asked together.

    >>> once(["father: whether a, b", "x", "father: whether b, c", "mother: whether a, b, c"])
    ('father, mother: whether a, b, c', 'x')
    """
    asked: dict[str, dict[str, None]] = {}
    for need in needs:
        who, whether, what = need.partition(_WHETHER)
        asked.setdefault(who, {}).update(dict.fromkeys(what.split(", ") if whether else ()))
    people: dict[tuple[str, ...], list[str]] = {}
    for who, told in asked.items():
        people.setdefault(tuple(told) or (_WHETHER, who), []).append(who)
    return tuple(
        whos[0] if what[0] == _WHETHER else f"{', '.join(whos)}{_WHETHER}{', '.join(what)}" for what, whos in people.items()
    )


def plainly(asks: Iterable[str]) -> tuple[str, ...]:
    """Each question to the person once, relatives together.

    >>> plainly(["illnesses of your father", "your weight", "illnesses of your mother"])
    ('illnesses of your father and your mother, and at which age they began', 'your weight')
    """
    found = list(dict.fromkeys(asks))
    people = [one.removeprefix(_OF) for one in found if one.startswith(_OF)]
    if FAMILY in found or not people:
        return tuple(one for one in found if not one.startswith(_OF))
    told = f"{_OF}{', '.join(people[:-1])}{' and ' if people[:-1] else ''}{people[-1]}{_SINCE}"
    first = next(at for at, one in enumerate(found) if one.startswith(_OF))
    return tuple(told if at == first else one for at, one in enumerate(found) if at == first or not one.startswith(_OF))


def of_relative(person: str, found: Family) -> str:
    """The illnesses of a relative, as the person is asked about them."""
    called = relation(found.pedigree, person)
    return f"{_OF}your {called}" if called else f"{_OF}{found.called(person)}"


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
