"""Diplotypes as other tools write them, brought to the knowledge's own allele names: the pairs each can stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from nof1.pgx.phenotype import Meaning

_MEMBER = re.compile(
    r"^\*?(?P<core>\d{1,9})(?:\.\d+)?(?:x(?P<copies>[1-9]\d?|≥[1-9]\d?|[Nn]|\(?(?P<low>[1-9]\d?)-(?P<high>[1-9]\d?)\)?))?$"
)
_WHOLE = re.compile(r"^\((?P<pair>[^()]+/[^()]+)\)\s*x(?P<copies>\S+)$")
_STAR = re.compile(r"^\*\S{1,60}$")
_FEWEST = ("2", "≥3")  # what "x times" can be: two copies, or more
MOST = 200  # combinations listed of one call


@dataclass(frozen=True, slots=True)
class Pair:
    """One possible reading: its one or two alleles, and whether an allele in it is set apart so that no meaning follows."""

    haplotypes: tuple[str, ...]
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a written diplotype can be (``pairs``), with remarks; or ``why`` nothing can be said."""

    pairs: tuple[Pair, ...]
    remarks: tuple[str, ...] = ()
    why: str = ""


class NotRead(ValueError):
    """A part of the text that is no allele: ``str()`` says which and why."""


def star_reading(words: Meaning, text: str, is_tool: bool) -> Reading:
    """What a diplotype of star alleles or named variants can be.

    ``;`` and ``or`` separate possible diplotypes, ``/`` the alleles of one. ``is_tool``: a star allele that the knowledge
    lacks is kept as written, not taken for a slip of the pen. Raises ``NotRead``.
    """
    pairs: dict[tuple[str, ...], None] = {}
    remarks: dict[str, None] = {}
    possible = [text] if words.known(text) is not None else re.split(r"\s*;\s*|\s+or\s+", text.strip())
    for one in possible:
        for names in _spread(words, one):
            options = [_star(words, name, is_tool) for name in names]
            for name, option in zip(names, options, strict=True):
                if "+" in name and option != [name]:
                    remarks[f"{name} is read as {' or '.join(option)}"] = None
            for chosen in product(*options):
                pairs[tuple(sorted(chosen))] = None
            if len(pairs) > MOST:
                return Reading((), (), f"more than {MOST} diplotypes are possible")
    return Reading(tuple(Pair(pair) for pair in pairs), tuple(remarks))


def _spread(words: Meaning, text: str) -> list[list[str]]:
    """The alleles of one diplotype; several lists where it is not said which of two alleles is repeated."""
    if words.known(text) is not None:
        return [[text]]
    if found := _WHOLE.match(text):
        one, two = _split(found["pair"])
        copies = f"x{found['copies']}"
        return [[one + copies, two]] if one == two else [[one + copies, two], [one, two + copies]]
    return [_split(text)]


def _split(text: str) -> list[str]:
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > 2:
        raise NotRead(f"{text!r} names {len(parts)} alleles; write one or two")
    return parts


def _star(words: Meaning, name: str, is_tool: bool) -> list[str]:
    """The names one written allele can stand for."""
    name = name.replace(">=", "≥")
    without_remark = [known for known in words.alleles if known.partition(" (")[0] == name]
    for candidate in (name, f"*{name}", *(without_remark if len(without_remark) == 1 else ())):
        if (found := words.known(candidate)) is not None:
            return [found]
    if "x" in name or "+" in name:
        members = [_MEMBER.match(part) for part in re.sub(r"\s*([+x])\s*", r"\1", name).split("+")]
        if all(members):
            spelt = [_copies(member) for member in members if member]
            if prod(map(len, spelt)) > MOST:
                raise NotRead(f"allele {name[:60]!r} can be read in more than {MOST} ways; write its copies as numbers")
            return list(dict.fromkeys(_joined(words, chosen) for chosen in product(*spelt)))
    if is_tool and _STAR.match(name):
        return [name]
    raise NotRead(f"allele {name!r} is not in the knowledge; see nof1 knowledge show {words.gene.file.gene}")


def _copies(member: re.Match[str]) -> list[tuple[str, str]]:
    """(allele, copies) for every number of copies one member can have."""
    core, copies = f"*{member['core']}", member["copies"] or "1"
    if copies in ("N", "n"):
        return [(core, number) for number in _FEWEST]
    if member["low"]:
        low, high = sorted((int(member["low"]), int(member["high"])))
        return [(core, str(number)) for number in range(low, min(high, low + 20) + 1)]
    return [(core, copies)]


def _joined(words: Meaning, members: Sequence[tuple[str, str]]) -> str:
    """One name for alleles in tandem: equal ones counted together, the others from the highest number down.

    The same tandem is written in both orders; one order makes them equal, and says nothing about the chromosome.
    """
    counted: Counter[str] = Counter()
    open_end = set()
    for core, copies in members:
        counted[core] += int(copies.removeprefix("≥"))
        if copies.startswith("≥"):
            open_end.add(core)
    parts = []
    for core in sorted(counted, key=lambda core: -int(core[1:])):
        number = f"≥{counted[core]}" if core in open_end else str(counted[core])
        parts.append(core if number == "1" else f"{core}x{number}")
    if len(parts) == 1:
        return words.known(parts[0]) or parts[0]
    for known in words.alleles:
        if "+" in known and sorted(re.sub(r"\s+", "", known).split("+")) == sorted(parts):
            return known
    return "+".join(parts)
