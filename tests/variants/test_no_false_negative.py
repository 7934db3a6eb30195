"""No gene is called negative wrongly, and no finding is lost without a line: from real files to the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.made import packed
from genomics.vcf_text import bgzf, tabix
from nof1.cli.main import main
from nof1.errors import GenomeError, RequestError
from nof1.jobs.one_person import assess
from nof1.jobs.reference import add_fasta
from nof1.jobs.secondary_ahead import Unasked
from nof1.model.secondary import GeneStatus
from nof1.report.html import page
from nof1.report.secondary import secondary_lines

from .small_genomes import EXAMPLE, HEAD, TODAY, Line, chromosome, findings, gvcf, of, segments, table, told, vcf, write

GENE = "PTEN"
LOW, HIGH = segments(GENE)[4]
SITE = LOW + 30  # a base of a coding part, of which the table below says that G>T there is pathogenic
NEGATIVE, PARTLY, NOT = GeneStatus.ASSESSED_NEGATIVE, GeneStatus.PARTLY_ASSESSED, GeneStatus.NOT_ASSESSED
FINDING = GeneStatus.FINDING


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return table(tmp_path, GENE, (SITE, "G", "T", "Pathogenic", 2), (SITE + 40, "A", "C", "Benign", 2))


def bed(folder: Path, gene: str = GENE) -> Path:
    path = folder / "callable.bed"
    path.write_text("".join(f"{chromosome(gene)}\t{low - 13}\t{high + 12}\n" for low, high in segments(gene)))
    return path


def test_a_gene_that_was_read_whole_is_negative(tmp_path: Path, known: str) -> None:
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE), known), GENE)
    assert (looked.status, looked.share, looked.sites, looked.unread_sites) == (NEGATIVE, 1.0, 1, 0)


@pytest.mark.parametrize(("genotype", "shown"), [("0/3", "0/3"), ("2/2", "2/2"), ("1|12", "1|12")])
def test_an_allele_number_beyond_the_record_is_an_error(tmp_path: Path, known: str, genotype: str, shown: str) -> None:
    path = vcf(tmp_path / "v.vcf", GENE, [Line(SITE, "G", "T", f"{genotype}:60:30")])
    line = path.read_text().count("\n")
    with pytest.raises(GenomeError) as error:
        told(path, known)
    assert str(error.value).startswith(f"{path} line {line}: GT is '{shown}'") and "1 alternative" in str(error.value)


# several bases at once


@pytest.mark.parametrize(
    ("position", "ref", "alt"),
    [(SITE - 1, "AGC", "CTG"), (SITE - 1, "AG", "CT"), (SITE, "GC", "TA"), (SITE - 1, "AGC", "CT"), (SITE, "GCC", "TA")],
)
def test_a_known_change_inside_one_of_several_bases_is_reviewed(
    tmp_path: Path, known: str, position: int, ref: str, alt: str
) -> None:
    report = told(gvcf(tmp_path / "g.vcf", GENE, [Line(position, ref, f"{alt},<NON_REF>")]), known)
    assert findings(report) == [(GENE, "review")] and of(report, GENE).status is FINDING
    (found,) = report.findings
    assert f"{chromosome(GENE)}:{SITE} G>T" in " ".join(found.reasons)
    assert any("several bases" in reason for reason in found.reasons)
    assert (found.variants[0].allele.ref, found.variants[0].allele.alt) == (ref, alt)


def test_another_change_of_several_bases_there_is_no_finding(tmp_path: Path, known: str) -> None:
    report = told(gvcf(tmp_path / "g.vcf", GENE, [Line(SITE - 1, "AGC", "CCG,<NON_REF>")]), known)
    assert findings(report) == [] and of(report, GENE).unread_sites == 0


def test_a_known_change_of_several_bases_written_as_single_ones_is_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    both = table(tmp_path, GENE, (SITE, "GC", "TA", "Pathogenic", 2))
    one, other = Line(SITE, "G", "T,<NON_REF>"), Line(SITE + 1, "C", "A,<NON_REF>")
    report = told(gvcf(tmp_path / "g.vcf", GENE, [one, other]), both)
    assert findings(report) == [(GENE, "review")]
    assert findings(told(gvcf(tmp_path / "one.vcf", GENE, [one]), both)) == []
    longer = Line(SITE + 1, "CTT", "ATC,<NON_REF>")  # a part of it makes the known change with the first
    assert findings(told(gvcf(tmp_path / "longer.vcf", GENE, [one, longer]), both)) == [(GENE, "review")]
    apart = [Line(SITE, "G", "T", "0|1:60:30"), Line(SITE + 1, "C", "A", "1|0:60:30")]
    assert findings(told(gvcf(tmp_path / "apart.vcf", GENE, apart), both)) == []


def test_the_one_named_change_of_a_gene_inside_one_of_several_bases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    named = table(tmp_path, "HFE", (26092913, "G", "A", "Pathogenic", 2))
    report = told(gvcf(tmp_path / "g.vcf", "HFE", [Line(26092912, "TG", "CA", "1/1:60:30")]), named)
    assert findings(report) == [("HFE", "review")]


def test_an_indel_written_elsewhere_in_a_repeat_without_a_reference_is_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    lost = table(tmp_path, GENE, (SITE, "CA", "C", "Pathogenic", 2), (SITE + 30, "GTC", "G", "Pathogenic", 2))
    moved = told(gvcf(tmp_path / "g.vcf", GENE, [Line(SITE + 2, "AA", "A,<NON_REF>")]), lost)
    assert findings(moved) == [(GENE, "review")]
    assert "left-aligned" in " ".join(moved.findings[0].reasons)
    turned = told(gvcf(tmp_path / "t.vcf", GENE, [Line(SITE + 31, "TCT", "T,<NON_REF>")]), lost)
    assert findings(turned) == [(GENE, "review")]
    for other in (Line(SITE + 2, "AT", "A"), Line(SITE + 2, "AAA", "A"), Line(SITE + 3, "A", "AA")):
        assert findings(told(gvcf(tmp_path / "o.vcf", GENE, [other]), lost)) == []


# what was not read


@pytest.mark.parametrize(
    "line",
    [
        None,
        Line(SITE, "G", "<NON_REF>", "./.:60:30"),
        Line(SITE, "G", "<NON_REF>", "0/0:3:30"),
        Line(SITE, "G", "<NON_REF>", "0/0:60:2"),
        Line(SITE, "G", "<NON_REF>", "0/1:60:30"),
        Line(SITE, "G", "A,<NON_REF>", "1/2:60:30"),
        Line(SITE, "G", "A,<NON_REF>", "0/0:60:30", "LowQual"),
        Line(SITE, "G", "A,<NON_REF>", "0/.:60:30"),
        Line(SITE, "G", "A,<NON_REF>", "0:60:30"),
        Line(SITE, "G", "R,<NON_REF>", "0/1:60:30"),
        Line(SITE, "G", "*,<NON_REF>", "0/1:60:30"),
        Line(SITE, "G", "<DEL>", "0/1:60:30", info=f"END={SITE + 3}"),
        Line(SITE, "G", "<CNV>", "./.:1", info=f"END={SITE + 3}", keys="GT:CN"),
        Line(SITE, "G", f"G]{chromosome(GENE)}:{SITE + 400000}]", "0/1:60:30"),
        Line(SITE, "C", "<NON_REF>", "0/0:60:30"),
        Line(SITE, "C", "T,<NON_REF>", "0/1:60:30"),
        Line(SITE - 1, "AC", "A,<NON_REF>", "0/0:60:30"),
        Line(SITE, "G", ".", "0/3:60:30"),
    ],
)
def test_one_known_base_that_was_not_read(tmp_path: Path, known: str, line: Line | None) -> None:
    path = gvcf(tmp_path / "g.vcf", GENE, [line] if line else [], [] if line else [SITE])
    looked = of(told(path, known), GENE)
    assert looked.share > 0.95 and looked.status is PARTLY
    assert (looked.sites, looked.unread_sites) == (1, 1)
    assert looked.first_unread == (f"{chromosome(GENE)}:{SITE} G>T (pathogenic, 2 stars)",)
    assert looked.first_unread[0] in looked.reason


def test_a_lost_base_of_no_known_place_leaves_the_gene_negative(tmp_path: Path, known: str) -> None:
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, holes=[SITE + 1]), known), GENE)
    assert looked.status is NEGATIVE and looked.share < 1


@pytest.mark.parametrize(
    "line",
    [
        Line(SITE, "G", ".", "./.:60:30"),
        Line(SITE, "G", "A", "0/1:3:30"),
        Line(SITE, "G", "A", "0/1:60:30", "LowQual"),
        Line(SITE, "C", "T", "0/1:60:30"),
        Line(SITE, "G", "<NON_REF>", "0/1:60:30"),
        Line(SITE - 2, "G", "<DEL>", "0/1:60:30", info=f"END={SITE + 3}"),
    ],
)
@pytest.mark.parametrize("by", ["bed", "absent"])
def test_a_declaration_does_not_undo_what_the_file_says(tmp_path: Path, known: str, line: Line, by: str) -> None:
    """Regions that were declared callable, or absence as reference, with a record that was not usable."""
    around = [Line(segments(GENE)[0][0] - 100, "A", "G", "0/0:60:30"), line, Line(segments(GENE)[-1][1] + 90, "A", "G")]
    path = vcf(tmp_path / "v.vcf", GENE, around)
    how = {"callable_bed": bed(tmp_path)} if by == "bed" else {"absent_is_reference": True}
    looked = of(told(path, known, **how), GENE)
    assert (looked.status, looked.unread_sites) == (PARTLY, 1)
    fine = vcf(tmp_path / "w.vcf", GENE, [around[0], Line(SITE, "G", "A", "0/0:60:30"), around[-1]])
    assert of(told(fine, known, **how), GENE).status is NEGATIVE


@pytest.mark.parametrize("by", ["bed", "absent"])
def test_a_file_of_another_chromosome_tells_nothing_of_the_gene(tmp_path: Path, known: str, by: str) -> None:
    path = vcf(tmp_path / "v.vcf", "MLH1", [Line(segments("MLH1")[0][0], "A", "G")])
    how = {"callable_bed": bed(tmp_path)} if by == "bed" else {"absent_is_reference": True}
    looked = of(told(path, known, **how), GENE)
    assert looked.status is NOT


def test_absence_is_not_reference_beside_reference_blocks(tmp_path: Path, known: str) -> None:
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, holes=[SITE]), known, absent_is_reference=True), GENE)
    assert looked.status is PARTLY


def test_a_table_without_the_gene_makes_no_negative(tmp_path: Path, known: str) -> None:
    looked = of(told(gvcf(tmp_path / "g.vcf", "MLH1"), known), "MLH1")
    assert looked.status is NOT and "no table that was looked up" in looked.reason and looked.share == 1


def test_a_lost_exon_in_another_file_is_not_undone_by_the_blocks(tmp_path: Path, known: str) -> None:
    blocks = gvcf(tmp_path / "g.vcf", GENE)
    for lost in (
        Line(SITE - 3, "G", "<DEL>", "0/1:60:30", info=f"END={SITE + 9}"),
        Line(SITE - 3, "G", "<DEL>", "0/1:60:30", info="SVLEN=-12"),
        Line(SITE + 8, "G", "<DEL>", "0/1:60:30", info=f"END={SITE + 9}"),
        Line(SITE + 8, "G", "<INS>", "0/1:60:30"),
        Line(SITE + 8, "G", "<CNV>", ".:1", info=f"END={SITE + 9}", keys="GT:CN"),
    ):
        looked = of(told([blocks, vcf(tmp_path / "sv.vcf", GENE, [lost])], known), GENE)
        assert looked.status is PARTLY and f"{chromosome(GENE)}:{lost.position} {lost.alt}" in looked.reason
    for fine in (
        Line(SITE - 3, "G", "<DEL>", "0/0:60:30", info=f"END={SITE + 9}"),
        Line(SITE - 3, "G", "<DEL>", "0/1:60:30", "LowQual", info=f"END={SITE + 9}"),
    ):
        assert of(told([blocks, vcf(tmp_path / "sv.vcf", GENE, [fine])], known), GENE).status is NEGATIVE


def test_a_deletion_that_is_not_there_reads_no_base(tmp_path: Path, known: str) -> None:
    line = Line(SITE - 3, "G", "<DEL>", "0/0:60:30", info=f"END={SITE + 9}")
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, [line], range(SITE - 3, SITE + 10)), known), GENE)
    assert looked.status is PARTLY and looked.unread_sites == 1


def test_two_files_that_each_read_a_part(tmp_path: Path, known: str) -> None:
    first = gvcf(tmp_path / "a.vcf", GENE, holes=range(SITE - 20, SITE + 20))
    second = gvcf(tmp_path / "b.vcf", GENE, holes=[*range(LOW, SITE - 25), *range(SITE + 25, HIGH)])
    looked = of(told([first, second], known), GENE)
    assert (looked.status, looked.share) == (NEGATIVE, 1.0)
    assert "a.vcf" in looked.basis and "b.vcf" in looked.basis


# what a file may look like


def test_order_case_names_and_repeats_change_nothing(tmp_path: Path, known: str) -> None:
    line = Line(SITE, "g", "t,<NON_REF>")
    bare = chromosome(GENE).removeprefix("chr")
    for path in (
        gvcf(tmp_path / "case.vcf", GENE, [line]),
        gvcf(tmp_path / "bare.vcf", GENE, [line], chrom=bare),
        gvcf(tmp_path / "order.vcf", GENE, [line], is_ordered=False),
        gvcf(tmp_path / "twice.vcf", GENE, [line, line]),
        gvcf(tmp_path / "long.vcf", GENE, [Line(SITE - 1, "AG", "AT,<NON_REF>")]),
    ):
        assert findings(told(path, known)) == [(GENE, "reportable")], path.name
    for options in ({"chrom": bare}, {"is_ordered": False}):
        looked = of(told(gvcf(tmp_path / "hole.vcf", GENE, holes=[SITE], **options), known), GENE)
        assert looked.status is PARTLY


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line(SITE, "G", "T,<NON_REF>", "0/.:60:30"), "one of two"),
        (Line(SITE, "G", "T,<NON_REF>", "0/1:60:30:LowQual", keys="GT:GQ:DP:FT"), "FT is LowQual"),
        (Line(SITE, "G", "T", "0/1:60:30:30,0", keys="GT:GQ:DP:AD"), "AD"),
        (Line(SITE, "G", "T,<NON_REF>", "./.:60:30"), "no genotype"),
    ],
)
def test_a_doubtful_genotype_of_a_known_allele_is_reviewed(tmp_path: Path, known: str, line: Line, words: str) -> None:
    report = told(gvcf(tmp_path / "g.vcf", GENE, [line]), known)
    assert findings(report) == [(GENE, "review")]
    assert words in report.findings[0].reasons[0]


def test_half_a_genotype_with_the_allele_is_a_finding(tmp_path: Path, known: str) -> None:
    report = told(gvcf(tmp_path / "g.vcf", GENE, [Line(SITE, "G", "T,<NON_REF>", "./1:60:30")]), known)
    assert findings(report) == [(GENE, "reportable")]


def test_an_alternative_beside_a_star_is_found(tmp_path: Path, known: str) -> None:
    lines = [Line(SITE - 1, "AG", "A,<NON_REF>"), Line(SITE, "G", "*,T,<NON_REF>", "1/2:60:30")]
    assert findings(told(gvcf(tmp_path / "g.vcf", GENE, lines), known)) == [(GENE, "reportable")]


def test_a_star_under_its_deletion_was_read(tmp_path: Path, known: str) -> None:
    lines = [Line(SITE - 2, "AAG", "A,<NON_REF>"), Line(SITE, "G", "*,<NON_REF>")]
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, lines), known), GENE)
    assert (looked.unread_sites, looked.share) == (0, 1.0)


def test_an_unlisted_allele_whose_effect_was_not_assessed_is_told(tmp_path: Path, known: str) -> None:
    """Without a reference sequence a stop or a shift of the frame that nobody has listed is not told from anything else."""
    lines = [Line(SITE + 3, "AA", "A,<NON_REF>"), Line(SITE + 40, "A", "C,<NON_REF>"), Line(LOW - 9, "A", "G,<NON_REF>")]
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, lines), known), GENE)
    assert looked.status is PARTLY
    assert f"whose effect was not assessed: {chromosome(GENE)}:{SITE + 3} AA>A;" in looked.reason
    assert of(told(gvcf(tmp_path / "h.vcf", GENE, lines[1:]), known), GENE).status is NEGATIVE


def test_a_gene_of_x_in_somebody_of_unknown_sex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heterozygous is a carrier in a woman and a contradiction in a man: without a sex somebody has to look."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = segments("ABCD1")[0][0] + 9
    known = table(tmp_path, "ABCD1", (place, "G", "T", "Pathogenic", 2))
    path = gvcf(tmp_path / "g.vcf", "ABCD1", [Line(place, "G", "T,<NON_REF>")])
    assert findings(told(path, known, sex="female")) == []
    assert findings(told(path, known, sex="male")) == [("ABCD1", "review")]
    only = gvcf(tmp_path / "h.vcf", "ABCD1", [Line(place, "G", "T,<NON_REF>", "1:60:30")], block="0:60:30")
    assert findings(told(only, known, sex="male")) == [("ABCD1", "reportable")]
    none = gvcf(tmp_path / "n.vcf", "ABCD1", block="0:60:30")
    assert of(told(none, known, sex="male"), "ABCD1").status is NEGATIVE
    assert of(told(none, known, sex="female"), "ABCD1").status is NOT


# phase, genes of the table, curation


def test_phase_sets_of_two_files_are_never_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    one, other = segments("MUTYH")[2][0] + 5, segments("MUTYH")[4][0] + 5
    known = table(tmp_path, "MUTYH", (one, "G", "T", "Pathogenic", 2), (other, "G", "T", "Pathogenic", 2))
    for keys, phase in (("GT:GQ:DP", ""), ("GT:GQ:DP:PS", ":7")):
        lines = [Line(place, "G", "T,<NON_REF>", f"0|1:60:30{phase}", keys=keys) for place in (one, other)]
        files = [vcf(tmp_path / f"{number}.vcf", "MUTYH", [line]) for number, line in enumerate(lines)]
        assert findings(told(files, known)) == [("MUTYH", "possible_biallelic")]
        assert findings(told(gvcf(tmp_path / "both.vcf", "MUTYH", lines), known)) == []


@pytest.mark.parametrize("named", ["LOC129933707", "", "OTHER1|OTHER2"])
def test_a_row_that_names_other_genes_counts_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    rows = [(SITE, "G", "T", "Pathogenic", 2, named), (LOW - 2, "A", "C", "Pathogenic", 2, named)]
    known = table(tmp_path, GENE, *rows, (LOW - 9, "A", "C", "Pathogenic", 2, named))
    for line in (Line(SITE, "G", "T,<NON_REF>"), Line(LOW - 2, "A", "C,<NON_REF>")):
        assert findings(told(gvcf(tmp_path / "g.vcf", GENE, [line]), known)) == [(GENE, "reportable")]
    beside = told(gvcf(tmp_path / "b.vcf", GENE, [Line(LOW - 9, "A", "C,<NON_REF>")]), known)
    assert findings(beside) == ([] if named else [(GENE, "reportable")])
    looked = of(told(gvcf(tmp_path / "h.vcf", GENE, holes=[SITE]), known), GENE)
    assert looked.status is PARTLY


CURATED = """schema: 1
build: GRCh38
variants:
- allele: {{chromosome: {chrom}, position: {position}, ref: {ref}, alt: {alt}}}
  gene: {gene}
  signed: {{classification: {word}, by: A. Curator, decided: '2026-11-20', why: seen in the family}}
"""


def curation(folder: Path, position: int, ref: str, alt: str, word: str) -> Path:
    path = folder / "curation.yaml"
    chrom = chromosome(GENE)
    path.write_text(CURATED.format(chrom=chrom, position=position, ref=ref, alt=alt, word=word, gene=GENE))
    return path


def test_a_curated_allele_is_trimmed(tmp_path: Path, known: str) -> None:
    signed = curation(tmp_path, SITE + 9, "TCAG", "TGAG", "pathogenic")
    path = gvcf(tmp_path / "g.vcf", GENE, [Line(SITE + 10, "C", "G,<NON_REF>")])
    assert findings(told(path, known, curation=signed)) == [(GENE, "reportable")]
    hole = gvcf(tmp_path / "h.vcf", GENE, holes=[SITE + 10])
    assert of(told(hole, known, curation=signed), GENE).status is PARTLY  # its place is a known one now


def test_a_benign_signature_leaves_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    known = table(tmp_path, GENE, (SITE, "G", "T", "Pathogenic", 3))
    signed = curation(tmp_path, SITE, "G", "T", "benign")
    path = gvcf(tmp_path / "g.vcf", GENE, [Line(SITE, "G", "T,<NON_REF>")])
    report = told(path, known, curation=signed)
    assert findings(report) == []
    words = f"{chromosome(GENE)}:{SITE} G>T withheld by curation of A. Curator on 2026-11-20 (benign: seen in the family)"
    assert words in of(report, GENE).reason and "against clinvar 1: pathogenic, 3 stars" in of(report, GENE).reason
    assert "withheld by curation" not in of(told(gvcf(tmp_path / "n.vcf", GENE), known, curation=signed), GENE).reason


# imputed genotypes

BEAGLE = HEAD.replace("##reference", '##source="beagle.22Jul22.46e.jar"\n##reference')


@pytest.mark.parametrize(
    ("head", "info", "is_imputed"),
    [
        (HEAD, "DR2=0.93;IMP", True),
        (HEAD, "IMPUTED;R2=0.9", True),
        (BEAGLE, "DR2=0.93", True),
        (BEAGLE.replace("beagle.22Jul22.46e.jar", "Minimac4.v1.0.2"), "AF=0.1;R2=0.9", True),
        (BEAGLE, ".", False),  # phased, not imputed
        (HEAD, "IMP=3", False),
        (HEAD, "DR2=0.93", False),
    ],
)
def test_nothing_is_taken_from_imputed_genotypes(tmp_path: Path, known: str, head: str, info: str, is_imputed: bool) -> None:
    path = vcf(tmp_path / "v.vcf", GENE, [Line(SITE, "G", "T", info=info)], head=head)
    report = told(path, known)
    assert report.is_analysed is not is_imputed
    assert findings(report) == ([] if is_imputed else [(GENE, "reportable")])
    if is_imputed:
        assert {one.status for one in report.genes} == {NOT}
        assert any("v.vcf" in note and "imputed" in note for note in report.notes)


# several files, several people, ways to pack


def test_a_file_that_read_the_place_and_has_it_not_puts_a_finding_in_doubt(tmp_path: Path, known: str) -> None:
    with_it = gvcf(tmp_path / "with.vcf", GENE, [Line(SITE, "G", "T,<NON_REF>")])
    without, hole = gvcf(tmp_path / "without.vcf", GENE), gvcf(tmp_path / "hole.vcf", GENE, holes=[SITE])
    for files in ([with_it, without], [without, with_it]):
        report = told(files, known)
        assert findings(report) == [(GENE, "review")] and "without.vcf read these bases" in report.findings[0].reasons[0]
    assert findings(told([hole, with_it], known)) == [(GENE, "reportable")]
    assert findings(told([with_it, gvcf(tmp_path / "again.vcf", GENE, [Line(SITE, "G", "T")])], known)) == [
        (GENE, "reportable")
    ]


def test_equal_genotypes_on_two_strands_of_one_phase_set_are_not_phased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    one, other = segments("MUTYH")[2][0] + 5, segments("MUTYH")[4][0] + 5
    known = table(tmp_path, "MUTYH", (one, "G", "T", "Pathogenic", 2), (other, "G", "T", "Pathogenic", 2))
    lines = [Line(place, "G", "T,<NON_REF>", f"{gt}:60:30") for place, gt in ((one, "0|1"), (other, "0|1"), (other, "1|0"))]
    assert findings(told(gvcf(tmp_path / "g.vcf", "MUTYH", lines), known)) == [("MUTYH", "possible_biallelic")]


def test_only_the_person_asked_for_counts(tmp_path: Path, known: str) -> None:
    one = gvcf(tmp_path / "one.vcf", GENE, [Line(SITE, "G", "T,<NON_REF>", "0/0:60:30")]).read_text()
    rows = [row for row in one.splitlines() if not row.startswith("#")]

    def two(theirs: str) -> Path:
        both = [f"{row}\t{theirs if f'	{SITE}	' in row else row.split('	')[-1]}\n" for row in rows]
        return write(tmp_path / "two.vcf", both, chromosome(GENE), samples="P\tQ")

    for theirs in ("0/1:60:30", "./.:60:30"):
        report = told(two(theirs), known)
        assert findings(report) == [] and of(report, GENE).status is NEGATIVE
        report = told(two(theirs), known, sample="Q")
        assert findings(report) == [(GENE, "reportable" if theirs == "0/1:60:30" else "review")]


@pytest.mark.parametrize("how", ["gz", "bgz", "bcf", "indexed"])
def test_packed_or_indexed_says_the_same(tmp_path: Path, known: str, how: str) -> None:
    lines = [Line(SITE - 2, "A", "<DEL>", "0/1:60:30", info=f"END={SITE + 2}")]
    for name, put in (("hole", {"holes": [SITE]}), ("del", {"lines": lines}), ("whole", {})):
        plain = gvcf(tmp_path / f"{name}.vcf", GENE, **put)  # type: ignore[arg-type]
        expected = of(told(plain, known), GENE)
        if how == "indexed":
            path = plain.with_suffix(".vcf.gz")
            path.write_bytes(bgzf(plain.read_bytes()))
            path.with_name(f"{path.name}.tbi").write_bytes(tabix(plain.read_bytes()))
        else:
            path = packed(plain, how)
        looked = of(told(path, known), GENE)
        assert (looked.status, looked.share, looked.first_unread) == (expected.status, expected.share, expected.first_unread)


def test_blocks_are_judged_by_their_thinnest_base(tmp_path: Path, known: str) -> None:
    head = HEAD + '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="m">\n'
    line = Line(SITE, "G", "<NON_REF>", "0/0:60:30:3", keys="GT:GQ:DP:MIN_DP")
    assert of(told(gvcf(tmp_path / "g.vcf", GENE, [line], head=head), known), GENE).status is PARTLY


def test_a_record_on_top_of_a_block_that_lost_the_base(tmp_path: Path, known: str) -> None:
    for line in (Line(SITE, "G", "A", "./.:60:30"), Line(SITE, "C", "T", "0/1:60:30")):
        looked = of(told(gvcf(tmp_path / "g.vcf", GENE, [line], apart=False), known), GENE)
        assert looked.status is PARTLY


def test_the_page_and_the_terminal_tell_what_was_not_read(tmp_path: Path, known: str) -> None:
    files = [gvcf(tmp_path / "g.vcf", GENE, holes=[SITE])]
    made = assess(files, record=EXAMPLE / "record.json", today=TODAY, secondary=Unasked("form 7", tables=[known]))
    place = f"{chromosome(GENE)}:{SITE} G&gt;T (pathogenic, 2 stars)"
    assert place in page(made) and "not everything that matters was" in page(made)
    lines = "\n".join(secondary_lines(made.secondary, 200))
    assert "0 genes without finding, 1 assessed in part, 83 not assessed" in lines
    assert f"{GENE} in part: 99.9% of its coding bases were read; not read at 1 of 1 places" in lines


def test_the_command_refuses_an_allele_number_beyond_the_record(
    tmp_path: Path, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = vcf(tmp_path / "v.vcf", GENE, [Line(SITE, "G", "T", "0/3:60:30")])
    asked = ["assess", str(path), "--record", str(EXAMPLE / "record.json"), "--secondary-findings", "form 7"]
    assert main([*asked, "--tables", known]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and f"{path} line" in lines[0] and "GT is '0/3', but the record has 1 alternative" in lines[0]


# with a reference sequence


def test_signed_and_written_alleles_are_left_aligned_where_a_reference_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    known = table(tmp_path, GENE, (SITE + 60, "C", "T", "Benign", 1))
    letters = "GATTACCA" * 50
    start = LOW - 100
    at = SITE - start
    letters = letters[:at] + "GCAAAAT" + letters[at + 7 :]  # SITE is G; the four A begin at SITE + 2
    fasta = tmp_path / "part.fa"
    fasta.write_text(f">{chromosome(GENE)}:{start}-{start + len(letters) - 1}\n{letters}\n")
    add_fasta(fasta, build="GRCh38")
    signed = curation(tmp_path, SITE + 4, "AA", "A", "pathogenic")  # one of the four, written to the right
    path = gvcf(tmp_path / "g.vcf", GENE, [Line(SITE + 2, "AAA", "AA,<NON_REF>")])  # written in the middle
    report = told(path, known, curation=signed)
    assert findings(report) == [(GENE, "reportable")]
    allele = report.findings[0].variants[0].allele
    assert (allele.position, allele.ref, allele.alt) == (SITE + 1, "CA", "C")
    twice = signed.read_text() + signed.read_text().split("variants:\n")[1].replace(str(SITE + 4), str(SITE + 3))
    signed.write_text(twice)
    with pytest.raises(RequestError, match="which is written there too"):
        told(path, known, curation=signed)


def test_blocks_that_write_n_for_their_base_are_on_no_other_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    starts = [low - 12 for low, _ in segments("BRCA2")]  # where the blocks begin
    known = table(tmp_path, "BRCA2", *((start, "G", "T", "Pathogenic", 2) for start in starts))
    looked = of(told(gvcf(tmp_path / "g.vcf", "BRCA2"), known), "BRCA2")
    assert len(starts) > 20 and looked.status is NEGATIVE and looked.sites == len(starts)


def test_a_signed_allele_far_from_the_gene_is_found_whatever_the_table_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    far = segments(GENE)[0][0] - 90_000
    known = table(tmp_path, GENE, (far, "G", "T", "Uncertain significance", 1, "OTHER"), (SITE, "G", "T", "Benign", 1))
    signed = curation(tmp_path, far, "G", "T", "pathogenic")
    report = told(gvcf(tmp_path / "g.vcf", GENE, [Line(far, "G", "T,<NON_REF>")]), known, curation=signed)
    assert findings(report) == [(GENE, "reportable")]


def test_a_known_place_far_from_the_coding_bases_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    far = segments(GENE)[0][0] - 90_000
    known = table(tmp_path, GENE, (far, "G", "T", "Pathogenic", 2), (SITE, "G", "T", "Pathogenic", 1))
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE), known), GENE)
    assert (looked.status, looked.sites, looked.unread_sites) == (PARTLY, 2, 1)
    hole = of(told(gvcf(tmp_path / "h.vcf", GENE, holes=[SITE]), known), GENE)
    assert [text.split()[0] for text in hole.first_unread] == [f"{chromosome(GENE)}:{SITE}", f"{chromosome(GENE)}:{far}"]


def test_a_table_without_the_one_named_change_makes_no_negative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    other = segments("HFE")[0][0] + 8
    known = table(tmp_path, "HFE", (other, "G", "A", "Pathogenic", 2))
    assert of(told(gvcf(tmp_path / "g.vcf", "HFE"), known), "HFE").status is NOT
    both = table(tmp_path, "HFE", (other, "G", "A", "Pathogenic", 2), (26092913, "G", "A", "Pathogenic", 2))
    assert of(told(gvcf(tmp_path / "h.vcf", "HFE", holes=[other]), both), "HFE").status is NEGATIVE
    assert of(told(gvcf(tmp_path / "i.vcf", "HFE", holes=[26092913]), both), "HFE").status is PARTLY


@pytest.mark.parametrize(
    ("info", "keys", "values"),
    [(".", "GT:BAF:LRR", "0/1:0.5:0.1"), (".", "GT:GQ:IGC", "0/1:60:0.9"), ("ALLELE_A=1;ALLELE_B=0", "GT", "0/1")],
)
def test_nothing_is_taken_from_a_vcf_of_an_array(tmp_path: Path, known: str, info: str, keys: str, values: str) -> None:
    head = HEAD + "".join(f'##FORMAT=<ID={name},Number=1,Type=Float,Description="f">\n' for name in ("BAF", "LRR", "IGC"))
    path = vcf(tmp_path / "v.vcf", GENE, [Line(SITE, "G", "T", values, info=info, keys=keys)], head=head)
    report = told(path, known)
    assert not report.is_analysed and findings(report) == []
    assert any("of an array" in note for note in report.notes)


@pytest.mark.parametrize("how", ["plain", "bgz", "bcf", "indexed"])
@pytest.mark.parametrize("info", [f"END={HIGH + 500}", f"SVLEN=-{HIGH - LOW + 1000}"])
def test_a_lost_exon_that_begins_far_before_it(tmp_path: Path, known: str, how: str, info: str) -> None:
    """A record may give its length alone, and an index need not know how far it reaches."""
    plain = vcf(tmp_path / "sv.vcf", GENE, [Line(LOW - 500, "A", "<DEL>", info=info)])
    if how == "indexed":
        path = plain.with_suffix(".vcf.gz")
        path.write_bytes(bgzf(plain.read_bytes()))
        path.with_name(f"{path.name}.tbi").write_bytes(tabix(plain.read_bytes()))
    else:
        path = packed(plain, how)
    looked = of(told([gvcf(tmp_path / "g.vcf", GENE), path], known), GENE)
    assert looked.status is NOT and f"{chromosome(GENE)}:{LOW - 500} <DEL>" in looked.reason
    alone = of(told(path, known), GENE)
    assert alone.status is NOT and "<DEL>" in alone.reason


def test_a_structural_genotype_that_is_none_is_refused_with_its_line(tmp_path: Path, known: str) -> None:
    for genotype, words in (("0/x", "expected allele numbers"), ("0/2", "1 alternative")):
        path = vcf(tmp_path / "sv.vcf", GENE, [Line(LOW - 500, "A", "<DEL>", f"{genotype}:60:30", info=f"END={HIGH}")])
        with pytest.raises(GenomeError, match=f"line {path.read_text().count(chr(10))}: GT is '{genotype}'.*{words}"):
            told(path, known)


def test_a_block_with_a_carried_catch_all_was_not_read(tmp_path: Path, known: str) -> None:
    line = Line(SITE - 4, "G", "<NON_REF>", "0/1:60:30", info=f"END={SITE + 4}")
    looked = of(told(gvcf(tmp_path / "g.vcf", GENE, [line], range(SITE - 4, SITE + 5)), known), GENE)
    assert (looked.status, looked.unread_sites) == (PARTLY, 1)


@pytest.mark.parametrize(
    ("ref", "alt", "unread"),
    [("G", "GT", [0, 1]), ("GCA", "G", [0, 1, 2, 3]), ("GC", "TAA", [-1, 0, 1, 2]), ("GC", "TA", [0, 1])],
)
def test_an_insertion_or_deletion_needs_the_bases_on_both_its_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ref: str, alt: str, unread: list[int]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    known = table(tmp_path, GENE, (SITE, ref, alt, "Pathogenic", 2))
    for base in range(-1, 5):
        looked = of(told(gvcf(tmp_path / "g.vcf", GENE, holes=[SITE + base]), known), GENE)
        assert (looked.status is PARTLY) == (base in unread), base


def test_who_did_not_ask_for_carrier_states_is_not_told_of_a_lost_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    low = segments("MUTYH")[2][0]
    known = table(tmp_path, "MUTYH", (segments("MUTYH")[4][0] + 5, "G", "T", "Pathogenic", 2))
    for line in (Line(low + 5, "G", "<DEL>", info=f"END={low + 9}"), Line(low + 5, "AA", "A,<NON_REF>")):
        path = gvcf(tmp_path / "g.vcf", "MUTYH", [line])
        looked = of(told(path, known), "MUTYH")
        assert looked.status is PARTLY and "could be assessed" in looked.reason
        assert str(low + 5) not in looked.reason and not any(str(low + 5) in note for note in told(path, known).notes)
        assert str(low + 5) in of(told(path, known, carriers="form 8"), "MUTYH").reason


def stretch(folder: Path, first: int, letters: str) -> None:
    """Bring ``letters``, from ``first`` on, as the reference of the gene's chromosome."""
    fasta = folder / "part.fa"
    fasta.write_text(f">{chromosome(GENE)}:{first}-{first + len(letters) - 1}\n{letters}\n")
    add_fasta(fasta, build="GRCh38")


def test_a_table_or_a_reference_that_does_not_align_an_indel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has the deletion at the right end of four A, the file in the middle."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    known = table(tmp_path, GENE, (SITE + 4, "AA", "A", "Pathogenic", 2))
    path = gvcf(tmp_path / "g.vcf", GENE, [Line(SITE + 2, "AAA", "AA,<NON_REF>")])
    stretch(tmp_path, HIGH + 400, "GATTACCA" * 50)  # of another part of the gene
    assert findings(told(path, known)) == [(GENE, "review")]
    letters = "GATTACCA" * 50
    at = 100 + SITE - LOW
    stretch(tmp_path, LOW - 100, letters[:at] + "GCAAAAT" + letters[at + 7 :])
    report = told(path, known)
    assert findings(report) == [(GENE, "reportable")] and report.findings[0].variants[0].doubt == ""
    two = gvcf(tmp_path / "two.vcf", GENE, [Line(SITE + 9, "AA", "A,<NON_REF>")])  # other letters there: another deletion
    assert findings(told(two, known)) == []
