"""What must hold in ``gene_models/`` beyond the shape; every breach is one line with its remedy."""

from __future__ import annotations

from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.gene_models import GeneModels, TranscriptRow, segments
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import Problem


def check(known: GeneModels, sources: dict[str, Source], problem: Problem) -> None:
    """Tell every breach in ``known``."""
    seen: set[tuple[str, str]] = set()
    for row in known.transcripts:
        place = f"gene_models transcript {row.transcript}"
        if (row.transcript, row.role) in seen:
            problem(f"{place}: is written twice; remove one")
        seen.add((row.transcript, row.role))
        _check_transcript(row, known, place, problem)
        for source in (row.source, row.exons_source, row.coding_source):
            _check_cited(source, row.checked, sources, place, problem)
    places: set[tuple[str, str]] = set()
    for one in known.chromosomes:
        place = f"gene_models chromosome {one.chromosome} of {one.build}"
        if (one.build, one.chromosome) in places:
            problem(f"{place}: is written twice; remove one")
        places.add((one.build, one.chromosome))
        if one.length < 1:
            problem(f"{place}: length {one.length}; write bases")
        _check_cited(one.source, one.checked, sources, place, problem)
    _check_rules(known, sources, problem)


def _check_transcript(row: TranscriptRow, known: GeneModels, place: str, problem: Problem) -> None:
    chromosome, builds = known.place(row.accession)
    if "GRCh38" not in builds:
        problem(f"{place}: accession {row.accession!r} is no GRCh38 chromosome of chromosomes.tsv; correct it or add it")
    try:
        exons, coding = segments(row.exons), segments(row.coding)
    except ValueError as error:
        problem(f"{place}: {error}")
        return
    low, high = coding[0]
    if len(coding) != 1 or not (exons[0][0] <= low and high <= exons[-1][1]):
        problem(f"{place}: coding {row.coding!r} is not one stretch within the exons; write first-last")
        return
    length = sum(min(b, high) - max(a, low) + 1 for a, b in exons if max(a, low) <= min(b, high))
    if length % 3:
        problem(f"{place}: {length} coding bases are no whole codons; check exons and coding")
    if row.untranslated == "no" and (exons[0][0], exons[-1][1]) != (low, high):
        problem(f"{place}: exons reach beyond coding, so untranslated is yes")
    length_of = next((one.length for one in known.chromosomes if one.accession == row.accession), 0)
    if length_of and exons[-1][1] > length_of:
        problem(f"{place}: exons end at {exons[-1][1]}, beyond the {length_of} bases of {chromosome}")


def _check_rules(known: GeneModels, sources: dict[str, Source], problem: Problem) -> None:
    rules = known.rules
    if rules is None:
        if known.transcripts:
            problem("gene_models/rules.yaml is missing; it says how far splice sites reach and when decay is not expected")
        return
    place = "gene_models rules"
    _check_cited(rules.splice.source, rules.checked, sources, place, problem)
    for text in (rules.decay.junction_source, rules.decay.start_source):
        check_source(text, sources, place, problem)
    if not 0 < rules.splice.site < rules.splice.region_intron or rules.splice.region_exon < 1:
        problem(f"{place}: splice site and region are bases from the border, the site within the region")
    if rules.decay.junction < 0 or rules.decay.start < 0:
        problem(f"{place}: distances of decay are bases, 0 or more")


def _check_cited(source: str, checked: str, sources: dict[str, Source], place: str, problem: Problem) -> None:
    check_source(source, sources, place, problem)
    check_date(checked, place, problem)
