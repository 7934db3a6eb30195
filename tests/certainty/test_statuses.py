"""What the words certain, assured, probable and undetermined are given to, on people written as files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nof1
from genomics.array_files import P37, row
from genomics.array_files import write as write_array
from genomics.vcf_text import KNOWN, PANEL, Record, at, base, gene_loci, gene_records, locus, sort, write
from nof1.errors import RequestError
from nof1.model.genome import Locus

ORDER = ("no_call", "undetermined", "probable", "assured", "certain")
ROOT = Path(__file__).parent.parent.parent
Row = dict[str, object]


def rows(file: Path, gene: str, **how: Any) -> list[Row]:
    """The rows of one gene, the remainder too."""
    columns = nof1.call([file], genes=[gene], knowledge=KNOWN, **how)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def person(path: Path, gene: str, calls: Mapping[str, str], without: Sequence[str] = (), **more: str) -> Path:
    """Every locus of ``gene`` written out, reference where ``calls`` says nothing else, some left out."""
    given = {name: [call] for name, call in calls.items()}
    return write(path, [one for one, place in zip(gene_records(gene, given), gene_loci(gene), strict=True)
                        if place.id not in without], **more)  # fmt: skip


def number(row_: Row, column: str = "probability") -> float:
    return float(str(row_[column]))


@st.composite
def masked(draw: st.DrawFn) -> tuple[str, dict[str, str], list[str], str]:
    """A gene, genotypes at some of its loci, loci that are missing, and a population."""
    gene = draw(st.sampled_from([item.gene for item in PANEL.genes if KNOWN.genes[item.gene].haplotypes]))
    loci = gene_loci(gene)
    if KNOWN.genes[gene].file.call.ploidy != "diploid":
        return gene, {}, draw(st.lists(st.sampled_from([place.id for place in loci]), unique=True)), ""
    some = draw(st.lists(st.sampled_from(loci), max_size=3, unique=True))
    calls = {place.id: draw(st.sampled_from(["0/1", "1|0", "0|1", "1/1", "0|0"])) for place in some}
    missing = draw(st.lists(st.sampled_from([place.id for place in loci]), max_size=len(loci) - 1, unique=True))
    return gene, calls, missing, draw(st.sampled_from(["", "AFR", "EUR", "EAS,SAS"]))


@given(masked())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_and_remainder_are_everything(tmp_path: Path, case: tuple[str, dict[str, str], list[str], str]) -> None:
    gene, calls, missing, population = case
    found = rows(person(tmp_path / "a.vcf", gene, calls, missing), gene, population=population)
    weighed = [one for one in found if one["probability"] != ""]
    if weighed:
        assert sum(number(one) for one in weighed) == pytest.approx(1, abs=2e-5)
        assert [number(one) for one in weighed if one["diplotype"]] == sorted(
            (number(one) for one in weighed if one["diplotype"]), reverse=True
        )
    assert len([one for one in found if one["diplotype"]]) <= KNOWN.certainty.thresholds.rows
    levels = KNOWN.certainty.thresholds
    for one in found:
        if one["status"] == "certain" or one["diplotype_status"] == "certain":
            assert not found[0]["not_covered"], "certain with a position not seen"
        if one["probability"] != "" and one["diplotype_status"] in ("certain", "assured"):
            assert number(one, "probability_lowest") >= levels.assured - 1e-6
        if one["probability"] != "" and one["diplotype"] and one["status"] in ("certain", "assured"):
            assert number(one, "phenotype_probability_lowest") >= levels.assured - 1e-6


@given(masked())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_which_strand_comes_first_says_nothing(tmp_path: Path, case: tuple[str, dict[str, str], list[str], str]) -> None:
    gene, calls, missing, population = case
    turned = {name: call[::-1] for name, call in calls.items()}
    one = rows(person(tmp_path / "a.vcf", gene, calls, missing), gene, population=population)
    two = rows(person(tmp_path / "a.vcf", gene, turned, missing), gene, population=population)
    assert [item["diplotype"] for item in one] == [item["diplotype"] for item in two]
    assert [item["status"] for item in one] == [item["status"] for item in two]


def test_a_missing_half_of_a_definition_is_never_absent(tmp_path: Path) -> None:
    """*9 is rs3745274 alone, *6 with rs2279343: without the second no row that names *9 only is sure."""
    for call in ("0/1", "1/1", "0|1"):
        found = rows(person(tmp_path / "a.vcf", "CYP2B6", {"rs3745274": call}, ["rs2279343"]), "CYP2B6")
        assert any("*6" in str(one["diplotype"]) for one in found)
        for one in found:
            names = set(re.findall(r"\*\d+", str(one["diplotype"])))
            if "*9" in names and "*6" not in names:
                assert one["diplotype_status"] == "undetermined"
    found = rows(person(tmp_path / "a.vcf", "CYP2B6", {"rs3745274": "0/1"}, ["rs2279343"]), "CYP2B6", population="EUR")
    assert found[0]["diplotype"] == "*1/*6"


def test_all_seen_and_phased_is_certain(tmp_path: Path) -> None:
    found = rows(
        person(tmp_path / "a.vcf", "CYP2C19", {"rs4244285": "0|1", "rs12769205": "0|1", "rs3758581": "1|1"}), "CYP2C19"
    )
    assert (found[0]["diplotype"], found[0]["diplotype_status"], found[0]["status"]) == ("*1/*2", "certain", "certain")


def test_phase_matters_for_the_diplotype_and_not_for_the_phenotype(tmp_path: Path) -> None:
    """*1/*6 against *4/*9: two diplotypes, one phenotype."""
    found = rows(person(tmp_path / "a.vcf", "CYP2B6", {"rs3745274": "0/1", "rs2279343": "0/1"}), "CYP2B6")
    assert {found[0]["diplotype"], found[1]["diplotype"]} == {"*1/*6", "*4/*9"}
    assert found[0]["diplotype_status"] == "undetermined"
    assert found[0]["status"] == "certain"


def test_doubtful_genotypes_are_doubted(tmp_path: Path) -> None:
    """GQ 20 is one error in a hundred."""
    loci = gene_loci("CYP2C19")
    sure, doubtful = (
        write(tmp_path / f"{name}.vcf", [
            at(place, f"{'1/1' if place.id == 'rs3758581' else '0/0'}:{quality}", form="GT:GQ") for place in loci
        ]) for name, quality in (("sure", 99), ("doubtful", 20))
    )  # fmt: skip
    assert rows(sure, "CYP2C19")[0]["diplotype_status"] == "certain"
    given = rows(doubtful, "CYP2C19", population="EUR")
    assert number(given[0]) < number(rows(sure, "CYP2C19", population="EUR")[0])
    assert len(given) > 2


def test_many_people_and_one_person_are_told_the_same(tmp_path: Path) -> None:
    """Qualities are part of a pattern."""
    loci = gene_loci("CYP2C19")
    calls = {place.id: ("0/0:22", "0/0:60", "0/1:31", "0/0:22") for place in loci}
    both = write(tmp_path / "b.vcf", [at(place, *calls[place.id], form="GT:GQ") for place in loci], ("A", "B", "C", "D"))
    columns = nof1.call([both], genes=["CYP2C19"], knowledge=KNOWN)
    for name in "ABCD":
        alone = nof1.call([both], genes=["CYP2C19"], samples=[name], knowledge=KNOWN)
        mine = [values for values in zip(*columns.values(), strict=True) if values[0] == name]
        assert mine == list(zip(*alone.values(), strict=True))
    assert [values[1:] for values in zip(*columns.values(), strict=True) if values[0] == "A"] != [
        values[1:] for values in zip(*columns.values(), strict=True) if values[0] == "B"
    ]


@pytest.mark.parametrize("gene", [s for s, g in KNOWN.genes.items() if g.file.call.undocumented == "reference"])
def test_an_undocumented_alternative_in_a_toxic_gene_settles_nothing(tmp_path: Path, gene: str) -> None:
    place = next(item for item in gene_loci(gene) if item.is_snv and len(item.alts) == 1)
    other = next(base for base in "ACGT" if base not in (place.ref, *place.alts))
    haploid = KNOWN.genes[gene].file.call.ploidy != "diploid"
    records = [at(item, "0/0") if item != place else at(item, "0/1", alts=[other]) for item in gene_loci(gene)]
    found = rows(write(tmp_path / "a.vcf", records), gene)
    assert {one["status"] for one in found} == {"undetermined"}
    assert {one["diplotype_status"] for one in found} == {"undetermined"}
    assert not haploid or found


def test_a_gene_of_structure_is_never_called_from_single_nucleotide_variants(tmp_path: Path) -> None:
    outside = [symbol for symbol, gene in KNOWN.genes.items() if gene.file.call.methods == ["outside"] and gene.positions]
    assert "CYP2D6" in outside
    for symbol in outside:
        records = [
            Record(KNOWN.genes[symbol].file.chromosome, item.position, item.ref, tuple(item.alts), ("0/0",))
            for item in KNOWN.genes[symbol].positions
        ]
        found = rows(write(tmp_path / "a.vcf", records), symbol, absent="reference")
        assert [(one["status"], one["phenotype"]) for one in found] == [("no_call", "")]


def test_a_list_of_variants_leaves_most_undetermined() -> None:
    """Absent is unknown: nobody is normal for want of a record."""
    columns = nof1.call([ROOT / "examples" / "example-2-variants-only" / "genome.vcf"], knowledge=KNOWN)
    first = [values for values in zip(*columns.values(), strict=True) if values[2] == 1]
    status = list(columns).index("status")
    weighed = [values for values in first if KNOWN.genes[values[1]].haplotypes]
    sure = [values[1] for values in weighed if values[status] in ("certain", "assured")]
    assert len(sure) <= len(weighed) / 4, sure


@pytest.mark.parametrize("name", ["EUR", "European", "GBR", "eur"])
def test_a_population_goes_by_its_names(tmp_path: Path, name: str) -> None:
    file = person(tmp_path / "a.vcf", "TPMT", {}, ["rs1142345"])
    assert rows(file, "TPMT", population=name) == rows(file, "TPMT", population="EUR")
    assert rows(file, "TPMT", population="EUR") != rows(file, "TPMT", population="AFR")


def test_a_population_nobody_knows(tmp_path: Path) -> None:
    file = person(tmp_path / "a.vcf", "TPMT", {})
    with pytest.raises(RequestError, match=r"population 'ATLANTIS' is not known; choose AFR .*; or leave it out"):
        rows(file, "TPMT", population="ATLANTIS")
    with pytest.raises(RequestError, match="method named-allele does not use"):
        rows(file, "TPMT", population="EUR", method="named-allele")


def test_without_a_declaration_the_least_sure_population_decides(tmp_path: Path) -> None:
    file = person(tmp_path / "a.vcf", "TPMT", {}, ["rs1142345", "rs1800460"])
    alone = {code: rows(file, "TPMT", population=code)[0] for code in ("AFR", "AMR", "EAS", "EUR", "SAS")}
    every = rows(file, "TPMT")[0]
    lowest = min(number(one, "phenotype_probability") for one in alone.values())
    assert number(every, "phenotype_probability_lowest") == pytest.approx(lowest, abs=2e-5)
    assert ORDER.index(str(every["status"])) == min(ORDER.index(str(one["status"])) for one in alone.values())


def test_what_would_settle_it_comes_first(tmp_path: Path) -> None:
    """Without the two markers of the common alleles they are what matters, and seeing them settles most."""
    missing = ["rs1142345", "rs1800460", "rs1800462"]
    made = nof1.assess([person(tmp_path / "a.vcf", "TPMT", {}, missing)], knowledge=KNOWN, population="AFR")
    call = next(item for item in made.genes if item.gene == "TPMT")
    assert call.settles[0].position == "rs1142345"  # *3C, by far the commonest there
    assert any(name.startswith("*3") for name in call.settles[0].alleles)
    assert [item.chance for item in call.settles] == sorted((item.chance for item in call.settles), reverse=True)
    assert sum(item.chance for item in call.settles) == pytest.approx(1 - call.chances[0].probability, abs=0.02)


def test_every_format_of_one_person_says_compatible_things(tmp_path: Path) -> None:
    """The same genotypes as VCF, gVCF, array text on both strands, and as an outside call."""
    gene, calls = "CYP2C9", {"rs1799853": "0/1", "rs1057910": "0/0"}
    loci = gene_loci(gene)
    whole = person(tmp_path / "a.vcf", gene, calls)
    blocks = [_block(loci[0].position - 50, _het(loci).position - 1), at(_het(loci), "0/1:60", form="GT:GQ"),
              _block(_het(loci).position + 1, loci[-1].position + 50)]  # fmt: skip
    gvcf = write(tmp_path / "g.vcf", sort(blocks))
    on_array = [place for place in loci if place.is_snv and place.id.startswith("rs") and _is_on_37(place)][:60]
    letters = {place.id: place.ref + (place.alts[0] if place.id == "rs1799853" else place.ref) for place in on_array}
    forward = write_array(tmp_path / "f.txt", [row(place, letters[place.id]) for place in on_array])
    head = "rsid\tchromosome\tposition\tgenotype\n"
    turned = str.maketrans("ACGT", "TGCA")
    plain = [place for place in on_array if {place.ref, *place.alts} not in ({"A", "T"}, {"C", "G"})]
    reverse = write_array(
        tmp_path / "r.txt", [row(place, letters[place.id].translate(turned)) for place in plain], head=head
    )
    answers = {
        "vcf": rows(whole, gene), "gvcf": rows(gvcf, gene), "forward": rows(forward, gene),
        "reverse": rows(reverse, gene, strand="reverse", build="GRCh37"),
    }  # fmt: skip
    for name, found in answers.items():
        assert found[0]["diplotype"] == "*1/*2", name
        assert found[0]["phenotype"] == "Intermediate Metabolizer", name
    assert ORDER.index(str(answers["gvcf"][0]["status"])) >= ORDER.index(str(answers["vcf"][0]["status"]))
    table = tmp_path / "calls.tsv"
    table.write_text(f"{gene}\t*1/*2\n")
    outside = nof1.assess([whole], outside_calls=table, knowledge=KNOWN)
    call = next(item for item in outside.genes if item.gene == gene)
    assert (call.diplotypes[0].name, call.phenotypes[0].term) == ("*1/*2", "Intermediate Metabolizer")


def _block(start: int, end: int) -> Record:
    chrom = gene_loci("CYP2C9")[0].chromosome
    return Record(chrom, start, base(chrom, start), ("<NON_REF>",), ("0/0:60",), form="GT:GQ", info=f"END={end}")


def _het(loci: Sequence[Locus]) -> Locus:
    return next(place for place in loci if place.id == "rs1799853")


def _is_on_37(place: Locus) -> bool:
    return any(other.id == place.id and other.ref == place.ref for other in P37.loci())


@pytest.mark.parametrize("gene", ["CYP2C19", "TPMT", "SLCO1B1", "CYP2B6"])
def test_more_seen_is_never_less_sure(tmp_path: Path, gene: str) -> None:
    """A whole gVCF, the same without some positions, and a list of variants of one person."""
    rng = np.random.default_rng(7)
    ids = [place.id for place in gene_loci(gene)]
    for _ in range(8):
        some = list(rng.choice(ids, len(ids) // 3, replace=False))
        more = [*some, *rng.choice(ids, len(ids) // 3, replace=False)]
        status = []
        for missing in ((), some, more):
            found = rows(person(tmp_path / "a.vcf", gene, {}, missing), gene, population="EUR")
            status.append(ORDER.index(str(found[0]["status"])))
        assert status[0] >= status[1]
        assert ORDER[status[0]] in ("certain", "assured")
    assert locus(ids[0]).chromosome == gene_loci(gene)[0].chromosome


def test_declaring_absence_is_not_seeing(tmp_path: Path) -> None:
    """Where even whole-genome panels have no record, a declared absence says nothing; elsewhere it is never certain."""
    file = person(tmp_path / "a.vcf", "CYP2B6", {"rs3745274": "0/1"}, ["rs2279343", "rs8192709"])
    found = rows(file, "CYP2B6", absent="reference", population="EUR")
    assert found[0]["diplotype"] == "*1/*6"
    assert "certain" not in {one["status"] for one in found} | {one["diplotype_status"] for one in found}
    for one in found:
        names = set(re.findall(r"\*\d+", str(one["diplotype"])))
        if "*9" in names and "*6" not in names:
            assert one["diplotype_status"] == "undetermined"


@pytest.mark.parametrize("gene", ["CYP2C19", "SLCO1B1", "CYP2B6"])
def test_an_undocumented_alternative_elsewhere_is_no_call(tmp_path: Path, gene: str) -> None:
    place = next(item for item in gene_loci(gene) if item.is_snv and len(item.alts) == 1)
    other = next(base for base in "ACGT" if base not in (place.ref, *place.alts))
    records = [at(item, "0/0") if item != place else at(item, "0/1", alts=[other]) for item in gene_loci(gene)]
    found = rows(write(tmp_path / "a.vcf", records), gene)
    assert [one["status"] for one in found] == ["no_call"]


def test_two_harmful_variants_of_unknown_phase_may_lie_on_one_strand(tmp_path: Path) -> None:
    """*2A and c.2846A>T: one strand or two is intermediate or poor, and nobody can say which."""
    calls = {"rs3918290": "0/1", "rs67376798": "0/1"}
    found = rows(person(tmp_path / "a.vcf", "DPYD", calls), "DPYD")
    terms = {str(one["phenotype"]): number(one, "phenotype_probability") for one in found if one["diplotype"]}
    assert set(terms) == {"Poor Metabolizer", "Intermediate Metabolizer"}
    assert min(terms.values()) > 0.05
    assert {one["status"] for one in found} == {"undetermined"}
    phased = rows(person(tmp_path / "b.vcf", "DPYD", {"rs3918290": "0|1", "rs67376798": "1|0"}), "DPYD")
    assert (phased[0]["phenotype"], phased[0]["status"]) == ("Poor Metabolizer", "certain")


def test_an_outside_call_against_a_sure_genome_gets_advice_for_both(tmp_path: Path) -> None:
    file = person(tmp_path / "a.vcf", "CYP2C19", dict.fromkeys(("rs4244285", "rs12769205", "rs3758581"), "1|1"))
    table = tmp_path / "calls.tsv"
    table.write_text("CYP2C19\t*1/*1\n")
    made = nof1.assess([file], outside_calls=table, drugs=["clopidogrel"], knowledge=KNOWN)
    shown = " ".join(item.because_of["CYP2C19"] for item in made.drugs[0].recommendations)
    assert "Poor Metabolizer" in shown
    assert "Normal Metabolizer" in shown
    assert made.drugs[0].headline.value == "avoid"


def test_a_gene_without_frequencies_is_not_certain_by_declaration(tmp_path: Path) -> None:
    """Records nearby, none of the gene's own: declared to be reference, and not seen."""
    place = gene_loci("CACNA1S")[0]
    near = [Record(place.chromosome, place.position + shift, "A", ("G",), ("0/1",)) for shift in (-900, -400, 400, 900_000)]
    found = rows(write(tmp_path / "a.vcf", sort(near)), "CACNA1S", absent="reference")
    assert [one["status"] for one in found] in (["undetermined"], ["no_call"])
