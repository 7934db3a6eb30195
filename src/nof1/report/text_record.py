"""The record in the terminal: what must change now, what is taken, effective phenotypes, interactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.model.findings import Assessment, DrugAdvice, EffectivePhenotype, Interaction
from nof1.report import words
from nof1.report.exposed import exposed_lines
from nof1.report.lines import column, cut, filled, padded
from nof1.report.markup import clean
from nof1.report.reading import (
    COURSES,
    NOW,
    brief,
    by_pair,
    cause,
    course,
    first_sentence,
    is_unlikely,
    named,
    needed,
    of_record,
    record_names,
    stopped_once,
    urgent_advice,
    urgent_pairs,
    waiting,
    why,
)

_NEEDS_SHOWN = 4
_LEFT_SHOWN = 3


def record_lines(assessment: Assessment, width: int) -> Iterator[str]:
    """Everything that the record adds, urgent first; nothing without a record."""
    if not assessment.record:
        return
    yield from _now(assessment, width)
    yield from _taken(assessment, width)
    yield from _effective(assessment.effective_phenotypes, width)
    yield from _interactions(assessment.interactions, width)
    yield from exposed_lines(assessment, width)
    yield from _missing(assessment, width)
    yield from _left_out(assessment, width)


def _now(assessment: Assessment, width: int) -> Iterator[str]:
    pairs, drugs, tests = urgent_pairs(assessment), list(urgent_advice(assessment)), waiting(assessment)
    yield from ("", f"MUST CHANGE NOW ({len(pairs) + len(drugs)})")
    for first, *_ in pairs:
        asked = "" if first.is_taken else " (asked about)"
        head = f"{' with '.join(first.drugs)}{asked}: {_acts(first)}"
        yield from _block(head, f"{first.effect} {first.advice} <{first.source}>", width)
    for drug, items in drugs:
        item = min(items, key=is_unlikely)
        head = f"{drug.drug} ({course(drug)}): {words.action(item.headline)}"
        yield from _block(
            head, f"{'only if ' if is_unlikely(item) else ''}{cause(item)}: {item.advice} <{item.source}>", width
        )
    if not (pairs or drugs):
        yield from filled("nothing that is taken or planned interrupts, by what is known here", width, "  ")
    if tests:
        yield f"  TEST FIRST ({len(tests)})"
    for drug in tests:
        yield from _block(f"{drug.drug} ({course(drug)})", _test(drug), width)


def _acts(item: Interaction) -> str:
    return ", ".join(dict.fromkeys([item.severity, *(words.action(code) for code in item.actions)]))


def _test(drug: DrugAdvice) -> str:
    if drug.test_first is None:
        return ""
    needs = needed(drug.test_first.needs, _NEEDS_SHOWN)
    return drug.test_first.why + (f"; settled by {needs}" if needs else "")


def _block(head: str, text: str, width: int) -> Iterator[str]:
    yield from filled(clean(f"! {head}"), width, "  ")
    yield from filled(clean(text), width, "      ")


def _taken(assessment: Assessment, width: int) -> Iterator[str]:
    """A line for each medicine taken or planned: name, course, headline, why; then what was not recognised, or stopped."""
    drugs = of_record(assessment)
    yield from ("", f"TAKEN OR PLANNED ({len(drugs)}), marked > among all drugs")
    rows = [(drug.drug, course(drug), words.headline(drug)) for drug in drugs]
    sizes = [column([row[place] for row in rows], most) for place, most in enumerate((width // 4, 13, 21))]
    for drug, row in zip(drugs, rows, strict=True):
        cells = "  ".join(padded(cell, size) for cell, size in zip(row, sizes, strict=True))
        yield cut(clean(f"{'!' if drug.interrupts else ' '} {cells}  {why(drug)}").rstrip(), width)
    if names := assessment.record.get("not_recognised", ()):
        yield from filled(clean(f"not recognised, not assessed: {'; '.join(names)}"), width, "  ")
    stopped = [item for item in stopped_once(assessment.record.get("medications", ())) if item.get("course") not in NOW]
    if stopped:
        listed = "; ".join(f"{item['text']} {item.get('until', '')}".strip() for item in stopped)
        yield from filled(clean(f"{COURSES['stopped']}: {listed}"), width, "  ")


def _effective(found: Sequence[EffectivePhenotype], width: int) -> Iterator[str]:
    changed = [item for item in found if item.effective != item.genetic]
    if not found:
        return
    yield from ("", f"EFFECTIVE PHENOTYPES ({len(changed)} of {len(found)} changed)")
    for item in found:
        genetic, effective = " or ".join(item.genetic) or "not known", " or ".join(dict.fromkeys(item.effective))
        kind = "guideline" if item.evidence == "guideline" else "lower evidence"
        if item in changed:
            line = f"{item.gene}: {genetic} -> {effective} by {', '.join(brief(text) for text in item.by)} [{kind}]"
        else:
            line = f"{item.gene}: {genetic}, unchanged" + (
                f"; not counted: {'; '.join(item.not_counted)}" if item.not_counted else ""
            )
        yield from filled(clean(line), width, "  ")


def _interactions(found: Sequence[Interaction], width: int) -> Iterator[str]:
    """Those that do not interrupt, a line for each pair; the others stand above."""
    pairs = by_pair(item for item in found if not item.interrupts)
    if not pairs:
        return
    yield from ("", f"INTERACTIONS THAT DO NOT INTERRUPT ({len(pairs)})")
    names = [" + ".join(first.drugs) for first, *_ in pairs]
    size = column(names, width // 3)
    for name, (first, *_) in zip(names, pairs, strict=True):
        yield cut(
            f"  {padded(name, size)}  {padded(first.severity, 15)}  {clean(first_sentence(first.effect))}".rstrip(), width
        )


def _missing(assessment: Assessment, width: int) -> Iterator[str]:
    if assessment.missing:
        first = assessment.missing[0]
        line = f"WOULD HELP MOST: {named(first.about, record_names(assessment))} ({'; '.join(first.changes)})"
        yield from ("", *filled(clean(line), width))


def _left_out(assessment: Assessment, width: int) -> Iterator[str]:
    """What of the record could not be used, the first of it by place; conditions and allergies that no name fits."""
    left, unused = assessment.record.get("left_out", ()), list(_not_recognised(assessment))
    if not (left or unused):
        return
    yield from ("", f"LEFT OUT ({len(left)})" + (", all of it on the page" if len(left) > _LEFT_SHOWN else ""))
    for item in left[:_LEFT_SHOWN]:
        yield from filled(clean(f"{item['place']}: {item['reason']}"), width, "  ")
    if len(left) > _LEFT_SHOWN:
        yield f"  and {len(left) - _LEFT_SHOWN:,} more: see the page"
    yield from (line for text in unused for line in filled(text, width, "  "))


def _not_recognised(assessment: Assessment) -> Iterator[str]:
    """How many conditions no rule asks for, and how many allergies are to something that is not recognised."""
    conditions = sum(not item.get("terms") for item in assessment.record.get("conditions", ()))
    allergies = [item for item in assessment.record.get("allergies", ()) if not item.get("is_refuted")]
    strange = sum(not (item.get("drugs") or item.get("classes")) for item in allergies)
    if conditions:
        yield f"{words.counted(conditions, 'condition')} not recognised, or asked for by no rule"
    if strange:
        yield f"{words.counted(strange, 'allergy', 'allergies')} not recognised: not compared with any drug"
