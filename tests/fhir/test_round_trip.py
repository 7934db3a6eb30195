"""What a bundle says of genes, given back as calls made elsewhere, leads to the same phenotypes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from people import EXAMPLES, converted, example

import nof1
from nof1.genomics.outside.call import no_result
from nof1.model.findings import Assessment, CallStatus, GeneCall
from nof1.report.fhir import bundle

Obj = dict[str, Any]
SETTLED = (CallStatus.CALLED, CallStatus.CERTAIN, CallStatus.ASSURED)
# a genome that shows nothing about any gene
EMPTY = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422,assembly=GRCh38>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tperson\nchr1\t1000\t.\tA\tG\t.\tPASS\t.\tGT\t0/0\n"
)


@dataclass(frozen=True)
class Stated:
    """What a bundle states of a gene; empty where it states nothing."""

    diplotype: str = ""
    phenotype: str = ""
    activity_score: str = ""


def read(made: Obj) -> dict[str, Stated]:
    """Gene -> what is stated: by codes of LOINC and the guide alone, as any receiver would read it."""
    diplotypes: dict[str, str] = {}
    phenotypes: dict[str, tuple[str, str]] = {}
    for one in [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == "Observation"]:
        held = {part["code"]["coding"][0]["code"]: part for part in one["component"] if "coding" in part["code"]}
        gene = held.get("48018-6", {}).get("valueCodeableConcept", {}).get("text", "")
        kind = one["code"]["coding"][0]["code"]
        if kind == "84413-4" and "coding" not in one["valueCodeableConcept"]:
            diplotypes[gene] = one["valueCodeableConcept"]["text"].removeprefix(f"{gene} ")
        is_genetic = kind == "therapeutic-implication" and "51963-7" not in held and "partOf" not in one
        if is_genetic and "dataAbsentReason" not in one:
            score = next(
                (part["valueString"] for part in one["component"] if part["code"].get("text") == "activity score"), ""
            )
            phenotypes[gene] = (held["therapeutic-implication"]["valueCodeableConcept"]["text"], score)
    genes = {*diplotypes, *phenotypes}
    return {gene: Stated(diplotypes.get(gene, ""), *phenotypes.get(gene, ("", ""))) for gene in genes}


def meanings(call: GeneCall) -> set[tuple[str, str]]:
    return {(item.term, item.activity_score) for item in call.phenotypes[: 1 if call.chances else None]}


def again(stated: dict[str, Stated], lines: list[str], folder: Path) -> dict[str, GeneCall]:
    genome, table = folder / "empty.vcf", folder / "calls.tsv"
    genome.write_text(EMPTY)
    table.write_text("\n".join(lines) + "\n")
    made = nof1.assess([genome], outside_calls=table, drugs=["clopidogrel"])
    return {call.gene: call for call in made.genes if call.gene in stated}


def settled(assessment: Assessment) -> dict[str, GeneCall]:
    return {call.gene: call for call in assessment.genes if call.status in SETTLED and call.phenotypes}


@pytest.mark.parametrize("name", EXAMPLES)
def test_stated_are_the_settled_genes_and_no_others(name: str) -> None:
    assessment = example(name)
    stated = read(bundle(assessment))
    with_phenotype = {gene for gene, call in settled(assessment).items() if call.phenotypes[0].term not in ("", "n/a")}
    assert {gene for gene, one in stated.items() if one.phenotype} == with_phenotype
    for gene in with_phenotype:
        meant = settled(assessment)[gene].phenotypes[0]
        assert (stated[gene].phenotype, stated[gene].activity_score) == (meant.term, meant.activity_score)


@pytest.mark.parametrize("name", EXAMPLES)
def test_genotypes_read_back_give_the_same_phenotypes(name: str, tmp_path: Path) -> None:
    """Diplotypes alone: what they mean is worked out anew."""
    assessment = example(name)
    stated = {gene: one for gene, one in read(bundle(assessment)).items() if one.diplotype}
    assert len(stated) >= (15 if name == "all positions" else 3)
    calls = again(stated, [f"{gene}\t{one.diplotype}" for gene, one in stated.items()], tmp_path)
    before = {call.gene: call for call in assessment.genes}
    assert {gene: meanings(call) for gene, call in calls.items()} == {gene: meanings(before[gene]) for gene in stated}


def test_phenotypes_read_back_stay_what_they_are(tmp_path: Path) -> None:
    """Phenotypes as stated, where the genotype is not settled but its meaning is."""
    assessment = example("all positions")
    stated = {gene: one for gene, one in read(bundle(assessment)).items() if one.phenotype and not one.diplotype}
    assert stated
    lines = [f"{gene}\t\t{one.phenotype}\t{one.activity_score}" for gene, one in stated.items()]
    calls = again(stated, lines, tmp_path)
    before = {call.gene: call.phenotypes[0].term for call in assessment.genes if call.phenotypes}
    assert {gene: {item.term for item in call.phenotypes} for gene, call in calls.items()} == {
        gene: {before[gene]} for gene in stated
    }


SYMBOL_IN_NAME = {"CFTR"}  # alleles whose own name holds the gene's symbol


def recorded(made: Obj) -> dict[str, Any]:
    """What the readers of health records find in a bundle, by gene."""
    facts = pytest.importorskip("nof1.record.facts", reason="records are not read by this edition")
    terms = pytest.importorskip("nof1.model.terms").Terms()
    return {one.gene: one for one in facts.read_resources([made], terms, today=date(2100, 1, 1)).genes}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_states_the_same(name: str) -> None:
    assessment = example(name)
    made = bundle(assessment)
    stated, found = read(made), recorded(made)
    for gene, one in stated.items():
        if one.diplotype:
            assert found[gene].diplotype == one.diplotype or gene in SYMBOL_IN_NAME
        assert found[gene].phenotype.casefold() == one.phenotype.casefold()
        assert found[gene].activity_score == one.activity_score
    for gene, other in found.items():
        if not stated.get(gene, Stated()).diplotype:
            assert no_result(other.diplotype), other
        if not stated.get(gene, Stated()).phenotype:
            assert other.phenotype == "", other


def test_an_effective_phenotype_is_not_read_as_a_genetic_one() -> None:
    """Where the genetic phenotype is open, the one under an inhibitor must not take its place in a record."""
    assessment = converted()
    open_ = [replace(call, status=CallStatus.UNDETERMINED) if call.gene == "CYP2D6" else call for call in assessment.genes]
    made = bundle(replace(assessment, genes=tuple(open_)))
    assert not read(made).get("CYP2D6", Stated()).phenotype
    found = recorded(made).get("CYP2D6")
    assert found is None or found.phenotype == ""


def test_an_allele_keeps_a_symbol_that_is_part_of_its_name() -> None:
    made = bundle(example("all positions"))
    assert {gene: recorded(made)[gene].diplotype for gene in SYMBOL_IN_NAME} == {
        gene: read(made)[gene].diplotype for gene in SYMBOL_IN_NAME
    }
