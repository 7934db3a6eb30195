"""Codes found by machine agree with expert panels where they are switched on, and never make a benign variant pathogenic."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.criteria import LossOfFunction
from nof1.model.classification import KnownChange, Origin, Strength, VariantClass, VariantFacts
from nof1.model.variants import Consequence
from nof1.variants.automated import automated_criteria, not_automated
from nof1.variants.codons import CodonIndex, residue
from nof1.variants.null_variant import null_variant
from nof1.variants.points import classify

from .panels import NAME, PanelRow, consequence_of, gene_models, panel_rows

KNOWN = knowledge().criteria
assert KNOWN.automated is not None and KNOWN.points is not None
METHODS = {row.code: row for row in KNOWN.automated.methods}
THREE = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrVal"
AMINO = {one: THREE[3 * place : 3 * place + 3] for place, one in enumerate("ARNDCQEGHILKMFPSTWYV")}


def of_rows(reference_data: Path) -> list[tuple[PanelRow, VariantFacts]]:
    models = gene_models(reference_data / "variants")
    found = []
    for row in panel_rows(reference_data):
        consequence, share, in_frame = consequence_of(row, models.get(row.gene))
        if consequence is not None:
            found.append((row, VariantFacts(row.gene, allele(row), consequence, share, in_frame)))
    return found


def allele(row: PanelRow) -> str:
    return f"{row.chromosome}:{row.position}:{row.ref}:{row.alt}" if row.position else row.name


def test_null_variants_against_the_panels(reference_data: Path) -> None:
    looked = met = overstated = serious = 0
    order = list(Strength)
    for row, facts in of_rows(reference_data):
        found = automated_criteria(facts, KNOWN)
        assert {item.code for item in found} <= {"PVS1"}  # no frequencies are given here
        assert all(item.origin is Origin.AUTOMATED and item.evidence and item.source for item in found)
        result = classify(found, KNOWN.points)
        if "pathogenic" in result.variant_class and "benign" in row.assertion:
            serious += 1
        if found and row.looked("PVS1"):
            looked += 1
            said = row.met_as("PVS1")
            met += said != ""
            theirs = said.partition("_")[2].lower().replace(" ", "_") or "very_strong"
            overstated += said != "" and order.index(found[0].strength) > order.index(Strength(theirs))
    assert serious == 0
    assert met / looked >= 0.95
    assert (looked, met) == (METHODS["PVS1"].measured[0].looked, METHODS["PVS1"].measured[0].met)
    assert overstated == 30  # of 481: where a panel knows more of the lost part than its length


def clinvar_changes(folder: Path) -> Callable[[PanelRow], tuple[KnownChange, ...]]:
    found: dict[tuple[str, str], list[tuple[int, KnownChange]]] = {}
    for line in (folder / "intervar_PS1.AA.change.patho.hg38").read_text().splitlines():
        chromosome, start, _, ref, alt, _, _, change, _ = line.split("\t")
        parts = re.fullmatch(r"p\.([A-Z])(\d+)([A-Z])", change)
        if parts and parts[1] in AMINO and parts[3] in AMINO:
            written = f"p.{AMINO[parts[1]]}{parts[2]}{AMINO[parts[3]]}"
            row = KnownChange("", written, f"chr{chromosome}:{start}:{ref}:{alt}", "pathogenic", 1)
            found.setdefault((f"chr{chromosome}", parts[2]), []).append((int(start), row))

    def near(row: PanelRow) -> tuple[KnownChange, ...]:
        at = residue(protein(row))
        rows = found.get((row.chromosome, str(at.number)), []) if at else []
        return tuple(
            KnownChange(row.gene, item.hgvs_p, item.allele, item.classification, 1)
            for place, item in rows
            if abs(place - row.position) <= 2
        )

    return near


def protein(row: PanelRow) -> str:
    found = NAME.match(row.name)
    return (found["protein"] or "") if found else ""


@pytest.mark.parametrize("number", [0, 1])
def test_same_residue_is_below_what_is_asked_and_off(reference_data: Path, number: int) -> None:
    panel = CodonIndex.of(
        KnownChange(row.gene, protein(row), allele(row), row.assertion, 3) for row in panel_rows(reference_data)
    )
    near = clinvar_changes(reference_data / "variants") if number == 0 else lambda row: panel.near(row.gene, protein(row))
    counts: Counter[tuple[str, bool]] = Counter()
    for row, facts in of_rows(reference_data):
        if facts.consequence is None or facts.consequence.terms != ("missense_variant",) or not row.position:
            continue
        full = VariantFacts(row.gene, facts.allele, facts.consequence, known_changes=near(row))
        for item in automated_criteria(full, KNOWN, every=True):
            if row.looked(item.code):
                counts[item.code, row.met_as(item.code) != ""] += 1
    for code in ("PS1", "PM5"):
        measured = METHODS[code].measured[number]
        assert (counts[code, True] + counts[code, False], counts[code, True]) == (measured.looked, measured.met)
        assert measured.met / measured.looked < 0.95 and not METHODS[code].enabled


# variant of the summaries: frequency as they state it
STATED = {
    "NM_000038.6(APC):c.295C>T": "0.0007355",
    "NM_000038.6(APC):c.715G>C": "0.0002269",
    "NM_000038.6(APC):c.995G>A": "0.02%",
    "NM_000038.6(APC):c.1240C>T": "0.001835",
    "NM_000038.6(APC):c.2476T>G": "0.1576%",
    "NM_000038.6(APC):c.4399C>T": "0.0048%",
    "NM_000038.6(APC):c.4420G>A": "1.13%",
    "NM_000038.6(APC):c.5465T>A": "0.9598",
    "NM_000038.6(APC):c.7862C>G": "0.5021%",
    "NM_000527.5(LDLR):c.970G>A": "1.153%",
    "NM_000545.8(HNF1A):c.1135C>G": "0.0005091",
    "NM_000545.8(HNF1A):c.1136C>A": "0.0001567",
    "NM_001754.4(RUNX1):c.614-34C>T": "100%",
    "NM_001754.4(RUNX1):c.1086G>C": "0.002828",
    "NM_001754.4(RUNX1):c.423G>A": "0.0001633",
    "NM_001754.4(RUNX1):c.1396A>T": "0.001761",
    "NM_001754.4(RUNX1):c.952T>G": "0.6377%",
    "NM_000441.2(SLC26A4):c.1708-18T>A": "5.55%",
    "#NM_001754.4(RUNX1):c.613+8C>T": "0.00151",
}


def test_common_variants_against_the_panels(reference_data: Path) -> None:
    with (reference_data / "variants" / "autoacmg_expected_criteria.csv").open() as file:
        rows = {row[0]: (row[1].split(";"), ",".join(row[2:])) for row in csv.reader(file)}
    counts: Counter[tuple[str, bool]] = Counter()
    for name, written in STATED.items():
        codes, words = rows[name]
        assert written in words, name
        frequency = float(written.rstrip("%")) / (100 if "%" in written else 1)
        gene = re.search(r"\((\w+)\)", name)
        assert gene is not None
        for item in automated_criteria(VariantFacts(gene[1], name, frequency=frequency), KNOWN):
            counts[item.code, item.code in codes] += 1
    assert counts["BA1", False] == counts["BS1", False] == 0
    assert counts["BA1", True] == METHODS["BA1"].measured[0].met and counts["BS1", True] == METHODS["BS1"].measured[0].met


def test_common_variants_of_one_gene_in_a_reference_panel(reference_data: Path) -> None:
    cyvcf2 = pytest.importorskip("cyvcf2")
    groups = {}
    for line in (reference_data / "terms" / "allele_freq" / "1000G_samples_panel.tsv").read_text().splitlines()[1:]:
        sample, _, group = line.split("\t")[:3]
        groups[sample] = group
    rows = {
        (row.position, row.ref, row.alt): row for row in panel_rows(reference_data) if row.gene == "RYR1" and row.position
    }
    reader = cyvcf2.VCF(str(reference_data / "pgx" / "kgp_3202_grch38" / "RYR1.vcf.gz"), gts012=True)
    people = [groups.get(sample, "") for sample in reader.samples]
    counts: Counter[tuple[str, bool]] = Counter()
    for record in reader:
        row = rows.get((record.POS, record.REF, record.ALT[0]))
        if row is None:
            continue
        best = (0.0, "", 0)
        for group in ("AFR", "AMR", "EAS", "EUR", "SAS"):
            kinds = [kind for kind, where in zip(record.gt_types, people, strict=True) if where == group and kind < 3]
            best = max(best, (sum(int(kind) for kind in kinds) / (2 * len(kinds)), group, 2 * len(kinds)))
        facts = VariantFacts("RYR1", row.name, frequency=best[0], population=best[1])
        for item in automated_criteria(facts, KNOWN):
            if row.looked(item.code):
                counts[item.code, row.met_as(item.code) != ""] += 1
    assert counts == {("BA1", True): METHODS["BA1"].measured[1].met}


def test_every_enabled_method_was_measured_and_reaches_what_is_asked() -> None:
    enabled = [row for row in METHODS.values() if row.enabled]
    assert {row.code for row in enabled} == {"PVS1", "BA1", "BS1"}
    for row in enabled:
        assert sum(item.met for item in row.measured) / sum(item.looked for item in row.measured) >= 0.95
    reasons = not_automated(KNOWN)
    assert set(reasons) == {row.code for row in KNOWN.points.codes} - {"PVS1", "BA1", "BS1"}
    assert "not measured" in reasons["PM2"] and reasons["PS3"] == "no method"


HAPLO = LossOfFunction("G", "haploinsufficient", "s#p", "provisional", "2026-11-26")
TREE = KNOWN.automated.null_tree
NAN = float("nan")


@pytest.mark.parametrize(
    ("terms", "decay", "share", "in_frame", "strength"),
    [
        (("stop_gained",), "expected", NAN, None, Strength.VERY_STRONG),
        (("frameshift_variant",), "expected", 0.05, None, Strength.VERY_STRONG),
        (("stop_gained",), "escaped", 0.3, None, Strength.STRONG),
        (("frameshift_variant",), "escaped", 0.1, None, Strength.MODERATE),
        (("frameshift_variant",), "escaped", NAN, None, Strength.MODERATE),
        (("stop_gained",), "", NAN, None, Strength.MODERATE),
        (("splice_donor_variant",), "expected", NAN, False, Strength.VERY_STRONG),
        (("splice_acceptor_variant",), "", 0.4, False, Strength.STRONG),
        (("splice_donor_variant",), "", 0.2, True, Strength.STRONG),
        (("splice_donor_variant",), "", 0.04, True, Strength.MODERATE),
        (("splice_donor_variant",), "", NAN, None, Strength.MODERATE),
        (("start_lost",), "", NAN, None, Strength.SUPPORTING),
        (("missense_variant",), "", NAN, None, None),
        (("inframe_deletion",), "", 0.5, None, None),
        ((), "", NAN, None, None),
    ],
)
def test_tree_of_null_variants(
    terms: tuple[str, ...], decay: str, share: float, in_frame: bool | None, strength: Strength | None
) -> None:
    facts = VariantFacts("G", "a", Consequence("G", "T", terms, decay=decay), share, in_frame)
    found = null_variant(facts, HAPLO, TREE)
    assert (found[0] if found else None) == strength
    assert null_variant(facts, None, TREE) is None  # nothing known of the mechanism


def test_what_was_not_looked_up_is_neither_common_nor_absent() -> None:
    unknown = VariantFacts("G", "a", Consequence("G", "T", ("missense_variant",)))
    assert math.isnan(unknown.frequency)
    assert automated_criteria(unknown, KNOWN, every=True) == ()
    few = VariantFacts("G", "a", frequency=0.3, alleles=300)
    assert automated_criteria(few, KNOWN, every=True) == ()
    enough = VariantFacts("G", "a", frequency=0.3, alleles=2000)
    assert [item.code for item in automated_criteria(enough, KNOWN)] == ["BA1"]
    assert automated_criteria(VariantFacts("G", "a", frequency=0.05, alleles=2000), KNOWN) == ()  # only above
    absent = VariantFacts("G", "a", frequency=0.0, alleles=150000)
    assert [(item.code, item.strength) for item in automated_criteria(absent, KNOWN, every=True)] == [
        ("PM2", Strength.SUPPORTING)
    ]


def test_exempt_changes_are_not_benign_for_being_common() -> None:
    common = Consequence("HFE", "NM_000410.4", ("missense_variant",), "NM_000410.4:c.845G>A", "p.Cys282Tyr")
    assert automated_criteria(VariantFacts("HFE", "a", common, frequency=0.0577), KNOWN) == ()
    other = Consequence("HFE", "NM_000410.4", ("missense_variant",), "NM_000410.4:c.846G>A", "p.Cys282=")
    assert [item.code for item in automated_criteria(VariantFacts("HFE", "a", other, frequency=0.0577), KNOWN)] == ["BA1"]


def test_a_residue_is_read_or_not() -> None:
    assert residue("NP_000001.1:p.(Gly12Asp)") is not None
    for other in ("p.Gly12=", "p.Gly12Ter", "p.Met1Val", "p.Gly12fs", "p.Gly12_Ala13del", "", "p.?"):
        assert residue(other) is None


def test_same_change_and_same_residue() -> None:
    known = (
        KnownChange("G", "p.Arg5Trp", "chr1:13:C:T", "pathogenic", 3),
        KnownChange("G", "p.Arg5Gln", "chr1:14:G:A", "likely pathogenic", 3),
        KnownChange("H", "p.Arg5Leu", "chr1:14:G:T", "pathogenic", 3),
    )

    def codes(protein: str, allele: str) -> list[str]:
        facts = VariantFacts("G", allele, Consequence("G", "T", ("missense_variant",), hgvs_p=protein), known_changes=known)
        return [item.code for item in automated_criteria(facts, KNOWN, every=True)]

    assert codes("p.Arg5Trp", "chr1:13:CGT:TGG") == ["PS1"]
    assert codes("p.Arg5Trp", "chr1:13:C:T") == []  # the known allele itself is no evidence for itself
    assert codes("p.Arg5Pro", "chr1:14:G:C") == ["PM5"]
    assert codes("p.Lys5Pro", "chr1:14:G:C") == []  # another residue stands there: another transcript


def test_automation_alone_with_everything_it_can_find_stays_likely() -> None:
    facts = VariantFacts("BRCA1", "a", Consequence("BRCA1", "T", ("stop_gained",), decay="expected"))
    assert classify(automated_criteria(facts, KNOWN), KNOWN.points).variant_class is VariantClass.LIKELY_PATHOGENIC
