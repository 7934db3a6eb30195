"""Genes: every published position, allele, function and diplotype against what nof1 has loaded."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations_with_replacement

import pgx_source as source
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Allele, Gene
from nof1.pgx.phenotype import meaning

pytestmark = source.needs_data
DEFINED = source.defined_genes()
WITH_FUNCTIONS = source.phenotype_genes()
LOWEST_FUNCTION = {"DPYD", "RYR1"}
UNDOCUMENTED_AS_REFERENCE = {"CACNA1S", "DPYD", "G6PD", "NUDT15", "RYR1", "TPMT"}


@cache
def loaded(gene: str) -> Gene:
    return knowledge().genes[gene]


@cache
def vector(gene: str, allele: str) -> dict[int, str] | None:
    """Our allele as {position: base}; ``None`` for one that no position defines."""
    rows = {row.name: row for row in loaded(gene).alleles}
    places = {row.id: row.position for row in loaded(gene).positions}
    tokens = rows[allele].variants.split()
    if tokens == ["outside"]:
        return None
    found: dict[int, str] = {}
    if "reference" in tokens or "all" in tokens:
        found = {row.position: row.ref for row in loaded(gene).positions if row.used != "extra"}
    for token in tokens:
        if token in ("reference", "all"):
            continue
        identifier, base = token.rsplit(":", 1)
        found[places[identifier]] = base
    return found


def number(activity: str) -> tuple[bool, float] | None:
    """An activity value as (is it a lower bound, value)."""
    if activity in ("", "n/a"):
        return None
    bound = activity.startswith(("≥", ">="))
    return bound, float(activity.lstrip("≥>="))


def our_names(gene: str) -> dict[str, list[Allele]]:
    """Allele as the tables of functions name it -> our rows."""
    found: dict[str, list[Allele]] = {}
    for row in loaded(gene).alleles:
        found.setdefault(row.shown_as or row.name, []).append(row)
    return found


def test_the_twenty_genes_are_all_here():
    assert len(DEFINED) == 20
    assert set(DEFINED) | set(WITH_FUNCTIONS) <= set(knowledge().genes)


@pytest.mark.parametrize("gene", DEFINED)
def test_positions(gene):
    theirs = {row.position: row for row in source.loci(gene)}
    names = source.identifiers(gene)
    ours = {row.position: row for row in loaded(gene).positions if row.used != "extra"}
    assert len(theirs) == len(source.definition(gene)["variants"])
    assert set(ours) == set(theirs)
    assert {place: (row.ref, set(row.alts)) for place, row in ours.items()} == {
        place: (row.ref, set(row.alts)) for place, row in theirs.items()
    }
    assert {place: row.id for place, row in ours.items()} == names
    assert {place: row.hgvs for place, row in ours.items()} == {place: row.name for place, row in theirs.items()}
    assert (loaded(gene).file.chromosome, loaded(gene).file.sequence) == (
        source.definition(gene)["chromosome"],
        source.definition(gene)["refSeqChromosomeId"],
    )
    assert loaded(gene).file.edition == source.definition(gene)["version"]


@pytest.mark.parametrize("gene", DEFINED)
def test_ignored_positions(gene):
    """A position is left unused only if the source ignores that very variant: an unused one hides its alleles."""
    unused = {row.position for row in loaded(gene).positions if row.used == "no"}
    assert unused == source.ignored(gene)


@pytest.mark.parametrize("gene", DEFINED)
def test_extra_required_and_recommended_positions(gene):
    said = source.exemption(gene)
    extra = {(row["position"], row["rsid"], row["ref"], tuple(row["alts"])) for row in said.get("extraPositions", [])}
    ours = loaded(gene).positions
    assert {(row.position, row.id, row.ref, tuple(row.alts)) for row in ours if row.used == "extra"} == extra
    places = {row.id: row.position for row in ours}
    call = loaded(gene).file.call
    assert {places[name] for name in call.required} == set(said.get("requiredPositions", []))
    recommended = call.recommended_positions.positions if call.recommended_positions else []
    assert {places[name] for name in recommended} == set(said.get("amp1Positions", []))


@pytest.mark.parametrize("gene", DEFINED)
def test_priority_lists(gene):
    call = loaded(gene).file.call
    ours = [(set(row.among), row.pick) for row in call.unphased_priorities.lists] if call.unphased_priorities else []
    theirs = [(set(row["list"]), row["pick"]) for row in source.exemption(gene).get("unphasedDiplotypePriorities", [])]
    assert ours == theirs


@pytest.mark.parametrize("gene", DEFINED)
def test_how_the_gene_is_called(gene):
    call = loaded(gene).file.call
    assert ("lowest_function" in call.methods) == (gene in LOWEST_FUNCTION)
    assert (call.undocumented == "reference") == (gene in UNDOCUMENTED_AS_REFERENCE)
    assert (call.ploidy == "sex_linked") == (source.definition(gene)["chromosome"] == "chrX")


@pytest.mark.parametrize("gene", DEFINED)
def test_spans_of_insertions_and_deletions(gene):
    theirs = {row.position: source.span(row) for row in source.loci(gene)}
    assert {row.position: row.span for row in loaded(gene).positions if row.used != "extra"} == theirs


@pytest.mark.parametrize("gene", DEFINED)
def test_moving_an_indel_within_its_span_gives_the_same_haplotype(gene):
    bases = {row.position: row.ref for row in loaded(gene).positions if len(row.ref) == 1}
    for row in loaded(gene).positions:
        if not row.span:
            continue
        assert row.span.startswith(row.ref)
        inside = {place: base for place, base in bases.items() if row.position <= place < row.position + len(row.span)}
        assert all(row.span[place - row.position] == base for place, base in inside.items()), row.id
        for alt in row.alts:
            left = alt + row.span[len(row.ref) :]
            change = len(alt) - len(row.ref)
            if change < 0:
                right = row.span[:change]
            else:
                inserted = alt[1:] if len(row.ref) == 1 else alt[len(row.ref) :]
                turn = (len(row.span) - len(row.ref)) % len(inserted)
                right = row.span + inserted[turn:] + inserted[:turn]
            assert left == right, f"{row.id} {alt}"


@pytest.mark.parametrize("gene", DEFINED)
def test_every_allele_defines_the_same_bases(gene):
    theirs = source.allele_vectors(gene)
    ours = {row.name: vector(gene, row.name) for row in loaded(gene).alleles}
    defined = {name: found for name, found in ours.items() if found is not None}
    assert set(defined) == set(theirs)
    assert {name: (found, theirs[name]) for name, found in defined.items() if found != theirs[name]} == {}


@pytest.mark.parametrize("gene", DEFINED)
def test_the_reference_allele_and_left_out_alleles(gene):
    wanted = [row["name"] for row in source.definition(gene)["namedAlleles"] if row["reference"]]
    assert [row.name for row in loaded(gene).alleles if "reference" in row.variants.split()] == wanted
    left_out = set(source.exemption(gene).get("ignoredAlleles", []))
    assert not left_out & {row.name for row in loaded(gene).alleles if row.used == "yes"}
    assert {row.name for row in loaded(gene).alleles if row.used == "no"} <= left_out


@pytest.mark.parametrize("gene", DEFINED)
def test_every_allele_can_be_called(gene):
    """An allele whose positions are all unused can never be found, and its carriers would read as reference."""
    used = {row.position for row in loaded(gene).positions if row.used == "yes"}
    lost = [name for name, places in source.allele_vectors(gene).items() if not used & set(places)]
    assert lost == []


@pytest.mark.parametrize("gene", DEFINED)
def test_suballeles_are_shown_as_their_core(gene):
    theirs = source.definition(gene)["suballelesMap"]
    assert {row.name: row.shown_as for row in loaded(gene).alleles if row.shown_as} == theirs
    hidden = {row["name"] for row in source.definition(gene)["hiddenCoreAlleles"]}
    assert not hidden & {row.name for row in loaded(gene).alleles}


@pytest.mark.parametrize("gene", WITH_FUNCTIONS)
def test_functions_and_activity_values(gene):
    content = source.functions(gene)
    left_out = set(source.exemption(gene).get("ignoredAlleles", [])) if gene in DEFINED else set()
    words = {row["name"]: row["functionValue"] for row in content.get("namedAlleles", [])} or content["haplotypes"]
    values = content["activityValues"]
    ours = our_names(gene)
    assert set(words) - left_out <= set(ours)
    wrong = []
    for name, word in words.items():
        for row in ours.get(name, []):
            if row.function != word or number(row.activity) != number(values.get(name, "")):
                wrong.append((row.name, row.function, row.activity, word, values.get(name)))
    assert wrong == []
    unexplained = {
        row.name
        for name, rows in ours.items()
        for row in rows
        if name not in words and row.function and not row.function_source.startswith("clingen-erepo-")
    }
    assert unexplained == set()


@pytest.mark.parametrize("gene", WITH_FUNCTIONS)
def test_alleles_beyond_the_definition(gene):
    """What the table of functions lists and no position defines is known from elsewhere only."""
    defined = set(source.allele_vectors(gene)) if gene in DEFINED else set()
    renamed = source.definition(gene)["suballelesMap"] if gene in DEFINED else {}
    left_out = set(source.exemption(gene).get("ignoredAlleles", [])) if gene in DEFINED else set()
    beyond = set(source.functions(gene)["haplotypes"]) - defined - set(renamed.values()) - left_out
    ours = {row.name for row in loaded(gene).alleles if row.variants == "outside"}
    assert ours == beyond


@pytest.mark.parametrize("gene", WITH_FUNCTIONS)
def test_every_diplotype_means_the_same(gene):
    known = meaning(loaded(gene))
    left_out = set(source.exemption(gene).get("ignoredAlleles", [])) if gene in DEFINED else set()
    wrong, compared = [], 0
    for row in source.functions(gene)["diplotypes"]:
        pair = [name for name, copies in row["diplotypekey"].items() for _ in range(copies)]
        if left_out & set(pair):
            continue
        found = known.of(pair)
        key = {"n/a": "no_score"}.get(row["lookupkey"], row["lookupkey"])
        score = row.get("activityScore") or ""
        theirs = (row.get("phenotype", row["generesult"]), "" if score == "n/a" else score, key)
        compared += 1
        if (found.term, found.activity_score, found.lookup) != theirs or row["generesult"] != found.term:
            wrong.append((pair, theirs, (found.term, found.activity_score, found.lookup)))
    assert wrong[:20] == []
    assert compared or not source.functions(gene)["diplotypes"]


@pytest.mark.parametrize("gene", DEFINED)
def test_an_allele_without_function_has_no_phenotype(gene):
    known = meaning(loaded(gene))
    reference = next(row.name for row in loaded(gene).alleles if "reference" in row.variants.split())
    silent = [row.name for row in loaded(gene).alleles if not row.function]
    found = {name: known.of((name, reference)) for name in silent}
    assert {name: row.term for name, row in found.items() if row.term != "n/a" or row.activity_score} == {}
    assert {row.lookup for row in found.values()} <= {"no_score", "no_result"}


@cache
def clingen() -> dict[str, list[dict[str, str]]]:
    """ClinGen's RYR1 rows by registry id, by ClinVar number, by place, and by name on the transcript alleles are named on.

    ClinGen names many variants on NM_001042723, which is 15 bases shorter: beyond c.10440 only the place tells.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for row in source.table(source.DATA / "variants/clingen_erepo.tsv"):
        if row["gene"] != "RYR1":
            continue
        keys = {row["caid"], f"ClinVar-{row['clinvar_variation_id']}", ":".join((row["pos"], row["ref"], row["alt"]))}
        if match := re.match(r"NM_000540\.\d+\(RYR1\):(\S+)", row["variation"]):
            keys.add(match[1])
        for key in keys - {"-", "::"}:
            found.setdefault(key, []).append(row)
    return found


def clingen_rows(allele: str) -> list[dict[str, str]]:
    """ClinGen's rows on the very variant of an RYR1 allele."""
    places = source.allele_vectors("RYR1")[allele]
    refs = {row.position: row.ref for row in source.loci("RYR1")}
    by_place = []
    if len(places) == 1:
        ((place, base),) = places.items()
        by_place = clingen().get(f"{place}:{refs[place]}:{base}", [])
    return by_place or clingen().get(allele, [])


def clingen_function(rows: list[dict[str, str]]) -> str:
    """What the classifications of malignant hyperthermia amount to; empty when none, retracted or conflicting."""
    rows = [row for row in rows if "malignant hyperthermia" in row["disease"].lower()]
    words = {row["assertion"].lower().removeprefix("likely ") for row in rows}
    if len(words) != 1 or any(row["retracted"] != "False" for row in rows):
        return ""
    meant = {"pathogenic": source.MALIGNANT, "uncertain significance": source.UNCERTAIN, "benign": source.NORMAL}
    return meant[words.pop()]


def test_ryr1_functions_agree_with_clingen():
    """The expert panel and the table of functions are two sources; they must not contradict one another."""
    said = {name: clingen_function(clingen_rows(name)) for name in source.allele_vectors("RYR1")}
    ours = {row.name: row.function for row in loaded("RYR1").alleles}
    assert sum(bool(word) for word in said.values()) >= 150
    assert {name: (word, ours[name]) for name, word in said.items() if word and word != ours[name]} == {}


def test_ryr1_functions_from_clingen_cite_the_same_variant():
    for allele in (row for row in loaded("RYR1").alleles if row.function_source.startswith("clingen-erepo-")):
        cited = clingen().get(allele.function_source.split("#")[1], [])
        assert cited and all(row in clingen_rows(allele.name) for row in cited), allele.name


def test_ryr1_one_allele_is_enough():
    """Every pair of alleles: susceptible when either is associated with malignant hyperthermia, otherwise uncertain."""
    known, table = meaning(loaded("RYR1")), source.functions("RYR1")["haplotypes"]
    wrong = []
    for pair in combinations_with_replacement(source.allele_vectors("RYR1"), 2):
        is_susceptible = source.MALIGNANT in {table[name] for name in pair}
        wanted = "Malignant Hyperthermia Susceptibility" if is_susceptible else "Uncertain Susceptibility"
        if known.of(pair).lookup != wanted:
            wrong.append((pair, wanted, known.of(pair).lookup))
    assert wrong[:20] == []
