"""Secondary findings: consent, copies, restrictions of the list, doubts of ours, minors, and what was not looked at."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import RequestError
from nof1.genomics.normalize import trim
from nof1.knowledge.secondary import Secondary
from nof1.model.secondary import GeneStatus, GenomeSource, SecondaryPerson, SecondaryStatus, Sex
from nof1.model.variants import Allele, Assertion, GeneCoverage, ObservedVariant, Zygosity
from nof1.variants.secondary import secondary_findings

from .people import ADULT, CRITERIA, KNOWN, report, seen, statuses

TRUTH = yaml.safe_load((Path(__file__).parent / "secondary_truth.yaml").read_text())


@pytest.mark.parametrize("case", TRUTH["cases"], ids=lambda case: f"{case['gene']} {case['name']}")
def test_truth_table(case: dict[str, object]) -> None:
    gene = str(case["gene"])
    person = replace(ADULT, sex=Sex(str(case.get("sex", "female"))))
    variants = []
    for row in case["variants"]:  # type: ignore[attr-defined]
        given_terms = (row["consequence"],) if "consequence" in row else ()
        more = {key: row[key] for key in ("phase", "hgvs_p", "transcript") if key in row}
        variants.append(seen(gene, row["classification"], row["stars"], row["zygosity"], terms=given_terms, **more))
    found = report(*variants, person=person)
    told = {item.status for item in found.findings if item.gene == gene}
    said = {SecondaryStatus.REPORTABLE: "reportable", SecondaryStatus.POSSIBLE_BIALLELIC: "possible biallelic"}
    assert [said[item] for item in told if item in said] == [case["expect"]] * (case["expect"] != "not reportable")


def test_the_list_has_84_genes_as_the_reference_does(reference_data: Path) -> None:
    with (reference_data / "variants" / "acmg_sf_v3.3_full.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(KNOWN.genes) == 84 and set(KNOWN.genes) == {row["Gene Symbol"] for row in rows}
    letters = {"dominant": "AD", "recessive": "AR", "x_linked": "XL", "semidominant": "SD"}
    ours = {
        (item.gene, item.mondo, letters[item.inheritance], item.validity)
        for rows in KNOWN.conditions.values()
        for item in rows
    }
    assert ours == {(row["Gene Symbol"], row["MONDO ID"], row["MOI"], row["Gene-Disease Validity"].lower()) for row in rows}
    assert {gene.hgnc for gene in KNOWN.genes.values()} == {row["HGNC ID"] for row in rows}
    for number, row in enumerate(rows, start=2):  # the cited line is the line
        assert f"acmg-sf-3.3#row-{number}" in {item.source for item in KNOWN.conditions[row["Gene Symbol"]]}


def test_the_list_agrees_with_the_earlier_one(reference_data: Path) -> None:
    with (reference_data / "variants" / "acmg_sf_v3.1_varfish.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    earlier = {row["gene_symbol"] for row in rows}
    assert set(KNOWN.genes) - earlier == {"ABCD1", "CALM1", "CALM2", "CALM3", "CYP27A1", "PLN"}
    assert earlier <= set(KNOWN.genes)
    two = {
        row["gene_symbol"] for row in rows if "2 variants" in row["variants_to_report"] or row["inheritance"].strip() == "AR"
    }
    assert {name for name, gene in KNOWN.genes.items() if gene.needs in ("biallelic", "homozygous")} == two | {"CYP27A1"}


def wanted(words: str, inheritance: set[str]) -> dict[str, str]:
    """What the list's words make of three genotypes: one copy (woman), both copies (woman), the only copy (man)."""
    if words.startswith("p.C282Y"):
        return {"one": "", "both": "reportable"}
    if words.startswith("All hemi or homozygous"):
        return {"one": "", "both": "reportable", "only": "reportable"}
    if words.startswith("All hemi, het, homozygous"):
        return {"one": "reportable", "both": "reportable", "only": "reportable"}
    two = "2 variants" in words or inheritance == {"AR"}
    return {"one": "" if two else "reportable", "both": "reportable"}


def test_every_gene_follows_the_words_of_the_list(reference_data: Path) -> None:
    with (reference_data / "variants" / "acmg_sf_v3.3_full.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for gene in KNOWN.genes:
        said = {row["Variants to report"] for row in rows if row["Gene Symbol"] == gene}
        kinds = {row["MOI"] for row in rows if row["Gene Symbol"] == gene}
        assert len(said) == 1
        words = said.pop()
        term = "stop_gained" if "truncating" in words else "missense_variant"
        more = {"terms": (term,), "hgvs_p": "p.Cys282Tyr" if gene == "HFE" else ""}
        genotype = {
            "one": ("heterozygous", Sex.FEMALE),
            "both": ("homozygous", Sex.FEMALE),
            "only": ("hemizygous", Sex.MALE),
        }
        for name, status in wanted(words, kinds).items():
            zygosity, sex = genotype[name]
            found = report(seen(gene, zygosity=zygosity, **more), person=replace(ADULT, sex=sex))
            assert statuses(found) == ([(gene, status)] if status else []), (gene, name)
            assert (
                statuses(report(seen(gene, "uncertain significance", zygosity=zygosity, terms=("missense_variant",)))) == []
            )


def test_without_opt_in_nothing_is_looked_at() -> None:
    class Untouchable(list[ObservedVariant]):
        def __iter__(self) -> object:  # type: ignore[override]
            raise AssertionError("variants were looked at")

    for person in (SecondaryPerson(), SecondaryPerson(opted_in=True), SecondaryPerson(consent="Consent/1")):
        found = secondary_findings(Untouchable(), {}, person, GenomeSource.SEQUENCE, KNOWN, CRITERIA)
        assert not found.is_analysed and found.findings == () and found.genes == ()
        assert "none of these genes was analysed" in found.notes[0]


@pytest.mark.parametrize("source", [GenomeSource.ARRAY, GenomeSource.IMPUTED])
def test_nothing_comes_from_an_array(source: GenomeSource) -> None:
    found = report(seen("LDLR", stars=4), source=source)
    assert not found.is_analysed and found.findings == ()
    assert {item.status for item in found.genes} == {GeneStatus.NOT_ASSESSED} and len(found.genes) == 84


@pytest.mark.parametrize(
    ("classification", "stars", "more", "status"),
    [
        ("pathogenic", 2, {}, "reportable"),
        ("likely pathogenic", 3, {}, "reportable"),
        ("pathogenic", 1, {}, "review"),
        ("pathogenic", 0, {}, "review"),
        ("uncertain significance", 2, {}, ""),
        ("benign", 3, {}, ""),
        ("conflicting", 1, {"counts": {"pathogenic": 3, "uncertain significance": 2}}, "review"),
        ("conflicting", 1, {"counts": {"uncertain significance": 3, "likely benign": 2}}, ""),
        ("pathogenic", 2, {"is_low_penetrance": True}, "review"),
        ("pathogenic", 4, {"origin": "somatic"}, ""),
        ("pathogenic", 4, {"origin": "oncogenicity"}, ""),
        ("risk factor", 2, {"is_low_penetrance": True}, ""),
        ("", 0, {}, ""),
    ],
)
def test_what_is_asserted_decides(classification: str, stars: int, more: dict[str, object], status: str) -> None:
    found = report(seen("LDLR", classification, stars, **more))
    assert statuses(found) == ([("LDLR", status)] if status else [])


def test_conflicts_are_told_as_counts() -> None:
    found = report(seen("LDLR", "conflicting", 1, counts={"pathogenic": 3, "uncertain significance": 2, "benign": 1}))
    assert "3 pathogenic, 2 uncertain significance, 1 benign" in found.findings[0].reasons[0]


def test_experts_override_everybody_else() -> None:
    many = [Assertion("clinvar", "", "1", "pathogenic", 2), Assertion("panel", "", "2", "benign", 3)]
    variant = replace(seen("LDLR"), assertions=tuple(many))
    assert statuses(report(variant)) == []
    assert statuses(report(replace(variant, assertions=(many[0], replace(many[1], classification="pathogenic"))))) == [
        ("LDLR", "reportable")
    ]


def test_equals_that_disagree_are_a_conflict() -> None:
    rows = (Assertion("a", "", "1", "pathogenic", 2), Assertion("b", "", "2", "uncertain significance", 2))
    assert statuses(report(replace(seen("LDLR"), assertions=rows))) == [("LDLR", "review")]
    sure = (Assertion("a", "", "1", "pathogenic", 2), Assertion("b", "", "2", "likely pathogenic", 2))
    found = report(replace(seen("LDLR"), assertions=sure))
    assert [(item.status.value, item.classification) for item in found.findings] == [("reportable", "likely pathogenic")]


@pytest.mark.parametrize(
    ("gene", "sex", "variants", "status"),
    [
        ("ATP7B", "female", [("homozygous", "")], "reportable"),
        ("ATP7B", "female", [("heterozygous", "")], ""),
        ("ATP7B", "female", [("heterozygous", ""), ("heterozygous", "")], "possible_biallelic"),
        ("ATP7B", "female", [("heterozygous", "5/0"), ("heterozygous", "5/1")], "reportable"),
        ("ATP7B", "female", [("heterozygous", "5/1"), ("heterozygous", "5/1")], ""),
        ("ATP7B", "female", [("heterozygous", "5/1"), ("heterozygous", "6/0")], "possible_biallelic"),
        ("ATP7B", "female", [("heterozygous", "5/1"), ("heterozygous", "5/1"), ("heterozygous", "5/0")], "reportable"),
        ("ATP7B", "female", [("heterozygous", "5/1"), ("heterozygous", "5/1"), ("heterozygous", "")], "possible_biallelic"),
        ("ATP7B", "female", [("unknown", "")], "review"),
        ("ATP7B", "female", [("hemizygous", "")], "review"),
        ("ABCD1", "male", [("hemizygous", "")], "reportable"),
        ("ABCD1", "male", [("homozygous", "")], "reportable"),
        ("ABCD1", "male", [("heterozygous", "")], "review"),
        ("ABCD1", "female", [("heterozygous", "")], ""),
        ("ABCD1", "female", [("homozygous", "")], "reportable"),
        ("ABCD1", "female", [("heterozygous", ""), ("heterozygous", "")], "possible_biallelic"),
        ("ABCD1", "female", [("heterozygous", "1/0"), ("heterozygous", "1/0")], ""),
        ("ABCD1", "unknown", [("hemizygous", "")], "reportable"),
        ("GLA", "male", [("hemizygous", "")], "reportable"),
        ("GLA", "female", [("heterozygous", "")], "reportable"),
        ("OTC", "female", [("homozygous", "")], "reportable"),
        ("OTC", "male", [("heterozygous", "")], "review"),
        ("BRCA2", "male", [("heterozygous", "")], "reportable"),
        ("BRCA2", "male", [("unknown", "")], "reportable"),
    ],
)
def test_copies(gene: str, sex: str, variants: list[tuple[str, str]], status: str) -> None:
    person = replace(ADULT, sex=Sex(sex))
    rows = [seen(gene, zygosity=kind, phase=phase) for kind, phase in variants]
    assert statuses(report(*rows, person=person)) == ([(gene, status)] if status else [])


def test_two_alternatives_of_one_place_lie_on_two_strands() -> None:
    first, second = (seen("GAA", allele=Allele("chr17", 80104587, "G", alt)) for alt in "AC")
    assert statuses(report(first, second)) == [("GAA", "reportable")]


def test_one_allele_written_twice_is_one() -> None:
    one = seen("GAA", allele=Allele("chr17", 80104587, "G", "A"))
    assert statuses(report(one, one)) == []
    assert statuses(report(one, seen("GAA", allele=Allele("chr17", 80105000, "G", "A")))) == [("GAA", "possible_biallelic")]


@pytest.mark.parametrize("kind", ["homozygous", "heterozygous"])
def test_one_named_change_by_protein_coding_or_allele(kind: str) -> None:
    status = [("HFE", "reportable")] if kind == "homozygous" else []
    for variant in (
        seen("HFE", zygosity=kind, hgvs_p="NP_000401.1:p.(Cys282Tyr)"),
        seen("HFE", zygosity=kind, terms=(), hgvs_c="NM_000410.4:c.845G>A"),
        seen("HFE", zygosity=kind, terms=(), allele=Allele("chr6", 26092913, "G", "A")),
        seen("HFE", zygosity=kind, hgvs_p="p.Cys282Tyr", is_low_penetrance=True),
    ):
        assert statuses(report(variant)) == status
    for other in (seen("HFE", zygosity=kind, hgvs_p="p.His63Asp"), seen("HFE", zygosity=kind)):
        assert statuses(report(other)) == []


def test_the_named_changes_place_follows_from_the_gene_model(reference_data: Path) -> None:
    with (reference_data / "variants" / "acmg_sf_genes_exons_cds_refseq.tsv").open() as file:
        exons = [line.split("\t") for line in file if line.startswith("NM_000410.4\t")]
    start, first = next((int(row[2]), int(row[4])) for row in exons if int(row[4]) <= 845 <= int(row[5]))
    rule = next(row for row in KNOWN.rules.restrictions if row.only_change)  # type: ignore[union-attr]
    assert rule.only_change is not None
    assert rule.only_change.allele.split(":")[1] == str(start + 1 + 845 - first)


def test_truncating_only() -> None:
    for term in ("stop_gained", "frameshift_variant", "splice_donor_variant", "splice_acceptor_variant"):
        assert statuses(report(seen("TTN", terms=(term,)))) == [("TTN", "reportable")]
    found = report(seen("TTN", terms=("missense_variant",)))
    assert found.findings == ()
    gene = next(item for item in found.genes if item.gene == "TTN")
    assert "1 pathogenic not counted: only truncating variants count" in gene.reason
    assert statuses(report(seen("TTN", terms=()))) == [("TTN", "review")]
    assert statuses(report(seen("TTN", terms=("splice_donor_region_variant",)))) == [("TTN", "review")]


@pytest.mark.parametrize("gene", ["PCSK9", "APOB", "RET", "TGFBR1", "RYR1", "CACNA1S", "MYH7"])
def test_our_doubts_go_to_review_and_never_away(gene: str) -> None:
    found = report(seen(gene, stars=4, terms=("stop_gained",)))
    assert statuses(found) == [(gene, "review")]
    assert found.findings[0].sources and found.findings[0].classification == "pathogenic" and found.findings[0].stars == 4
    assert statuses(report(seen(gene, terms=("missense_variant",)))) == [(gene, "reportable")]
    assert (
        statuses(report(seen(gene, "", 0, terms=("stop_gained",), decay="expected"))) == []
    )  # no mechanism, nothing asserted


@pytest.mark.parametrize(
    ("gene", "conditions", "status"),
    [
        ("RYR1", ("Malignant hyperthermia, susceptibility to, 1",), "reportable"),
        ("RYR1", ("Central core myopathy",), "review"),
        ("RYR1", ("Central_core_myopathy", "Malignant_hyperthermia_of_anesthesia"), "reportable"),
        ("RYR1", ("not provided",), "reportable"),
        ("LMNA", ("Dilated cardiomyopathy 1A",), "reportable"),
        ("LMNA", ("Familial partial lipodystrophy, Dunnigan type",), "review"),
        ("CACNA1S", ("Hypokalemic periodic paralysis, type 1",), "review"),
    ],
)
def test_an_assertion_for_another_condition(gene: str, conditions: tuple[str, ...], status: str) -> None:
    assert statuses(report(seen(gene, conditions=conditions))) == [(gene, status)]


def test_a_transcript_of_the_heart() -> None:
    inside, outside = Allele("chr6", 123503700, "A", "G"), Allele("chr6", 123300000, "A", "G")
    assert statuses(report(seen("TRDN", zygosity="homozygous", allele=inside))) == [("TRDN", "reportable")]
    assert statuses(report(seen("TRDN", zygosity="homozygous", allele=outside))) == [("TRDN", "review")]
    assert statuses(report(seen("TRDN", zygosity="homozygous", transcript="NM_001256021.2"))) == [("TRDN", "reportable")]
    assert statuses(report(seen("TRDN", zygosity="homozygous", transcript="NM_006073.4"))) == [("TRDN", "review")]


def test_predicted_loss_is_for_review_only() -> None:
    lost = {"terms": ("frameshift_variant",), "decay": "expected"}
    assert statuses(report(seen("BRCA2", "", 0, **lost))) == [("BRCA2", "review")]
    assert statuses(report(seen("BRCA2", "uncertain significance", 1, **lost))) == [("BRCA2", "review")]
    assert statuses(report(seen("BRCA2", "uncertain significance", 3, **lost))) == []
    assert statuses(report(seen("BRCA2", "benign", 1, **lost))) == []
    assert statuses(report(seen("BRCA2", "", 0, terms=("frameshift_variant",), decay="escaped"))) == []
    assert statuses(report(seen("TNNT2", "", 0, **lost))) == []  # loss is not known to be its mechanism


def test_what_is_signed_counts_unless_the_site_says_no() -> None:
    signed = seen("BRCA2", "pathogenic", 0, source="curation")
    assert statuses(report(signed)) == [("BRCA2", "reportable")]
    refused = replace(
        seen("BRCA2"), assertions=(*seen("BRCA2").assertions, *seen("BRCA2", "benign", source="curation").assertions)
    )
    assert statuses(report(refused)) == []
    policy = msgspec.structs.replace(KNOWN.policy, curated_counts=False)  # type: ignore[type-var]
    assert statuses(report(signed, policy=policy)) == []


def test_carriers_are_asked_for_apart() -> None:
    one = seen("MUTYH")
    assert statuses(report(one)) == []
    asked = replace(ADULT, carriers_opted_in=True)
    assert statuses(report(one, person=asked)) == [("MUTYH", "carrier")]
    assert statuses(report(seen("MUTYH", stars=1), person=asked)) == [("MUTYH", "review")]
    assert statuses(report(seen("MUTYH", stars=1))) == []
    assert any("carrier states were not asked for" in note for note in report(one).notes)
    assert not any("carrier" in note for note in report(one, person=asked).notes)
    silent = next(item for item in report(one).genes if item.gene == "MUTYH")
    empty = next(item for item in report().genes if item.gene == "MUTYH")
    assert silent == empty  # what is not told does not show elsewhere


def test_one_counts_and_one_waits() -> None:
    found = report(seen("MUTYH"), seen("MUTYH", stars=1))
    assert statuses(found) == [("MUTYH", "review")]
    assert found.findings[0].stars == 1 and len(found.findings[0].variants) == 2
    assert statuses(report(seen("MUTYH", phase="1/0"), seen("MUTYH", stars=1, phase="1/0"))) == []


@pytest.mark.parametrize(
    ("gene", "age", "status"),
    [
        ("BRCA1", 10, "withheld"),
        ("BRCA1", 17.9, "withheld"),
        ("BRCA1", 18, "reportable"),
        ("BRCA1", float("nan"), "review"),
        ("RB1", 10, "reportable"),
        ("APC", 10, "reportable"),
        ("LDLR", 10, "review"),
        ("LDLR", float("nan"), "review"),
        ("APC", float("nan"), "reportable"),
    ],
)
def test_minors(gene: str, age: float, status: str) -> None:
    person = replace(ADULT, age_years=age)
    found = report(seen(gene), person=person)
    looked = {item.gene: item for item in found.genes}
    if status == "withheld":
        assert found.findings == () and looked[gene].status is GeneStatus.WITHHELD
        assert found.genes == report(person=person).genes  # whether or not there is anything
        assert "below 18 years" in looked[gene].reason
    else:
        assert statuses(found) == [(gene, status)]


@pytest.mark.parametrize(
    ("gene", "names"),
    [("BRCA2", ("Fanconi anaemia",)), ("MSH6", ("constitutional mismatch repair deficiency",)), ("MUTYH", ()), ("LMNA", ())],
)
def test_both_copies_in_a_minor_are_another_condition_than_that_of_adults(gene: str, names: tuple[str, ...]) -> None:
    child = replace(ADULT, age_years=10)
    for pair in ([seen(gene, zygosity="homozygous")], [seen(gene), seen(gene)]):
        found = report(*pair, person=child)
        assert [item.conditions for item in found.findings] == ([names] if names else [])
        assert [item.status.value for item in found.findings] == ["review" for _ in found.findings]
        looked = next(item for item in found.genes if item.gene == gene)
        assert looked.status is (GeneStatus.FINDING if names else GeneStatus.WITHHELD)
    on_one_strand = report(seen(gene, phase="1/0"), seen(gene, phase="1/0"), person=child)
    assert on_one_strand.findings == ()
    assert report(seen(gene, zygosity="homozygous", stars=1), person=child).findings == ()


def test_a_sites_policy_decides_for_minors_and_stars() -> None:
    child = replace(ADULT, age_years=10)
    policy = msgspec.structs.replace(KNOWN.policy, adult_onset_in_minors="report", least_stars=1)  # type: ignore[type-var]
    assert statuses(report(seen("BRCA1", stars=1), person=child, policy=policy)) == [("BRCA1", "reportable")]
    assert statuses(report(seen("BRCA1", stars=1), person=child)) == []


@pytest.mark.parametrize(
    ("coverage", "status", "words"),
    [
        (None, GeneStatus.NOT_ASSESSED, "no file says"),
        (GeneCoverage("LDLR", float("nan")), GeneStatus.NOT_ASSESSED, "no file says"),
        (
            GeneCoverage("LDLR", 0.5, "BED"),
            GeneStatus.NOT_ASSESSED,
            "50.0% of its coding bases were read; 95% are asked for",
        ),
        (
            GeneCoverage("LDLR", 0.99, "BED"),
            GeneStatus.ASSESSED_NEGATIVE,
            "99.0% of its coding bases were read; copy number",
        ),
        (GeneCoverage("LDLR", 0.99, "BED", True), GeneStatus.ASSESSED_NEGATIVE, "99.0% of its coding bases were read"),
    ],
)
def test_what_was_read(coverage: GeneCoverage | None, status: GeneStatus, words: str) -> None:
    given_ = {"LDLR": coverage} if coverage else {}
    found = next(item for item in report(coverage=given_).genes if item.gene == "LDLR")
    assert found.status is status and words in found.reason
    assert found.copy_number_assessed == ("copy number" not in found.reason and status is GeneStatus.ASSESSED_NEGATIVE)


def test_without_a_list_it_is_told() -> None:
    with pytest.raises(RequestError, match="has no list"):
        secondary_findings([], {}, ADULT, GenomeSource.SEQUENCE, Secondary(), CRITERIA)


def test_genes_beside_the_list_are_not_spoken_of() -> None:
    found = report(seen("CFTR", zygosity="homozygous", stars=4), seen("ATM", stars=3))
    assert found.findings == () and len(found.genes) == 84


def test_recessive_conditions_are_named_where_both_copies_are_taken() -> None:
    one, both = report(seen("BRCA2")).findings[0], report(seen("BRCA2", zygosity="homozygous")).findings[0]
    assert one.conditions == ("breast, ovarian and related cancers",)
    assert set(both.conditions) == {"breast, ovarian and related cancers", "Fanconi anaemia"}


SOME = st.lists(
    st.tuples(
        st.sampled_from(["pathogenic", "likely pathogenic", "uncertain significance", "benign", "conflicting"]),
        st.integers(0, 4),
        st.sampled_from(["heterozygous", "homozygous", "unknown"]),
        st.sampled_from(["", "1/0", "1/1", "2/0"]),
    ),
    max_size=4,
)


@given(st.sampled_from(sorted(KNOWN.genes)), SOME, st.randoms())
def test_order_of_variants_and_names_of_strands_do_not_matter(
    gene: str, rows: list[tuple[str, int, str, str]], random: object
) -> None:
    def told(some: list[tuple[str, int, str, str]]) -> list[tuple[str, str]]:
        made = [seen(gene, name, stars, kind, phase if kind == "heterozygous" else "") for name, stars, kind, phase in some]
        return sorted(statuses(report(*made, person=replace(ADULT, carriers_opted_in=True))))

    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    swapped = [(*row[:3], row[3][:-1] + {"0": "1", "1": "0"}[row[3][-1]] if row[3] else "") for row in rows]
    assert told(rows) == told(mixed) == told(swapped)


@given(SOME)
def test_nothing_below_the_stars_is_reported(rows: list[tuple[str, int, str, str]]) -> None:
    low = [seen("LDLR", name, min(stars, 1), kind) for name, stars, kind, _ in rows]
    assert all(item.status is not SecondaryStatus.REPORTABLE for item in report(*low).findings)


def clinvar_rows(reference_data: Path) -> list[dict[str, str]]:
    with (reference_data / "variants" / "clinvar_2star_grch38.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["gene"] in KNOWN.genes]
    return [row for row in rows if row["truth"] in ("Pathogenic", "Likely_pathogenic")]


def written(row: dict[str, str]) -> list[tuple[int, str, str]]:
    """The row's allele as files write it: as it stands, with bases of both sides that it shares, and in a long REF."""
    position, ref, alt = int(row["pos"]), row["ref"], row["alt"]
    more = [(position, ref, alt), (position, f"{ref}ACGT", f"{alt}ACGT"), (position - 3, f"GAT{ref}", f"GAT{alt}")]
    return [*more, (position - 2, f"CC{ref}TTTT", f"CC{alt}TTTT")]


def test_clinvars_variants_are_found_however_they_are_written(reference_data: Path) -> None:
    rows = clinvar_rows(reference_data)
    genes = Counter(row["gene"] for row in rows)
    assert len(rows) == 1162 and len(genes) == 25 and genes["APC"] == 533
    asserted: dict[Allele, Assertion] = {}
    for row in rows:
        where = Allele(f"chr{row['chrom']}", *trim(int(row["pos"]), row["ref"], row["alt"]))
        assert where not in asserted, "two rows are one allele"
        asserted[where] = Assertion(
            "clinvar", "", "", row["truth"].lower().replace("_", " "), int(row["stars"]), gene=row["gene"]
        )
    for row in rows:
        for place in written(row):
            here = Allele(f"chr{row['chrom']}", *trim(*place))
            assert here in asserted, (row, place)
            kept = asserted[here]
            wanted = (row["gene"], row["truth"].lower().replace("_", " "), int(row["stars"]))
            assert (kept.gene, kept.classification, kept.stars) == wanted


def test_every_such_variant_is_told_by_the_rules_of_its_gene(reference_data: Path) -> None:
    told: Counter[str] = Counter()
    for row in clinvar_rows(reference_data):
        where = Allele(f"chr{row['chrom']}", *trim(int(row["pos"]), row["ref"], row["alt"]))
        more = {"allele": where, "terms": (row["consequence"],)}
        made = seen(row["gene"], row["truth"].lower().replace("_", " "), int(row["stars"]), "homozygous", **more)
        found = report(made, person=replace(ADULT, sex=Sex.FEMALE)).findings
        told[found[0].status.value if found else "nothing"] += 1
        assert found == () or (found[0].gene, found[0].stars) == (row["gene"], int(row["stars"]))
        assert found or (row["gene"], row["consequence"]) == ("TTN", "missense_variant")
        assert made.zygosity is Zygosity.HOMOZYGOUS
    assert told == {"reportable": 1136, "review": 25, "nothing": 1}  # 23 of those for review take away the function of APOB
