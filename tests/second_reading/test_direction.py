"""The direction of every row of CPIC and DPWG of 2024-03 as a third reader coded it, against the rules.

The reader saw the texts and ``direction_codebook.md`` alone, neither the rules nor the second reading. Codes of the book and
actions of the rules are brought to one vocabulary of directions: another drug (avoid, or choose an alternative), test first,
less, more, as usual (with or without watching), no recommendation, and contraindicated. A situation that arises only during
treatment is no direction in the book; a rule may carry one as a branch of its own. Where reader and rules differed, a fourth
reader chose between the two without being told whose they were, and for one row gave a third answer
(``direction_adjudicated.tsv``); his word counts here.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import test_cpic_agreement as cpic
import test_dpwg_agreement as dpwg

from nof1.knowledge.schema import Rule

HERE = Path(__file__).parent
READ_ON = "2026-11-25"
SHA256 = {
    "cpic_direction.tsv": "30966e0de40ed453e1191da7e515ad27a111c97e4e5e55cded05b49a41c9e39e",
    "dpwg_direction.tsv": "682a08943aadab14eca21b10baca6d040f8171977fa0e0338603525698ee0c82",
    "direction_adjudicated.tsv": "a52ff9ff0d021f699045995cf8febca22e5d036b093b33dc31b27f382e9dac73",
    "direction_codebook.md": "427d34d505acb080f3a7faf4f0c4b748159ce807cba44537819c63a0e876e649",
}
GRAVE = {"contraindicated", "another drug", "test first", "less"}
ORDER = ("contraindicated", "another drug", "test first", "less", "more", "as usual", "no recommendation")
CODES = {
    "contraindicated": "contraindicated",
    "avoid": "another drug",
    "alternative": "another drug",
    "test_first": "test first",
    "reduce": "less",
    "increase": "more",
    "watch": "as usual",
    "usual": "as usual",
    "none": "no recommendation",
}
ACTIONS = {
    **{code: CODES[code] for code in ("contraindicated", "avoid", "alternative", "test_first")},
    **dict.fromkeys(("caution", "monitor", "use"), "as usual"),
    "no_recommendation": "no recommendation",
}
DOSES = {"decrease": "less", "limit": "less", "increase": "more", "": "as usual"}
# what the fourth reader decided: directions for everyone, directions in a situation
ADJUDICATED = {
    "T034": ("less+as usual", ""),
    "T079": ("as usual", ""),
    "T244": ("another drug", "less+as usual"),
    "T332": ("no recommendation", ""),
    "T336": ("another drug+as usual", ""),
    "D008": ("another drug+less", ""),
    "D017": ("less+as usual", ""),
    "D042": ("no recommendation", ""),
}
# lines whose situation is the result of another row of the same line, by line and row
OTHER_ROW = {("D173", "PA166299155")}
# a ceiling that is given for its own sake: the text does not say that it lies below the usual dose
CEILINGS = {"D162"}


class Read(NamedTuple):
    """Directions for everyone of a row, and those in a situation that is known beforehand."""

    always: frozenset[str]
    sometimes: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        return self.always | self.sometimes


class Pair(NamedTuple):
    """One source row: its line, the reading, what the rules say to everyone, and in any situation."""

    line: str
    row: str
    read: Read
    first: frozenset[str]
    every: frozenset[str]

    @property
    def is_grave(self) -> bool:
        return bool(GRAVE & (self.read.every | self.every))

    @property
    def agrees(self) -> bool:
        """Grave: the same set, but for branches of the rules alone. Otherwise: the same most urgent direction."""
        if self.is_grave:
            return self.read.every & GRAVE <= self.every and self.first & GRAVE <= self.read.every
        read = {most_urgent(self.read.always), most_urgent(self.read.every)}
        told = {most_urgent(self.first), most_urgent(self.every)} - {""}
        return bool(read & told) or (not self.first and most_urgent(self.read.every) == "as usual")


def most_urgent(directions: Iterable[str]) -> str:
    return min(directions, key=ORDER.index, default="")


def directions(rules: Iterable[Rule]) -> frozenset[str]:
    found = {ACTIONS[action] for rule in rules for action in rule.actions if action != "dose"}
    found |= {DOSES[rule.dose.direction] for rule in rules if "dose" in rule.actions and rule.dose}
    return frozenset(found)


def parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


@cache
def readings(name: str) -> dict[str, Read]:
    found = {}
    with (HERE / f"{name}_direction.tsv").open(encoding="utf-8", newline="") as opened:
        for line in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
            always = frozenset(CODES[code] for code in parts(line["always"], "+"))
            sometimes = frozenset(CODES[part.split("@")[0].strip()] for part in parts(line["sometimes"], ";"))
            found[line["id"]] = Read(always, sometimes)
    return found


def blind(name: str) -> list[tuple[str, list[str]]]:
    """The lines of the second reading, by which the texts are numbered, with their source rows."""
    with (HERE / f"{name}_blind.tsv").open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(line.get("text_id") or f"D{at:03d}", line["rows"].split("|")) for at, line in enumerate(lines, 1)]


def for_everyone(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if not (rule.situational or rule.applies_to or rule.setting.indication)]


@cache
def pairs(name: str, is_adjudicated: bool = True) -> tuple[Pair, ...]:
    found = []
    for line, rows in blind(name):
        read = readings(name)[line]
        if is_adjudicated and line in ADJUDICATED:
            always, sometimes = ADJUDICATED[line]
            read = Read(frozenset(parts(always, "+")), frozenset(parts(sometimes, "+")))
        for row in rows:
            if name == "cpic" and row not in cpic.rules():
                continue  # tells how to enter a result and advises nothing
            cited = cpic.rules()[row][1] if name == "cpic" else dpwg.rules()[row]
            own = Read(read.always, frozenset()) if (line, row) in OTHER_ROW else read
            first = directions(for_everyone(cited))
            first -= {"less"} if line in CEILINGS else set()
            found.append(Pair(line, row, own, first, directions(cited)))
    return tuple(found)


def test_the_readings_are_the_ones_made_without_sight_of_the_rules():
    assert {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in SHA256} == SHA256
    for name in ("cpic", "dpwg"):
        assert set(readings(name)) == {line for line, _ in blind(name)}
    with (HERE / "direction_adjudicated.tsv").open(encoding="utf-8", newline="") as opened:
        assert {line["id"] for line in csv.DictReader(opened, delimiter="\t")} == set(ADJUDICATED)
    assert (len(pairs("cpic")), len(pairs("dpwg"))) == (1996, 532)


def test_no_error_among_grave_rows_and_at_most_one_in_a_hundred_among_the_rest(capsys):
    """Prints the agreement of the third reader alone and with the rows that the fourth reader decided."""
    for name in ("cpic", "dpwg"):
        for is_adjudicated in (False, True):
            grave = [pair.agrees for pair in pairs(name, is_adjudicated) if pair.is_grave]
            rest = [pair.agrees for pair in pairs(name, is_adjudicated) if not pair.is_grave]
            who = "with the fourth reader's decisions" if is_adjudicated else "third reader alone"
            with capsys.disabled():
                print(f"\n{name}, direction, {who}: grave {sum(grave)}/{len(grave)}, rest {sum(rest)}/{len(rest)}", end="")
        assert not [(pair.line, pair.row) for pair in pairs(name) if pair.is_grave and not pair.agrees]
        assert sum(rest) >= 0.99 * len(rest)
