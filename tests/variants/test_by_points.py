"""Findings explained by points: the assertion decides, codes of machine and curator are told, nothing new is reported."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
from cyvcf2 import VCF

from nof1.jobs.allele_rows import frequency_in, rows_on
from nof1.jobs.one_person import assess
from nof1.jobs.reference import add_fasta
from nof1.jobs.secondary_ahead import Unasked
from nof1.jobs.variant_tables import add
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.curation import CuratedAllele, CuratedVariant, Decision
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.classification import Agreement, ByPoints, Origin, VariantClass, VariantFacts
from nof1.model.findings import Assessment
from nof1.model.secondary import SecondaryFinding, SecondaryStatus
from nof1.model.variants import Allele, Consequence
from nof1.report.explain import tree
from nof1.report.fhir import bundle
from nof1.report.html import page
from nof1.report.text import summary
from nof1.variants.explained import explained

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "example-5-prevention"
TODAY = date(2026, 11, 26)
CRITERIA, RULES = knowledge().criteria, knowledge().secondary.rules
STOP = ("chr17", 43082434, "G", "A")  # NM_007294.4:c.4327C>T, a stop far before the last junction
DONOR = ("chr17", 43104121, "C", "T")  # NM_007294.4:c.441+1G>A
CYS282TYR = ("chr6", 26092913, "G", "A")


def decided(code: str, gene: str = "BRCA1", action: str = "add", on: str = "2026-11-20") -> CuratedVariant:
    decision = Decision(code, action, "A. Curator", on, "seen in the laboratory", "PMID:1")  # type: ignore[arg-type]
    return CuratedVariant(CuratedAllele("chr17", 5, "G", "A"), gene, [decision])


@pytest.mark.parametrize(
    ("asserted", "code", "points", "reached", "stricter", "agreement"),
    [
        ("pathogenic", "", 0, "uncertain significance", "uncertain significance", Agreement.LESS),
        ("pathogenic", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.LESS),
        ("likely pathogenic", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.SAME),
        ("uncertain significance", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.MORE),
        ("benign", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.OPPOSED),
        ("pathogenic", "BP4", -1, "likely benign", "uncertain significance", Agreement.OPPOSED),
        ("pathogenic", "BS3", -4, "likely benign", "likely benign", Agreement.OPPOSED),
        ("likely benign", "BA1", 0, "benign", "benign", Agreement.MORE),
        ("conflicting", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.NONE),
        ("", "PVS1", 8, "likely pathogenic", "likely pathogenic", Agreement.NONE),
    ],
)
def test_points_beside_what_is_asserted(
    asserted: str, code: str, points: int, reached: str, stricter: str, agreement: Agreement
) -> None:
    facts = VariantFacts("BRCA1", "chr17:5:G:A")
    made = explained(facts, asserted, CRITERIA, RULES, decided(code) if code else None)
    assert made is not None
    assert (made.points, made.classification, made.stricter, made.agreement) == (points, reached, stricter, agreement)
    assert made.asserted == asserted and made.stand_alone == (code == "BA1")
    assert sum(one.points for one in made.counted) == points and made.words


def test_loss_of_function_is_not_counted_where_the_condition_comes_otherwise() -> None:
    assert RULES is not None
    doubted = next(row for row in RULES.filters if row.not_terms and row.genes[0] in CRITERIA.loss_of_function)
    gene = doubted.genes[0]
    facts = VariantFacts(gene, "chr1:5:G:A", Consequence(gene, "T", ("stop_gained",), decay="expected"))
    alone, beside = explained(facts, "", CRITERIA), explained(facts, "", CRITERIA, RULES)
    assert alone is not None and [one.written for one in alone.counted] == ["PVS1"]
    assert beside is not None and beside.counted == () and beside.points == 0
    assert any(doubted.words in text for text in beside.not_told)


def test_nothing_is_said_without_points() -> None:
    assert explained(VariantFacts("G", "a"), "pathogenic", type(CRITERIA)()) is None


@dataclass
class Site:
    """A place where tables and a reference are kept, and one person's example record."""

    folder: Path

    def table(self, *rows: tuple[str, int, str, str, str, str, int]) -> str:
        path = self.folder / "assertions.tsv"
        body = "".join("\t".join(map(str, row)) + "\n" for row in rows)
        path.write_text("chrom\tpos\tref\talt\tgene\tclassification\tstars\n" + body)
        return str(add("clinvar", path, into=self.folder, edition="1", build="GRCh38").path)

    def frequencies(self, change: tuple[str, int, str, str], info: str, filters: str = "PASS") -> str:
        groups = "".join(
            f'##INFO=<ID={kind}_{group},Number=A,Type=Float,Description="in samples of {group} ancestry">\n'
            for group in ("afr", "nfe") for kind in ("AF", "AN")
        )  # fmt: skip
        head = "".join(f'##INFO=<ID={name},Number=A,Type=Float,Description="x">\n' for name in ("AC", "AN", "AF", "grpmax"))
        chrom, position, ref, alt = change
        path = self.folder / "frequencies.4.1.vcf"
        path.write_text(
            "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n" + head + groups
            + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
            + f"{chrom}\t{position}\t.\t{ref}\t{alt}\t.\t{filters}\t{info}\n"
        )  # fmt: skip
        return str(add("gnomad", path, into=self.folder, build="GRCh38").path)

    def genome(self, *changes: tuple[str, int, str, str], genotype: str = "0/1") -> Path:
        head = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n"
        rows = [f"{c}\t{p}\t.\t{r}\t{a}\t50\tPASS\t.\tGT:GQ:DP\t{genotype}:60:30\n" for c, p, r, a in sorted(changes)]
        path = self.folder / "person.vcf"
        path.write_text(head + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n" + "".join(rows))
        return path

    def assess(self, genome: Path, *tables: str, curation: Path | None = None) -> Assessment:
        asked = Unasked(tables=tables, curation=curation)
        return assess([genome], record=EXAMPLE / "record.json", today=TODAY, secondary=asked)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Site(tmp_path)


@pytest.fixture
def with_reference(site: Site, reference_data: Path) -> Site:
    add_fasta(reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa")
    return site


def only(made: Assessment) -> tuple[SecondaryFinding, ByPoints]:
    (found,) = made.variants
    (points,) = found.by_points
    return found, points


@pytest.mark.parametrize(("change", "word"), [(STOP, "early stop"), (DONOR, "splice site lost")])
def test_a_loss_of_function_nobody_has_asserted_is_explained_and_waits(
    with_reference: Site, change: tuple[str, int, str, str], word: str
) -> None:
    elsewhere = with_reference.table(("chr17", 43106487, "A", "C", "BRCA1", "Pathogenic", 3))
    found, points = only(with_reference.assess(with_reference.genome(change), elsewhere))
    assert found.status is SecondaryStatus.REVIEW, "what is only predicted is never reported"
    assert (points.asserted, points.agreement) == ("", Agreement.NONE)
    (counted,) = points.counted
    assert (counted.written, counted.points, points.points) == ("PVS1", 8, 8)
    assert (points.classification, points.stricter) == (VariantClass.LIKELY_PATHOGENIC, VariantClass.LIKELY_PATHOGENIC)
    assert counted.criterion.origin is Origin.AUTOMATED and word in counted.criterion.evidence
    assert any("critical to function" in text for text in points.not_told)
    assert any("no table was brought" in text for text in points.not_told)


def test_a_stop_is_explained_beside_its_assertion_and_told_everywhere(with_reference: Site) -> None:
    table = with_reference.table((*STOP, "BRCA1", "Pathogenic", 3))
    made = with_reference.assess(with_reference.genome(STOP), table)
    found, points = only(made)
    assert (found.status, found.classification, points.agreement) == (
        SecondaryStatus.REPORTABLE, "pathogenic", Agreement.LESS,
    )  # fmt: skip
    source = points.counted[0].criterion.source
    assert source is not None and source.source in made.sources
    told = re.sub(r"<[^>]+>", " ", page(made))
    assert "By points: 8, likely pathogenic" in told and "the transcript is expected to decay" in told
    assert "Both published limits of likely benign give this class" in told
    line = "by points: 8, likely pathogenic, less than asserted (pathogenic); PVS1 +8"
    assert line in " ".join(summary(made).split())
    assert line in json.dumps(bundle(made))


def test_without_a_reference_nothing_is_counted_and_that_is_said(site: Site) -> None:
    _, points = only(site.assess(site.genome(STOP), site.table((*STOP, "BRCA1", "Pathogenic", 3))))
    assert (points.points, points.counted) == (0, ())
    assert any("no reference sequence was given" in text for text in points.not_told)


COMMON = "AC=900;AN=9000;AF=0.1;grpmax=nfe;AF_afr=0.01;AN_afr=3000;AF_nfe=0.2;AN_nfe=4000"


@pytest.mark.parametrize(
    ("info", "filters", "codes", "words"),
    [
        (COMMON, "PASS", ["BA1"], ""),
        (COMMON, "AC0", [], "AC0"),
        (COMMON.replace("AN_nfe=4000", "AN_nfe=400"), "PASS", [], ""),  # too few alleles were counted in that group
        (COMMON.replace("grpmax=nfe", "grpmax=."), "PASS", ["BA1"], ""),  # then the whole counts
        (COMMON.replace("AF_nfe=0.2", "AF_nfe=0.0499"), "PASS", [], ""),
    ],
)
def test_too_common_is_told_against_the_assertion_which_still_decides(
    site: Site, info: str, filters: str, codes: list[str], words: str
) -> None:
    tables = [site.table((*STOP, "BRCA1", "Pathogenic", 3)), site.frequencies(STOP, info, filters)]
    made = site.assess(site.genome(STOP), *tables)
    found, points = only(made)
    assert found.status is SecondaryStatus.REPORTABLE
    assert [one.written for one in points.counted] == codes
    if codes:
        assert (points.classification, points.stand_alone, points.agreement) == ("benign", True, Agreement.OPPOSED)
        assert "points and assertion disagree: somebody has to look at both" in page(made)
        assert "AGAINST what is asserted" in " ".join(summary(made).split())
    assert not words or any(words in text for text in points.not_told)


def test_an_exempt_change_is_not_benign_because_its_name_is_not_known(site: Site) -> None:
    """Without a reference the change has no name, and is one of those that are common and may still cause disease."""
    tables = [site.table((*CYS282TYR, "HFE", "Pathogenic", 2)), site.frequencies(CYS282TYR, COMMON)]
    found, points = only(site.assess(site.genome(CYS282TYR, genotype="1/1"), *tables))
    assert found.status is SecondaryStatus.REPORTABLE and points.counted == ()


CURATION = """schema: 1
build: GRCh38
variants:
- allele: {chromosome: chr17, position: 43082434, ref: G, alt: A}
  gene: BRCA1
  decisions:
  - {code: PS3_Moderate, action: add, by: A. Curator, decided: '2026-11-20', why: assay of function, source: 'PMID:1'}
  - {code: PVS1_Strong, action: add, by: B. Curator, decided: '2026-11-21', why: another transcript may rescue}
"""


def test_what_curators_decided_is_shown_with_name_and_day(with_reference: Site) -> None:
    curation = with_reference.folder / "curation.yaml"
    curation.write_text(CURATION)
    elsewhere = with_reference.table(("chr17", 43106487, "A", "C", "BRCA1", "Pathogenic", 3))
    made = with_reference.assess(with_reference.genome(STOP), elsewhere, curation=curation)
    found, points = only(made)
    assert found.status is SecondaryStatus.REVIEW, "codes alone report nothing"
    assert [(one.written, one.points, one.criterion.by) for one in points.counted] == [
        ("PS3_Moderate", 2, "A. Curator"), ("PVS1_Strong", 4, "B. Curator"),
    ]  # fmt: skip
    assert [(one.written, one.criterion.origin) for one in points.set_aside] == [("PVS1", Origin.AUTOMATED)]
    told = re.sub(r"<[^>]+>", " ", page(made))
    for text in (
        "curator A. Curator, 2026-11-20",
        "curator B. Curator, 2026-11-21",
        "assay of function",
        "Set aside by a curator",
    ):
        assert text in told
    assert "<code>PMID:1</code>" in page(made), "a curator's own source is shown, and leads nowhere"
    assert "PS3_Moderate +2 by A. Curator, 2026-11-20" in " ".join(summary(made).split())
    lines = tree(json.loads(msgspec.json.encode(made)), "finding brca1").splitlines()
    assert "    PS3_Moderate +2: assay of function [curator A. Curator, 2026-11-20] <PMID:1>" in lines
    assert any(line.startswith("    set aside: PVS1 (very strong) +8: early stop") for line in lines)
    assert lines == tree(json.loads(msgspec.json.encode(made)), "BRCA1").splitlines()


def test_what_is_signed_decides_and_is_what_points_stand_beside(site: Site) -> None:
    curation = site.folder / "curation.yaml"
    curation.write_text(
        CURATION + "  signed: {classification: likely pathogenic, by: B. Curator, decided: '2026-11-23', why: family}\n"
    )
    elsewhere = site.table(("chr17", 43106487, "A", "C", "BRCA1", "Pathogenic", 3))
    found, points = only(site.assess(site.genome(STOP), elsewhere, curation=curation))
    assert found.status is SecondaryStatus.REPORTABLE
    assert (points.asserted, points.points, points.agreement) == ("likely pathogenic", 6, Agreement.SAME)


def test_the_example_is_explained(site: Site) -> None:
    table = str(add("clinvar", EXAMPLE / "assertions.tsv", into=site.folder, edition="1", build="GRCh38").path)
    made = site.assess(EXAMPLE / "genome.vcf", table, curation=EXAMPLE / "curation.yaml")
    found, points = only(made)
    assert (found.gene, found.status, points.points, points.agreement) == (
        "MSH2", SecondaryStatus.REPORTABLE, 8, Agreement.LESS,
    )  # fmt: skip
    assert "curator Example Curator (synthetic), 2026-11-20" in page(made)
    assert made.secondary is not None and (
        "criteria found by machine: PVS1, BA1, BS1 (switched off: PS1, PM5, PM2, BP7); curators give all others"
        in made.secondary.notes
    )
    bare = replace(made, variants=tuple(replace(one, by_points=()) for one in made.variants))
    assert [one.id for one in bare.plan] == [one.id for one in made.plan]


def test_every_allele_of_a_table_is_found_alone(reference_data: Path, tmp_path: Path) -> None:
    path = reference_data / "variants" / "gnomad_v4.0_exomes_chr1_slice.vcf.bgz"
    table = VariantIndex(add("gnomad", path, tmp_path).path)
    theirs = {(one.POS, one.REF, one.ALT[0]): one for one in VCF(str(path))}
    groups = 0
    for row in range(len(table)):
        written = table.alleles(np.array([row])).written(0)
        found = frequency_in(table, Allele("chr1", *written))
        info = theirs[written].INFO
        assert found is not None and row in rows_on(table, Allele("chr1", *written))
        if info.get("grpmax") in (None, "."):
            assert (found.population, found.alleles) == ("", info["AN"])
            continue
        groups += 1
        assert (found.population, found.alleles) == (info["grpmax"], info["AN_grpmax"])
        assert found.share == pytest.approx(info["AF_grpmax"], rel=1e-6)
    assert groups > 50
    assert rows_on(table, Allele("chr2", *written)) == [] == rows_on(table, Allele("chr1", 1, "A", "C"))
