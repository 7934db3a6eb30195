"""What a genotype says must not vanish behind what is usual, and advice says when its gene is not settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from msgspec import structs

import nof1
from genomics.vcf_text import KNOWN, gene_loci, gene_records, locus, write
from nof1.assessment.genes import results
from nof1.genomics.vcf import Quality
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Assessment, CallStatus, Chance, DrugAdvice, GeneCall
from nof1.pgx.certain import Weighed
from nof1.pgx.table import Called

SETTLED = ("certain", "assured", "probable")
LEVELS = KNOWN.certainty.thresholds


def person(
    path: Path, gene: str, calls: Mapping[str, str], *, only: Sequence[str] = (), without: Sequence[str] = (), gq: str = ""
) -> Path:
    """Every locus of ``gene``, reference where ``calls`` says nothing else; ``gq`` at every one of them."""
    records = gene_records(gene, {name: [call] for name, call in calls.items()})
    chosen = [
        replace(one, form="GT:GQ", calls=tuple(f"{call}:{gq}" for call in one.calls)) if gq else one
        for one, place in zip(records, gene_loci(gene), strict=True)
        if place.id not in without and (not only or place.id in only)
    ]
    return write(path / "a.vcf", chosen)


@cache
def read_of(gene: str, drug: str) -> Knowledge:
    """The knowledge, by which nothing is read of genes that advice on the drug does not ask about."""
    files = [KNOWN.drugs[drug]] if drug in KNOWN.drugs else []
    asked = {gene, *(symbol for file in [*files, *KNOWN.guidelines.get(drug, [])] for symbol in file.genes)}
    genes = {name: one if name in asked else structs.replace(one, positions=[]) for name, one in KNOWN.genes.items()}
    return structs.replace(KNOWN, genes=genes)


def assessed(file: Path, gene: str, drug: str, **how: object) -> tuple[GeneCall, DrugAdvice, Assessment]:
    made = nof1.assess([file], drugs=[drug], knowledge=read_of(gene, drug), **how)  # type: ignore[arg-type]
    return next(item for item in made.genes if item.gene == gene), made.drugs[0], made


HARMFUL = [  # pathogenic or no-function alleles as their genes' own tables have them
    ("RYR1", "rs193922744", "0/1", "sevoflurane"),
    ("CACNA1S", "rs772226819", "0/1", "sevoflurane"),
    ("DPYD", "rs3918290", "0/1", "fluorouracil"),
    ("DPYD", "rs55886062", "0/1", "fluorouracil"),
    ("NUDT15", "rs116855232", "0/1", "azathioprine"),
    ("TPMT", "rs1142345", "1/1", "azathioprine"),
    ("SLCO1B1", "rs4149056", "0/1", "simvastatin"),
    ("CYP2C19", "rs4244285", "0/1", "clopidogrel"),
    ("G6PD", "rs5030868", "0/1", "rasburicase"),
]


@pytest.mark.parametrize("population", ["", "EAS"])
@pytest.mark.parametrize(("gene", "rs", "call", "drug"), HARMFUL)
@pytest.mark.parametrize("is_full", [True, False])
def test_a_variant_of_usable_quality_keeps_its_advice(
    tmp_path: Path, gene: str, rs: str, call: str, drug: str, population: str, is_full: bool
) -> None:
    """Named-allele logic takes the genotype as it stands: the method that weighs may add to its warning, never drop it."""
    file = person(tmp_path, gene, {rs: call}, gq="20", only=() if is_full else [rs])
    plain_call, plain, _ = assessed(file, gene, drug, method="named-allele")
    found, advice, _ = assessed(file, gene, drug, population=population)
    if not plain.recommendations:
        pytest.skip("named-allele logic makes no call of it")
    assert advice.headline.urgency <= plain.headline.urgency
    wanted = plain_call.phenotypes[0].term
    if found.status.value in SETTLED:
        assert found.phenotypes[0].term == wanted
    assert any(wanted in words for item in advice.recommendations for words in item.because_of.values())


@pytest.mark.parametrize("gq", ["0", "20"])
@pytest.mark.parametrize(("gene", "rs", "call", "drug"), HARMFUL)
def test_low_quality_never_makes_a_call_surer(tmp_path: Path, gene: str, rs: str, call: str, drug: str, gq: str) -> None:
    """A phenotype that the genotypes as they stand exclude is not given as settled."""
    firm, _, _ = assessed(person(tmp_path, gene, {rs: call}), gene, drug)
    doubtful, _, _ = assessed(person(tmp_path, gene, {rs: call}, gq=gq), gene, drug, quality=Quality(min_gq=0))
    if doubtful.status.value in SETTLED:
        assert doubtful.phenotypes[0].term in {item.term for item in firm.phenotypes}
    if doubtful.diplotype_status.value in SETTLED:
        assert doubtful.diplotypes[0].name in {item.name for item in firm.diplotypes}


def test_a_gene_that_cannot_be_weighed_is_not_certain_of_a_worthless_genotype(tmp_path: Path) -> None:
    """A genotype quality of 1 is a chance of error of 10^-0.1 = 0.79 (VCF 4.3, GQ)."""
    file = person(tmp_path, "CACNA1S", {}, gq="1")
    found, advice, made = assessed(file, "CACNA1S", "sevoflurane", quality=Quality(min_gq=0))
    assert found.status.value == "undetermined"
    assert all("not settled" in item.because_of["CACNA1S"] for item in advice.recommendations)
    told = [item.reason for item in made.unknown if item.about == "CACNA1S"]
    assert told and "0 of" not in told[0] and "quality" in told[0]


def test_advice_on_a_gene_that_cannot_be_weighed_says_that_it_is_not_settled(tmp_path: Path) -> None:
    found, advice, _ = assessed(person(tmp_path, "CACNA1S", {}, only=["rs1800559"]), "CACNA1S", "sevoflurane")
    assert found.status.value == "undetermined" and advice.recommendations
    assert all("not settled" in item.because_of["CACNA1S"] for item in advice.recommendations)


@pytest.mark.parametrize(("gene", "rs", "drug"), [
    ("DPYD", "rs3918290", "fluorouracil"), ("TPMT", "rs1142345", "azathioprine"), ("CYP2C19", "rs4244285", "clopidogrel"),
])  # fmt: skip
def test_no_probability_beside_advice_where_an_alternative_is_unknown(tmp_path: Path, gene: str, rs: str, drug: str) -> None:
    """The probability leaves the alternative out: it says nothing of the person who has it."""
    place = locus(rs)
    other = next(base for base in "ACGT" if base != place.ref and base not in place.alts)
    records = [replace(one, alts=(other,), calls=("0/1",)) if one.position == place.position else one
               for one in gene_records(gene)]  # fmt: skip
    found, advice, _ = assessed(write(tmp_path / "a.vcf", records), gene, drug)
    assert found.undocumented == (rs,)
    assert found.status.value in ("undetermined", "no_call")
    for item in advice.recommendations:
        assert "not settled" in item.because_of[gene] and "probability" not in item.because_of[gene]


def test_a_phenotype_is_judged_as_a_whole_whatever_its_scores() -> None:
    """Each score below the threshold, the phenotype above it: it is advised on, by its likeliest score."""
    least = LEVELS.possible
    chances = (
        Chance("Normal", "2.0", "2.0", 1 - 1.8 * least, 1 - 1.8 * least, 1 - 1.8 * least),
        *(Chance("Intermediate", score, score, 0.6 * least, 0.6 * least, 0.6 * least) for score in ("1.5", "1.0")),
        *(Chance("Poor", score, score, 0.3 * least, 0.3 * least, 0.3 * least) for score in ("0.5", "0.0")),
    )
    weighed = Weighed((), chances, None, CallStatus.UNDETERMINED)
    called = Called("GENE", CallStatus.UNDETERMINED, "genome", (), (), False, "", (), (), (), (), weighed)
    assert [item.lookup.split(";")[0] for item in results(called, LEVELS)] == ["2.0", "1.5"]
    read = replace(weighed, as_read=frozenset({("Poor", "0.0")}))
    assert [item.lookup.split(";")[0] for item in results(replace(called, weighed=read), LEVELS)] == ["2.0", "1.5", "0.0"]


@pytest.mark.parametrize(
    ("gene", "every"),
    [
        *((gene, 1) for gene in ("CYP2B6", "CYP3A4", "NAT2", "NUDT15", "CFTR")),
        *((gene, 5) for gene in ("G6PD", "RYR1")),  # hundreds of alleles: each fifth couple
        *(pytest.param(gene, 1, marks=pytest.mark.slow) for gene in ("G6PD", "RYR1")),
    ],
)
def test_two_alleles_seen_and_phased_are_called_as_named_allele_logic_does(tmp_path: Path, gene: str, every: int) -> None:
    """Rare alleles of one function share their frequency; seen on their own strands they are nevertheless told apart."""
    documented = {place.id: (place.ref, *place.alts) for place in gene_loci(gene)}
    single = [row for row in KNOWN.genes[gene].alleles if len(row.variants.split()) == 1]
    numbers = []
    for row in single:
        identifier, _, text = row.variants.rpartition(":")
        if text in documented.get(identifier, ())[1:]:
            numbers.append((identifier, documented[identifier].index(text)))
    couples = [(one, two) for one, two in pairwise(numbers) if one[0] != two[0]][::every]
    assert couples
    calls = {place.id: ["0|0"] * len(couples) for place in gene_loci(gene)}
    for person_, ((one, first), (two, second)) in enumerate(couples):
        calls[one][person_], calls[two][person_] = f"{first}|0", f"0|{second}"
    file = write(
        tmp_path / "a.vcf", gene_records(gene, calls, len(couples)), [f"S{number}" for number in range(len(couples))]
    )
    for column in ("diplotype", "phenotype", "recommendation_diplotype"):
        mine, plain = (
            {
                sample: value
                for sample, rank, value in zip(table["sample"], table["rank"], table[column], strict=True)
                if rank == 1
            }
            for table in (
                nof1.call([file], genes=[gene], knowledge=KNOWN, method=way) for way in ("certain", "named-allele")
            )
        )
        assert mine == plain


def test_unknown_phase_that_decides_is_not_certain(tmp_path: Path) -> None:
    """c.1905+1G>A and c.2846A>T on two strands score 0 + 0.5, on one strand 0 + 1 [cpic-dpyd-2017]: phase decides."""
    calls = {"rs3918290": "0/1", "rs67376798": "0/1"}
    found, _, _ = assessed(person(tmp_path, "DPYD", calls), "DPYD", "fluorouracil")
    assert found.status.value != "certain"
    phased, _, _ = assessed(person(tmp_path, "DPYD", dict.fromkeys(calls, "0|1")), "DPYD", "fluorouracil")
    assert (phased.status.value, phased.phenotypes[0].activity_score) == ("certain", "1.0")
    apart, _, _ = assessed(person(tmp_path, "DPYD", {"rs3918290": "0|1", "rs67376798": "1|0"}), "DPYD", "fluorouracil")
    assert (apart.status.value, apart.phenotypes[0].activity_score) == ("certain", "0.5")


def test_unknown_phase_that_decides_nothing_stays_certain(tmp_path: Path) -> None:
    """Two normal function alleles mean the same on one strand or two."""
    found, _, _ = assessed(person(tmp_path, "DPYD", {"rs1801265": "0/1", "rs1801159": "0/1"}), "DPYD", "fluorouracil")
    assert (found.status.value, found.phenotypes[0].activity_score) == ("certain", "2.0")


def test_an_outside_call_that_the_genome_makes_unlikely_is_told(tmp_path: Path) -> None:
    """The candidates of the genome go down to 1 in 10,000: to be among them is no agreement."""
    table = tmp_path / "calls.tsv"
    table.write_text("gene\tdiplotype\nCYP2C19\t*2/*22\n")
    file = person(tmp_path, "CYP2C19", {"rs4244285": "0/1"}, only=["rs4244285"])
    inside, _, _ = assessed(file, "CYP2C19", "clopidogrel")
    unlikely = [item for item in inside.diplotypes if item.highest is not None and item.highest < LEVELS.possible]
    assert unlikely
    table.write_text(f"gene\tdiplotype\nCYP2C19\t{unlikely[-1].name}\n")
    found, _, _ = assessed(file, "CYP2C19", "clopidogrel", outside_calls=table)
    told = [text for text in found.messages if "the genome shows" in text]
    assert len(told) == 1 and len(told[0]) < 200
    likely = inside.diplotypes[0].name
    table.write_text(f"gene\tdiplotype\nCYP2C19\t{likely}\n")
    found, _, _ = assessed(file, "CYP2C19", "clopidogrel", outside_calls=table)
    assert not [text for text in found.messages if "the genome shows" in text]


def test_poor_quality_is_named_as_what_would_settle_it(tmp_path: Path) -> None:
    file = person(tmp_path, "DPYD", {"rs3918290": "0/1"}, gq="20")
    _, _, made = assessed(file, "DPYD", "fluorouracil")
    told = next(item for item in made.unknown if item.about == "DPYD")
    assert "rs3918290" in " ".join(told.needs)


@pytest.mark.parametrize("call", ["./1", "1/.", "0/1:20"])
def test_many_odd_genotypes_take_no_longer_than_a_few(tmp_path: Path, call: str) -> None:
    """Every way to read them was once tried: sixty half genotypes never came to an end."""
    calls = {place.id: call.partition(":")[0] for place in gene_loci("RYR1")[:150]}
    file = person(tmp_path, "RYR1", calls, gq=call.partition(":")[2])
    start = perf_counter()
    nof1.call([file], genes=["RYR1"], knowledge=KNOWN)
    assert perf_counter() - start < 15


def test_many_half_genotypes_are_weighed_as_one_at_least_each(tmp_path: Path) -> None:
    """Six half genotypes of the tagging variants of one strand leave no pair in which neither strand shows them."""
    shown = next(row for row in KNOWN.genes["CYP2B6"].alleles if len(row.variants.split()) >= 5)
    loci = {place.id: (place.ref, *place.alts) for place in gene_loci("CYP2B6")}
    calls = {}
    for token in shown.variants.split():
        identifier, _, text = token.rpartition(":")
        calls[identifier] = f"./{loci[identifier].index(text)}"
    found = nof1.call([person(tmp_path, "CYP2B6", calls)], genes=["CYP2B6"], knowledge=KNOWN)
    named = [str(name) for name in found["diplotype"] if name]
    assert named and all(shown.name in name.split("/") for name in named)
