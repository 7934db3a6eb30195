"""From genome files, a table of assertions and a recorded consent to the section of the assessment: the whole way."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nof1.errors import GenomeError, InputError, RequestError
from nof1.fhir.checked import problems
from nof1.genomics.bases import Bases
from nof1.genomics.callable import read_bed
from nof1.genomics.covered import looked, of_regions
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.jobs.one_person import assess
from nof1.jobs.secondary_ahead import Unasked
from nof1.jobs.variant_tables import add
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import Assessment
from nof1.model.secondary import GeneStatus, SecondaryStatus, Sex
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.report.fhir import bundle
from nof1.report.html import page
from nof1.variants.copies import Copies, copies_taken

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "example-5-prevention"
TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = add("clinvar", EXAMPLE / "assertions.tsv", into=tmp_path_factory.mktemp("t"), edition="1", build="GRCh38")
    return str(made.path)


def record(tmp_path: Path, change: Any = None) -> Path:
    """The example's record; ``change`` alters its list of resources."""
    held = json.loads((EXAMPLE / "record.json").read_text())
    resources = [one["resource"] for one in held["entry"]]
    resources = change(resources) if change else resources
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**held, "entry": [{"resource": one} for one in resources]}))
    return path


def assessed(tmp_path: Path, table: str, change: Any = None, genome: Path | None = None, **asked: Any) -> Assessment:
    unasked = Unasked(tables=[table], **asked)
    return assess([genome or EXAMPLE / "genome.vcf"], record=record(tmp_path, change), today=TODAY, secondary=unasked)


def genes(made: Assessment, status: GeneStatus) -> set[str]:
    assert made.secondary is not None
    return {one.gene for one in made.secondary.genes if one.status is status}


def test_the_example_has_a_finding_a_negative_part_and_what_was_not_assessed(tmp_path: Path, table: str) -> None:
    made = assessed(tmp_path, table)
    (found,) = made.variants
    assert (found.gene, found.status, found.classification, found.stars) == (
        "MSH2", SecondaryStatus.REPORTABLE, "pathogenic", 2,
    )  # fmt: skip
    assert found.variants[0].allele.position == 47408445
    read = {"APC", "APOB", "BRCA2", "MLH1", "MSH6", "PALB2", "PCSK9", "PTEN", "TP53"}
    assert genes(made, GeneStatus.ASSESSED_NEGATIVE) == read
    assert genes(made, GeneStatus.PARTLY_ASSESSED) == {"BRCA1"}  # a known splice site lies where the file has no block
    assert genes(made, GeneStatus.NOT_ASSESSED) == set(knowledge().secondary.genes) - read - {"MSH2", "BRCA1"}
    share = next(one.share for one in made.secondary.genes if one.gene == "LDLR")  # type: ignore[union-attr]
    (transcript,) = knowledge().gene_models.of_gene("LDLR")[:1]
    sizes = [last - first + 1 for first, last in transcript.coding_segments()]
    assert share == pytest.approx(sum(sizes[: len(sizes) // 2]) / sum(sizes))


def test_the_finding_and_the_family_call_for_their_actions(tmp_path: Path, table: str) -> None:
    made = assessed(tmp_path, table)
    planned = {one.id: one for one in made.plan}
    because = {name: one for name, one in planned.items() if any("MSH2" in why for why in one.because)}
    assert because, planned.keys()
    assert any("colonoscopy" in one.title for one in because.values())
    assert any(one.relatives for one in because.values())  # cascade testing
    without = assess(record=record(tmp_path), today=TODAY)
    assert not any("MSH2" in why for one in without.plan for why in one.because)
    assert made.risks and {one.equation for one in made.risks} == {one.equation for one in without.risks}
    assert set(made.sources) >= {one.source.partition("#")[0] for one in made.plan}


def test_the_page_tells_them_all_and_names_no_script(tmp_path: Path, table: str) -> None:
    made = assessed(tmp_path, table)
    told = page(made)
    for name in ("secondary", "prevention", "family", "risks"):
        assert f'id="{name}"' in told
    assert "LDLR (53 %)" in told
    assert "<script" not in told
    assert bundle(made)


def no_consent(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in resources if one["resourceType"] != "Consent"]


def refused(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changed = json.loads(json.dumps(resources))
    for one in changed:
        if one["resourceType"] == "Consent":
            one["provision"]["provision"][0]["type"] = "deny"
    return changed


@pytest.mark.parametrize("change", [no_consent, refused])
def test_without_an_opt_in_no_file_is_looked_at(tmp_path: Path, table: str, change: Any) -> None:
    made = assessed(tmp_path, table, change)
    assert made.secondary is not None and not made.secondary.is_analysed
    assert made.variants == () and made.secondary.genes == ()
    assert any("opt-in" in note for note in made.secondary.notes)
    assert "MSH2" not in page(made).replace("MSH2)", "")


def test_nobody_is_asked_where_nothing_is_said(tmp_path: Path) -> None:
    made = assess([EXAMPLE / "genome.vcf"], record=record(tmp_path, no_consent), today=TODAY)
    assert made.secondary is None and made.variants == ()


def test_a_stated_consent_counts_and_does_not_undo_a_refusal(tmp_path: Path, table: str) -> None:
    made = assessed(tmp_path, table, no_consent, consent="form 7 of 2026-10-05")
    assert [one.gene for one in made.variants] == ["MSH2"]
    with pytest.raises(RequestError, match="refused"):
        assessed(tmp_path, table, refused, consent="form 7 of 2026-10-05")


def test_an_adult_onset_finding_is_withheld_in_a_child(tmp_path: Path, table: str) -> None:
    def child(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one | {"birthDate": "2014-05-01"} if one["resourceType"] == "Patient" else one for one in resources]

    made = assessed(tmp_path, table, child)
    assert not [one for one in made.variants if one.status is SecondaryStatus.REPORTABLE]


def test_a_table_that_was_not_brought_is_no_negative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "empty"))
    made = assess([EXAMPLE / "genome.vcf"], record=record(tmp_path), today=TODAY)
    assert made.secondary is not None and not made.secondary.is_analysed
    assert made.secondary.genes == ()
    assert any("nof1 knowledge add clinvar" in note for note in made.secondary.notes)


def test_a_file_of_variants_alone_leaves_every_other_gene_not_assessed(tmp_path: Path, table: str) -> None:
    lines = [line for line in (EXAMPLE / "genome.vcf").read_text().splitlines() if "END=" not in line or line[0] == "#"]
    path = tmp_path / "variants.vcf"
    path.write_text("\n".join(lines) + "\n")
    made = assessed(tmp_path, table, genome=path)
    assert [one.gene for one in made.variants] == ["MSH2"]
    assert genes(made, GeneStatus.ASSESSED_NEGATIVE) == set()
    assert all(math.isnan(one.share) for one in made.secondary.genes)  # type: ignore[union-attr]


def test_bases_read_thinly_are_not_read(tmp_path: Path) -> None:
    head = '##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n'
    head += "".join(f'##FORMAT=<ID={name},Number=1,Type={kind},Description="f">\n' for name, kind in (
        ("GT", "String"), ("GQ", "Integer"), ("DP", "Integer"),
    ))  # fmt: skip
    rows = [(11, 20, "0/0:60:30"), (21, 30, "0/0:5:30"), (31, 40, "0/0:60:2"), (41, 50, "./.:60:30"), (51, 55, "0/0:60:30")]
    body = "".join(f"chr1\t{a}\t.\tN\t<NON_REF>\t.\t.\tEND={b}\tGT:GQ:DP\t{told}\n" for a, b, told in rows)
    path = tmp_path / "one.vcf"
    path.write_text(head + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP\n" + body)
    bases = Bases([Window("chr1", 1, 40), Window("chr1", 50, 59)])
    found = looked(bases, path, "P", Quality(), np.zeros(len(bases), np.uint8))
    assert bases.position[found.read & ~found.lost].tolist() == [*range(11, 21), *range(51, 56)]
    assert bases.position[found.lost].tolist() == [*range(21, 41), 50]
    bed = tmp_path / "seen.bed"
    bed.write_text("chr1\t0\t20\nchr1\t54\t100\n")
    assert bases.position[of_regions(bases, read_bed(bed))].tolist() == [*range(1, 21), *range(55, 60)]


def test_a_genome_on_another_build_is_refused(tmp_path: Path, table: str) -> None:
    text = (EXAMPLE / "genome.vcf").read_text().replace("##reference=GRCh38", "##reference=GRCh37")
    path = tmp_path / "old.vcf"
    path.write_text(text)
    with pytest.raises((GenomeError, RequestError)):
        assessed(tmp_path, table, genome=path)


def test_the_bundle_tells_the_finding_the_risks_and_the_plan(tmp_path: Path, table: str) -> None:
    made = assessed(tmp_path, table)
    entries = [one["resource"] for one in bundle(made)["entry"]]
    by_id = {f"urn:uuid:{one['id']}": one for one in entries}
    (implied,) = [one for one in entries if "diagnostic-implication" in str(one.get("meta"))]
    codes = {
        coding["code"]
        for part in implied["component"]
        for coding in (*part["code"]["coding"], *part.get("valueCodeableConcept", {}).get("coding", ()))
    }
    assert {"53037-8", "LA6668-3", "81259-4", "48018-6"} <= codes  # as the guide's own example of this gene has them
    variant = by_id[implied["derivedFrom"][0]["reference"]]
    values = [part for part in variant["component"] if "valueString" in part]
    assert [part["valueString"] for part in values] == ["G", "T"]
    assert {one["status"] for one in entries if one["resourceType"] == "CarePlan"} == {"draft"}
    risks = [one for one in entries if one["resourceType"] == "RiskAssessment"]
    assert len(risks) == len([one for one in made.risks if one.measure == "risk" and one.standing != "refused"])
    assert not [problem for one in entries for problem in problems(one) if problem.is_error]


def test_a_finding_to_review_is_not_in_the_bundle(tmp_path: Path, table: str) -> None:
    def unborn(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:  # without an age it is known to no adult
        return [{k: v for k, v in one.items() if k != "birthDate"} for one in resources]

    made = assessed(tmp_path, table, unborn)
    assert [one.status for one in made.variants] == [SecondaryStatus.REVIEW]
    assert "diagnostic-implication" not in json.dumps(bundle(made))


def test_a_table_that_cannot_be_read_does_not_cost_the_rest_where_only_the_record_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "nof1" / "tables"
    folder.mkdir(parents=True)
    (folder / "clinvar-1-GRCh38.nof1variants").write_bytes(b"no table at all" * 100)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    made = assess([EXAMPLE / "genome.vcf"], record=record(tmp_path), today=TODAY)
    assert made.secondary is not None and not made.secondary.is_analysed
    assert any("none of these genes was analysed" in note for note in made.secondary.notes)
    assert made.plan and made.risks
    with pytest.raises(InputError):
        assess([EXAMPLE / "genome.vcf"], record=record(tmp_path), today=TODAY, secondary=Unasked(consent="form 7"))


SITE = "chr2\t47408445\t.\tG\tT\t50\tPASS\t.\tGT:GQ:DP\t"


def with_lines(tmp_path: Path, *lines: str, name: str = "changed.vcf", head: Any = str) -> Path:
    """The example's genome with ``lines`` in place of its only variant; ``head`` alters the header."""
    rows = (EXAMPLE / "genome.vcf").read_text().splitlines()
    body = sorted([row for row in rows if row[0] != "#" and "END=" in row] + list(lines), key=_place)
    path = tmp_path / name
    path.write_text(head("\n".join(row for row in rows if row[0] == "#")) + "\n" + "\n".join(body) + "\n")
    return path


def _place(row: str) -> tuple[int, int]:
    chrom, position = row.split("\t")[:2]
    return int(chrom.removeprefix("chr")), int(position)


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        (SITE + "0/1:60:30", SecondaryStatus.REPORTABLE, "enough"),
        (SITE + "./.:60:30", SecondaryStatus.REVIEW, "no genotype"),
        (SITE + "0/1:2:30", SecondaryStatus.REVIEW, "GQ is 2"),
        (SITE + "0/1:60:3", SecondaryStatus.REVIEW, "DP is 3"),
        (SITE.replace("PASS", "LowQual") + "0/1:60:30", SecondaryStatus.REVIEW, "FILTER is LowQual"),
    ],
)
def test_a_doubtful_genotype_waits_for_review(
    tmp_path: Path, table: str, line: str, status: SecondaryStatus, words: str
) -> None:
    (found,) = assessed(tmp_path, table, genome=with_lines(tmp_path, line)).variants
    assert found.status is status and words in found.reasons[0]


def test_an_allele_without_bases_leaves_its_gene_not_assessed(tmp_path: Path, table: str) -> None:
    lost = "chr17\t43044000\t.\tN\t<DEL>\t50\tPASS\tEND=43126000\tGT:GQ:DP\t0/1:60:30"
    made = assessed(tmp_path, table, genome=with_lines(tmp_path, SITE + "0/1:60:30", lost))
    assert "BRCA1" in genes(made, GeneStatus.NOT_ASSESSED)
    assert any("symbolic" in note for note in made.secondary.notes)  # type: ignore[union-attr]


def test_a_reference_that_disagrees_is_told(tmp_path: Path, table: str) -> None:
    genome = with_lines(tmp_path, SITE.replace("\tG\tT", "\tC\tT") + "0/1:60:30")
    made = assessed(tmp_path, table, genome=genome)
    assert any("chr2:47408445 REF C" in note for note in made.secondary.notes)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("one", "other", "zygosity", "status"),
    [
        ("./.", "0/1", "heterozygous", SecondaryStatus.REPORTABLE),
        ("0/1", "./.", "heterozygous", SecondaryStatus.REPORTABLE),
        ("0/1", "1/1", "unknown", SecondaryStatus.REVIEW),
    ],
)
def test_an_allele_in_two_files(
    tmp_path: Path, table: str, one: str, other: str, zygosity: str, status: SecondaryStatus
) -> None:
    files = [with_lines(tmp_path, f"{SITE}{gt}:60:30", name=f"{n}.vcf") for n, gt in enumerate((one, other))]
    made = assess(files, record=record(tmp_path), today=TODAY, secondary=Unasked(tables=[table]))
    (found,) = made.variants
    assert (found.variants[0].zygosity, found.status) == (zygosity, status)


def test_a_build_said_beside_the_file_is_taken(tmp_path: Path, table: str) -> None:
    genome = with_lines(tmp_path, SITE + "0/1:60:30", head=lambda text: text.replace("##reference=GRCh38\n", ""))
    made = assess([genome], record=record(tmp_path), today=TODAY, secondary=Unasked(tables=[table]), build="GRCh38")
    assert [one.gene for one in made.variants] == ["MSH2"]


@pytest.mark.parametrize("named", ["MSH2", "MSH2|LOC129933707", "LOC129933707|MSH2"])
def test_a_place_of_several_genes_counts_for_the_one_on_the_list(tmp_path: Path, named: str) -> None:
    rows = (EXAMPLE / "assertions.tsv").read_text().replace("\tMSH2\t", f"\t{named}\t")
    (tmp_path / "several.tsv").write_text(rows)
    several = add("clinvar", tmp_path / "several.tsv", into=tmp_path, edition="2", build="GRCh38")
    made = assessed(tmp_path, str(several.path))
    assert [(one.gene, one.status) for one in made.variants] == [("MSH2", SecondaryStatus.REPORTABLE)]


def test_one_copy_on_x_in_a_woman_is_unclear() -> None:
    one = ObservedVariant(Allele("chrX", 153740200, "C", "T"), "ABCD1", Zygosity.HEMIZYGOUS)
    assert copies_taken([one], True, Sex.FEMALE) is Copies.UNCLEAR
    assert copies_taken([one], True, Sex.MALE) is Copies.ONLY


@pytest.mark.parametrize("kinds", [("permit", "deny"), ("deny", "permit")])
def test_of_two_provisions_that_contradict_the_refusal_holds(tmp_path: Path, table: str, kinds: tuple[str, str]) -> None:
    def contradicted(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
        changed = json.loads(json.dumps(resources))
        for one in changed:
            if one["resourceType"] == "Consent":
                (said,) = one["provision"]["provision"]
                one["provision"]["provision"] = [said | {"type": kind} for kind in kinds]
        return changed

    made = assessed(tmp_path, table, contradicted)
    assert made.variants == () and not made.secondary.is_analysed  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("born", "is_told"), [("2008-11-26", True), ("2008-11-27", False), ("2008-11", False), ("2008", False), ("2007", True)]
)
def test_the_day_of_majority(tmp_path: Path, table: str, born: str, is_told: bool) -> None:
    """By completed years; of a birth known by month or year the lowest age counts."""

    def aged(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one | {"birthDate": born} if one["resourceType"] == "Patient" else one for one in resources]

    made = assessed(tmp_path, table, aged)
    assert bool([one for one in made.variants if one.status is SecondaryStatus.REPORTABLE]) is is_told
