"""How much of each gene a person's files speak about, and which places of known alleles they do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nof1.genomics.bases import Bases, Flags, joined
from nof1.genomics.callable import read_bed
from nof1.genomics.covered import Looked, looked, of_regions
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.text import Window
from nof1.genomics.vcf import GenomeFile, Quality
from nof1.jobs.known_sites import BOUNDARY, GeneSites, Site, allele_text
from nof1.model.allele_arrays import Bytes, Ints, spread
from nof1.model.secondary import Sex
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, GeneCoverage
from nof1.variants.spelled import changed

NAMED = 5  # places that are named of those that were not read
_DECLARED = "declared: what is absent is reference"


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: whose column, what a genotype needs, what is declared of places without one, what is shared."""

    sample: str
    quality: Quality
    callable_bed: Path | None = None
    absent_is_reference: bool = False
    sex: Sex = Sex.UNKNOWN
    shares: SharedPass | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """``genes``: what was looked at, by gene; ``files``: what each says of ``bases``, none where that was not needed."""

    genes: Mapping[str, GeneCoverage]
    bases: Bases
    files: Sequence[Looked] = ()

    def against(self, allele: Allele, told_by: Collection[int]) -> str:
        """The name of a file that read the bases of ``allele`` and is not among those, by number, that tell of it."""
        there = self.bases.of(allele.chromosome, *changed(allele))
        for number, one in enumerate(self.files):
            is_read = there.start < there.stop and bool((one.read[there] & ~one.lost[there]).all())
            if number not in told_by and one.has_blocks and is_read:
                return one.name
        return ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Counts of bases before each, (bases + 1,): ``missed`` that nothing looked at, ``coding``, and those by ``sources``.

    ``carried``: alleles without a sequence, and where.
    """

    bases: Bases
    missed: Ints
    coding: Ints
    sources: Mapping[str, Ints]
    carried: Sequence[tuple[Window, str]]


def gene_coverage(
    genomes: Sequence[Path],
    transcripts: Sequence[Transcript],
    sites: Mapping[str, GeneSites],
    signed: Mapping[str, Sequence[Site]],
    how: Reading,
    structural: Sequence[tuple[Window, str]] = (),
) -> Covered:
    """By gene: the share of its coding bases, over its transcripts, that was looked at, and which known places were not.

    ``signed``: by gene, alleles that a site's curators call disease-causing; ``structural``: changes of structure that the
    person carries, with their names. Raises ``GenomeError`` for a file that cannot be read.
    """
    coding: dict[str, list[Window]] = {}
    for one in transcripts:
        there = coding.setdefault(one.gene, [])
        there += [Window(one.chromosome, a, b) for a, b in one.coding_segments()]
    says = how.callable_bed is not None or how.absent_is_reference
    if not says and not any(GenomeFile(path).may_have_blocks for path in genomes):
        return Covered(_not_told(coding, sites, structural), Bases([]))
    beside = [Window(one.chromosome, one.start - BOUNDARY, one.end + BOUNDARY) for each in coding.values() for one in each]
    places = [window for each in sites.values() for window in each.windows()]
    own = [_window(one) for each in signed.values() for one in each]
    bases = Bases([*beside, *places, *own])
    letters = _letters(bases, sites)
    copies = ("chrY", "chrM") if how.sex is Sex.FEMALE else ("chrX", "chrY", "chrM")
    files = [looked(bases, path, how.sample, how.quality, letters, one_copy=copies, shares=how.shares) for path in genomes]
    carried = [*structural, *(item for one in files for item in one.carried)]
    seen = _seen(files, bases, coding, how, carried)
    if seen is None:
        return Covered(_not_told(coding, sites, carried), bases, files)
    found = {gene: _of_gene(gene, each, seen, sites[gene], signed.get(gene, ())) for gene, each in coding.items()}
    return Covered(found, bases, files)


def _not_told(
    coding: Mapping[str, Sequence[Window]], sites: Mapping[str, GeneSites], carried: Sequence[tuple[Window, str]]
) -> dict[str, GeneCoverage]:
    """Where nothing says what was looked at: only which alleles without a sequence are carried."""
    nameless = {gene: tuple(_without_sequence(carried, windows, sites[gene])) for gene, windows in coding.items()}
    return {gene: GeneCoverage(gene, float("nan"), nameless=found) for gene, found in nameless.items()}


def _window(site: Site) -> Window:
    return Window(site.allele.chromosome, *changed(site.allele))


def _letters(bases: Bases, sites: Mapping[str, GeneSites]) -> Bytes:
    """The letter of the reference at each base, as far as known alleles tell it; 0 elsewhere."""
    found = np.zeros(len(bases), np.uint8)
    for one in sites.values():
        places, letters = one.letters()
        begin, end = bases.ranges(one.chromosome, places, places)
        found[begin[end > begin]] = letters[end > begin]
    return found


def _seen(
    files: Sequence[Looked],
    bases: Bases,
    coding: Mapping[str, Sequence[Window]],
    how: Reading,
    carried: Sequence[tuple[Window, str]],
) -> _Seen | None:
    """What the files and declarations together saw; ``None`` where nothing says what was looked at.

    A record that says a base was not read undoes a declaration, not another file's reading. An allele of ``carried``, whose
    sequence no file tells, undoes everything. Beside blocks, which say themselves what was read, absence is not taken for
    reference.
    """
    lost = np.logical_or.reduce([one.lost for one in files])
    sources = [(one.name, one.read & ~one.lost) for one in files if one.has_blocks]
    if how.callable_bed is not None:
        inside = of_regions(bases, read_bed(how.callable_bed))
        sources.append((how.callable_bed.name, inside & ~lost & _any(files, "on_chromosome")))
    if how.absent_is_reference and not any(one.has_blocks for one in files):
        sources.append((_DECLARED, _any(files, "near") & ~lost))
    if not sources:
        return None
    seen = np.logical_or.reduce([flags for _, flags in sources])
    for window, _ in carried:
        seen[bases.of(window.chromosome, window.start, window.end)] = False
    inside = bases.none()
    for each in coding.values():
        begin, end = bases.ranges(each[0].chromosome, *_ends(each))
        inside[spread(begin, end - begin)] = True
    return _Seen(bases, _before(~seen), _before(inside), {name: _before(flags) for name, flags in sources}, carried)


def _before(flags: Flags) -> Ints:
    """How many flags are set before each, and in all."""
    found = np.zeros(len(flags) + 1, np.int64)
    np.cumsum(flags, out=found[1:])
    return found


def _any(files: Sequence[Looked], name: str) -> Flags:
    found: Flags = np.logical_or.reduce([getattr(one, name) for one in files])
    return found


def _of_gene(gene: str, coding: Sequence[Window], seen: _Seen, sites: GeneSites, signed: Sequence[Site]) -> GeneCoverage:
    mine = joined(coding)
    begin, end = seen.bases.ranges(mine[0].chromosome, *_ends(mine))
    unread = _unread(seen, sites)
    own = [one for one in signed if _missed(seen, one)]
    named = [f"{allele_text(one.allele)} ({one.classification}, signed here)" for one in own]
    named += [sites.site(one).text for one in unread[: max(NAMED - len(named), 0)].tolist()]
    share = 1 - _between(seen.missed, begin, end).sum() / (end - begin).sum()
    return GeneCoverage(
        gene, float(share), _basis(seen, begin, end), False, sites.known + len(signed),
        len(sites) + len(signed), len(unread) + len(own),
        tuple(named[:NAMED]), tuple(_without_sequence(seen.carried, mine, sites)),
    )  # fmt: skip


def _ends(windows: Sequence[Window]) -> tuple[Ints, Ints]:
    return np.array([one.start for one in windows]), np.array([one.end for one in windows])


def _between(counts: Ints, begin: Ints, end: Ints) -> Ints:
    return counts[end] - counts[begin]


def _missed(seen: _Seen, site: Site) -> bool:
    there = seen.bases.of(site.allele.chromosome, *changed(site.allele))
    return bool(seen.missed[there.stop] > seen.missed[there.start])


def _unread(seen: _Seen, sites: GeneSites) -> Ints:
    """Numbers of the sites that were not read whole: those in coding bases first, then those with more stars."""
    begin, end = seen.bases.ranges(sites.chromosome, sites.first, sites.last)
    unread = np.flatnonzero(_between(seen.missed, begin, end))
    is_coding = _between(seen.coding, begin[unread], end[unread]) > 0
    return unread[np.lexsort((unread, -sites.stars[unread], ~is_coding))]


def _basis(seen: _Seen, begin: Ints, end: Ints) -> str:
    """What says that the coding bases were read: the source that says most, and the others where it is not all."""
    counts = {name: int(_between(before, begin, end).sum()) for name, before in seen.sources.items()}
    first = max(counts, key=lambda name: counts[name])
    whole = int((end - begin).sum() - _between(seen.missed, begin, end).sum())
    return first if counts[first] >= whole else " and ".join(name for name, count in counts.items() if count)


def _without_sequence(carried: Sequence[tuple[Window, str]], coding: Sequence[Window], sites: GeneSites) -> list[str]:
    """Alleles that touch the gene's coding bases, their boundaries or a known place, and whose sequence is not told."""
    found = []
    for window, text in carried:
        touched = any(
            one.chromosome == window.chromosome and one.start - BOUNDARY <= window.end and window.start <= one.end + BOUNDARY
            for one in coding
        )
        at_site = window.chromosome == sites.chromosome and len(sites.near(window.start, window.end)) > 0
        found += [text] * (touched or at_site)
    return found
