"""Known changes in other writings: whatever one record makes of a known change and others beside it, it is noticed."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nof1.model.alignment import Bare, bare, trim
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.variants.spelled import changed, makes, other_writing, together

START = 1000
BASES = st.text("ACGT", min_size=30, max_size=30)


@st.composite
def edits(draw: st.DrawFn, reference: str) -> Bare:
    """A change inside the middle of ``reference``: of one base, of several, a deletion, an insertion, or a mixture."""
    at = draw(st.integers(5, 20))
    size = draw(st.integers(0, 3))
    deleted = reference[at : at + size]
    inserted = draw(st.text("ACGT", min_size=0 if size else 1, max_size=3))
    assume(deleted != inserted)
    made = bare(START + at, deleted, inserted) if deleted and inserted else Bare(START + at, deleted, inserted)
    assume(made.deleted != made.inserted)
    return made


def applied(reference: str, changes: list[Bare]) -> str:
    for change in sorted(changes, key=lambda one: one.start, reverse=True):
        at = change.start - START
        reference = reference[:at] + change.inserted + reference[at + len(change.deleted) :]
    return reference


def written(reference: str, change: Bare) -> Allele:
    """The change as a file writes it, with its anchor."""
    at = change.start - START
    if change.deleted and change.inserted:
        return Allele("chr1", change.start, change.deleted, change.inserted)
    anchor = reference[at - 1]
    return Allele("chr1", *trim(change.start - 1, anchor + change.deleted, anchor + change.inserted))


def apart(one: Bare, other: Bare) -> bool:
    low, high = sorted((one, other), key=lambda item: item.start)
    return low.start + max(len(low.deleted), 1) < high.start


@given(st.data(), BASES)
@settings(max_examples=400)
def test_a_record_that_holds_a_known_change_and_others_is_noticed(data: st.DataObject, reference: str) -> None:
    known_edit, other = data.draw(edits(reference)), data.draw(edits(reference))
    assume(apart(known_edit, other))
    known = written(reference, known_edit)
    whole = applied(reference, [known_edit, other])
    low = min(known_edit.start, other.start) - START - data.draw(st.integers(1, 3))
    high = max(known_edit.end, other.end) - START + data.draw(st.integers(1, 3))
    alt = whole[low : high + 1 + len(whole) - len(reference)]
    assume(reference[low : high + 1] != alt)
    one = Allele("chr1", *trim(START + low, reference[low : high + 1], alt))
    (first, last), (begin, end) = changed(one), changed(known)
    assume(begin <= last and first <= end)  # else the two together come to a change elsewhere
    shorter, longer = sorted((one.ref, one.alt), key=len)
    assume(len(longer) > 1 and not longer.startswith(shorter) and not longer.endswith(shorter))  # else a mere indel or base
    assert one == known or other_writing(one, known)


@given(st.data(), BASES)
@settings(max_examples=300)
def test_an_indel_written_anywhere_in_its_repeat_is_noticed(data: st.DataObject, reference: str) -> None:
    """Every writing of one insertion or deletion that gives the same sequence is taken for perhaps the known one."""
    change = data.draw(edits(reference))
    assume(not (change.deleted and change.inserted))
    known, whole = written(reference, change), applied(reference, [change])
    for at in range(5, 24):
        size = len(change.deleted)
        elsewhere = Bare(
            START + at, reference[at : at + size], "" if size else whole[at : at + len(change.inserted)]
        )  # fmt: skip
        one = written(reference, elsewhere)
        if applied(reference, [elsewhere]) == whole and one != known:
            assert other_writing(one, known)


@given(st.data(), BASES)
@settings(max_examples=300)
def test_records_that_come_to_a_known_change_are_noticed(data: st.DataObject, reference: str) -> None:
    one, other = data.draw(edits(reference)), data.draw(edits(reference))
    assume(apart(one, other))
    low, high = min(one.start, other.start) - START, max(one.end, other.end) - START
    whole = applied(reference, [one, other])
    ref, alt = reference[low - 1 : high + 2], whole[low - 1 : high + 2 + len(whole) - len(reference)]
    assume(ref != alt)
    known = Allele("chr1", START + low - 1, ref, alt)
    assert makes(known, [written(reference, one), written(reference, other)])
    assert not makes(known, [written(reference, one)])


def test_two_strands_do_not_make_one_change() -> None:
    def seen(position: int, strand: int, zygosity: Zygosity = Zygosity.HETEROZYGOUS) -> ObservedVariant:
        return ObservedVariant(Allele("chr1", position, "A", "C"), "G", zygosity, 7 if strand >= 0 else 0, strand)

    assert together([seen(5, 0), seen(6, 1)]) is None
    assert together([seen(5, 0), seen(6, 0)]) is Zygosity.HETEROZYGOUS
    assert together([seen(5, -1), seen(6, -1)]) is Zygosity.HETEROZYGOUS
    assert together([seen(5, -1, Zygosity.HOMOZYGOUS), seen(6, 1)]) is Zygosity.HETEROZYGOUS
    assert together([seen(5, -1, Zygosity.HOMOZYGOUS)] * 2) is Zygosity.HOMOZYGOUS
    assert together([seen(5, -1, Zygosity.UNKNOWN), seen(6, 1)]) is Zygosity.UNKNOWN


@given(st.data(), BASES)
@settings(max_examples=400)
def test_a_record_that_holds_a_known_indel_moved_along_its_repeat_is_noticed(data: st.DataObject, reference: str) -> None:
    """The table has it as far left as it goes, the file joins it with a change at its right end."""
    unit = data.draw(st.text("ACGT", min_size=1, max_size=2))
    first = data.draw(st.integers(6, 9))
    reference = reference[:first] + unit * 5 + reference[first + 5 * len(unit) :]
    is_lost = data.draw(st.booleans())
    known_edit, same = (
        Bare(START + at, unit if is_lost else "", "" if is_lost else unit) for at in (first, first + 4 * len(unit))
    )
    at = first + 5 * len(unit) + data.draw(st.integers(0, 2))
    base = data.draw(st.sampled_from("ACGT"))
    assume(base != reference[at])
    whole = applied(reference, [same, Bare(START + at, reference[at], base)])
    low = same.start - START
    alt = whole[low - 1 : at + 1 + len(whole) - len(reference)]
    one = Allele("chr1", *trim(START + low - 1, reference[low - 1 : at + 1], alt))
    shorter, longer = sorted((one.ref, one.alt), key=len)
    assume(len(longer) > 1 and not longer.startswith(shorter) and not longer.endswith(shorter))
    known = written(reference, known_edit)
    assume(one.position <= START + first + 5 * len(unit))  # trimming may leave the repeat to the known change's left
    assert one == known or other_writing(one, known)
