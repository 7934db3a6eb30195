"""Published criteria judged over a family: met, not met, or what has to be asked first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product

from nof1.knowledge.judge import judge
from nof1.knowledge.prevention import Criterion, FamilyRule, PointBand, Relatives
from nof1.model.pedigree import Pedigree, Person
from nof1.risk.asked import FAMILY, Asked, Need, missing, of_relative, once, question
from nof1.risk.counted import Family, begun, both, counts, family, ill, sides
from nof1.risk.kinship import are_first_degree

_Part = tuple[bool | None, tuple[str, ...], tuple[Need, ...]]  # whether it holds, who counted, what to ask
_MOST = 40  # people of a group that are tried together; more are cut, the nearest first


class Verdict(StrEnum):
    """``NOT_FOR``: not made for this person. ``UNKNOWN``: it cannot be judged before something is asked."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_FOR = "not_for"


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion: its verdict, who counted, and what would have to be known (``asks``: in the words of the person)."""

    criterion: Criterion
    verdict: Verdict
    people: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleResult:
    """A rule: its verdict, its criteria, what has to be asked; points (lowest, highest) and the bands they give.

    ``asks``: what has to be asked, in the words of the person.
    """

    rule: FamilyRule
    verdict: Verdict
    criteria: tuple[Judged, ...] = ()
    needs: tuple[str, ...] = ()
    points: tuple[float, float] | None = None
    bands: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def judge_rules(rules: Iterable[FamilyRule], pedigree: Pedigree, asked: Asked) -> list[RuleResult]:
    """Every rule over the family and the person."""
    found = family(pedigree)
    return [_rule(rule, found, asked) for rule in rules]


def asked_conditions(rules: Iterable[FamilyRule], titles: Mapping[str, str]) -> dict[str, str]:
    """The illnesses of relatives that ``rules`` ask for, with their titles: what a drawing may fill in."""
    groups = (group for rule in rules for one in rule.criteria for group in one.relatives)
    return {name: titles.get(name, name.replace("_", " ")) for group in groups for name in group.conditions}


def _rule(rule: FamilyRule, found: Family, asked: Asked) -> RuleResult:
    is_for = judge(rule.only_for, asked.values) if rule.only_for else True
    if is_for is False or any(asked.values.get(name) == 1 for name in rule.not_with):
        return RuleResult(rule, Verdict.NOT_FOR)
    judged = tuple(_criterion(one, found, asked) for one in rule.criteria)
    hint = next((asked.codes[code] for code in rule.hints if asked.codes and code in asked.codes), "")
    made = _points(rule, judged) if rule.combine == "points" else _any(rule, judged)
    needs, asks = list(made.needs), list(made.asks)
    verdict = made.verdict
    if hint and verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
        verdict = Verdict.UNKNOWN
        needs.insert(0, f"which relative, on which side and at which age: the record says {hint!r}")
        asks.insert(0, FAMILY)
    if is_for is None and verdict is not Verdict.NOT_MET:
        verdict = Verdict.UNKNOWN
        needs += [one.words for one in missing(rule.only_for, asked)]
        asks += [one.plain for one in missing(rule.only_for, asked)]
    is_open = verdict is Verdict.UNKNOWN
    confirm = tuple(one.criterion.confirm for one in judged if one.verdict is Verdict.MET and one.criterion.confirm)
    shown, told = (once(needs), tuple(dict.fromkeys(asks))) if is_open else ((), ())
    return RuleResult(rule, verdict, judged, shown, made.points, made.bands, confirm, told)


def _any(rule: FamilyRule, judged: tuple[Judged, ...]) -> RuleResult:
    verdicts = {one.verdict for one in judged}
    verdict = next((one for one in (Verdict.MET, Verdict.UNKNOWN) if one in verdicts), Verdict.NOT_MET)
    return RuleResult(rule, verdict, judged, _needs(judged), asks=_asks(judged))


def _needs(judged: Iterable[Judged]) -> tuple[str, ...]:
    return tuple(need for one in judged if one.verdict is Verdict.UNKNOWN for need in one.needs)


def _asks(judged: Iterable[Judged]) -> tuple[str, ...]:
    return tuple(ask for one in judged if one.verdict is Verdict.UNKNOWN for ask in one.asks)


def _points(rule: FamilyRule, judged: tuple[Judged, ...]) -> RuleResult:
    """The points of each group's highest criterion: of those met, and of those that may be."""
    groups = dict.fromkeys(one.criterion.group or one.criterion.id for one in judged)
    low, high = (
        sum(
            max(
                (
                    one.criterion.points
                    for one in judged
                    if (one.criterion.group or one.criterion.id) == group and one.verdict in kinds
                ),
                default=0.0,
            )
            for group in groups
        )
        for kinds in ((Verdict.MET,), (Verdict.MET, Verdict.UNKNOWN))
    )
    lowest, highest = _band(rule, low), _band(rule, high)
    verdict = Verdict.MET if lowest.is_met else Verdict.UNKNOWN if highest.is_met else Verdict.NOT_MET
    bands = tuple(dict.fromkeys((lowest.title, highest.title)))
    return RuleResult(rule, verdict, judged, _needs(judged), (low, high), bands, asks=_asks(judged))


def _band(rule: FamilyRule, points: float) -> PointBand:
    return next((band for band in rule.bands if points >= band.least), rule.bands[-1])


def _criterion(one: Criterion, found: Family, asked: Asked) -> Judged:
    parts: list[_Part] = []
    if one.when:
        holds = judge(one.when, asked.values)
        parts.append((holds, (), missing(one.when, asked) if holds is None else ()))
    if one.self_findings:
        parts.append((bool(asked.findings & set(one.self_findings)), (), ()))
    if one.self_has:
        parts.append(_own(one, found, asked))
    if one.relatives:
        parts.append(_relatives(one, found, asked))
    holds = both(part[0] for part in parts)
    verdict = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.UNKNOWN}[holds]
    people = tuple(dict.fromkeys(person for part in parts for person in part[1]))
    open_ = [need for part in parts if part[0] is None for need in part[2]]
    needs = tuple(dict.fromkeys(need.words for need in open_))
    asks = tuple(dict.fromkeys(need.plain for need in open_))
    return Judged(one, verdict, people if verdict is Verdict.MET else (), needs, asks)


def _own(one: Criterion, found: Family, asked: Asked) -> _Part:
    """Whether the person has what is asked, begun early enough."""
    me = found.me
    before = (
        tuple(one.self_before_by_sex.values()) if not me.sex else tuple(filter(None, (one.self_before_by_sex.get(me.sex),)))
    )
    before = before or (() if one.self_before is None else (one.self_before,))
    answers = [_own_condition(name, me, before, asked) for name in one.self_has]
    sure, possible = answers.count(True), len(answers) - answers.count(False)
    holds = True if sure >= one.self_count else None if possible >= one.self_count else False
    open_ = [name for name, answer in zip(one.self_has, answers, strict=True) if answer is None]
    needs = tuple(
        Need(f"age at {asked.named(name)}", f"at which age this began: {asked.plainly(name)}")
        if asked.values.get(name) == 1
        else Need(asked.named(name), asked.plainly(name))
        for name in open_
    )
    return holds, ("this person",) if holds else (), needs


def _own_condition(name: str, me: Person, before: tuple[float, ...], asked: Asked) -> bool | None:
    answers = [begun(item, me, before) for item in me.illnesses if name in item.terms]
    if answers:
        return True if True in answers else None if None in answers else False
    held = asked.values.get(name)
    if not isinstance(held, int | float):
        return None
    return (None if before else True) if held == 1 else False


def _relatives(one: Criterion, found: Family, asked: Asked) -> _Part:
    """Whether enough relatives count together: those that count for certain, else those that may."""
    answers = [_answers(one, group, found) for group in one.relatives]
    sure = _chosen(one, found, [[person for person, holds in group.items() if holds] for group in answers], True)
    if sure is not None:
        return (
            True,
            tuple(found.called(person) if person != found.pedigree.proband else "this person" for person in sure),
            (),
        )
    possible = [[person for person, holds in group.items() if holds is not False] for group in answers]
    if _chosen(one, found, possible, False) is None:
        return False, (), ()
    if found.is_silent:
        return None, (), (Need("the family history: nothing is recorded of any relative", FAMILY),)
    doubts = dict.fromkeys(person for group in answers for person, holds in group.items() if holds is None)
    needs = [Need(question(person, one, found, asked), of_relative(person, found)) for person in doubts]
    unplaced = (
        Need(f"{found.called(one_)}: on which side of the family", FAMILY)
        for group in possible
        for one_ in group
        if found.kin.get(one_) and found.kin[one_].sides is None
    )
    if one.same_side:
        needs += unplaced
    return None, (), tuple(needs)


def _answers(one: Criterion, group: Relatives, found: Family) -> dict[str, bool | None]:
    answers: dict[str, bool | None] = {}
    if one.with_self:
        answers[found.pedigree.proband] = ill(found, found.me, group.conditions, group.maybe)
    for person in found.pedigree.persons.values():
        if person.id != found.pedigree.proband:
            answers[person.id] = counts(found, person, group)
    return answers


def _chosen(one: Criterion, found: Family, groups: list[list[str]], is_sure: bool) -> tuple[str, ...] | None:
    """People, different ones for each group, who fulfil the criterion together; ``None`` where there are none."""
    ways = (combinations(people[:_MOST], group.least) for people, group in zip(groups, one.relatives, strict=True))
    for way in product(*(list(one_way) for one_way in ways)):
        chosen = tuple(person for part in way for person in part)
        if len(set(chosen)) == len(chosen) and _together(one, found, chosen, is_sure):
            return chosen
    return None


def _together(one: Criterion, found: Family, chosen: tuple[str, ...], is_sure: bool) -> bool:
    """Whether those chosen fulfil what is asked of them together."""
    others = [person for person in chosen if person != found.pedigree.proband]
    if one.one_of_degree is not None:
        wanted = {one.one_of_degree}
        degrees = [set(found.kin[person].degrees) for person in others]
        if not any(held <= wanted if is_sure else held & wanted for held in degrees):
            return False
    if one.same_side and not frozenset.intersection(*(sides(found, person, is_sure) for person in chosen)):
        return False
    if one.linked and not any(_links(found, person, chosen, is_sure) for person in chosen):
        return False
    rows = {found.rows.get(person) for person in chosen}
    if (
        one.generations > 1
        and not any(row is not None and row + 1 in rows for row in rows)
        and (is_sure or None not in rows)
    ):
        return False
    if one.youngest_before is None:
        return True
    counted = [found.pedigree.persons[person] for person in chosen] + ([found.me] if one.self_has else [])
    asked = {name for group in one.relatives for name in group.conditions} | set(one.self_has)
    begins = [
        begun(item, person, (one.youngest_before,))
        for person in counted
        for item in person.illnesses
        if asked & set(item.terms)
    ]
    is_open = any(not asked & {term for item in person.illnesses for term in item.terms} for person in counted)
    return True in begins or (not is_sure and (None in begins or is_open))


def _links(found: Family, one: str, chosen: tuple[str, ...], is_sure: bool) -> bool:
    persons = found.pedigree.persons
    return all(
        are_first_degree(found.pedigree, one, other) or (not is_sure and bool(persons[one].stated or persons[other].stated))
        for other in chosen
        if other != one
    )
