"""Secondary findings and evidence codes as a second reader coded them without sight of the rows, against the rows.

``secondary_blind.tsv`` (the list, a line each), ``secondary_mechanism_blind.tsv`` (dosage scores and limits of mechanism of its
genes) and ``secondary_criteria_blind.tsv`` (points, classes, strengths, frequencies) were written before the knowledge was
opened; the column ``opened`` says from what. What is apart stands in ``DISAGREEMENTS`` and ``BY_HAND`` with what came of it. The
names of conditions were compared by eye; three were corrected. Ages of onset, the filters and the methods were not read blind, so
that no row with them is machine-read. Change a row that is, and it has to be read again.
"""

from __future__ import annotations

import csv
import hashlib
import re
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.criteria import AutomatedFile, CommonRule, Criteria, LossOfFunction, PointsFile
from nof1.knowledge.secondary import Secondary, SecondaryCondition, SecondaryGene, SecondaryRules

HERE = Path(__file__).parent
READ_ON = "2026-11-26"
SHA256 = {  # as they stood before the rows were opened
    "secondary_blind.tsv": "6873667cd448ec54f582011907a07ce98e745535fac993629cef6250bc4928a1",
    "secondary_criteria_blind.tsv": "9110537a49ce7b82ef5a4cea392fc5eb4548d49bc788f48f4b840569809a2516",
    "secondary_mechanism_blind.tsv": "623fa2d0a4861bf8b4cb0eaac236d30d58b6c42d4ff54b65c5fef187e853a84f",
}
AS_COMPARED = {  # what no table can hold: names by eye, and genes outside the list from the whole dosage file
    "names": "c17b034d8225a1c2f3f3b7dcf0245dcde6397266edafb453dfcdfbce3a0e4207",
    "dosage": "d26b75f31716edbab1dd280f7accc905298f33a17c97760d3d1ee74e8ce6211c",
}
INHERITANCE = {"AD": "dominant", "AR": "recessive", "XL": "x_linked", "SD": "semidominant"}
NEEDS = {"truncating": "any", "named_change_homozygous": "homozygous"}  # else the same word
DOSAGE = {"sufficient": "haploinsufficient", "recessive": "recessive"}  # any other word: no mechanism
SCORES = {"3": "haploinsufficient", "30": "recessive"}
# (row, aspect) -> (the second reader, the row, what came of it)
DISAGREEMENTS = {
    ("code PM2", "strength"): (
        "supporting",
        "moderate",
        "both hold: the bare code is moderate in the guide cited and as panels write it; found by machine it is supporting",
    ),
    ("limit APC BS1", "frequency"): (
        "0.0001",
        "1e-05",
        "the row is right: summaries of the panel say 0.001 %; the reader saw one value for three genes in a program",
    ),
    ("loss PMS2", "dosage"): (
        "haploinsufficient",
        "",
        "the dated list that is cited has no line for this gene; an excerpt without date scores it 3, and is not used",
    ),
}
BY_HAND = {  # what the reader noted -> what the rules hold, and why
    "restriction TTN": "exons that are nearly always spliced in: not used, since no such table of exons is at hand",
    "filter loss-lowers-cholesterol": "APOB, missense in the part that binds the receptor: its bounds were seen in no source",
    "filter tgfbr1-kinase": "missense outside the kinase domain passes: its bounds were seen in no source",
    "filter lmna-other-conditions": "which missense changes concern the heart: only what an assertion names is asked",
}
CORRECTED = {  # a name that said more than the list, or something else
    ("ACTA2", "MONDO:0013452"): "aortic aneurysm with smooth muscle dysfunction",
    ("PLN", "MONDO:0000591"): "inherited cardiomyopathy",
    ("PRKAG2", "MONDO:0800484"): "hypertrophy of the heart with conduction disease",
}
RESTATED = (  # genes whose limits the reader saw restated in a program (GAA: in its panel's table too), and which no row gives
    *("ACTC1", "ACVRL1", "BRCA1", "BRCA2", "ENG", "FBN1", "GAA", "MLH1", "MSH2", "MSH6", "MYBPC3", "MYH7"),
    *("MYL2", "MYL3", "PMS2", "PTEN", "RPE65", "RYR1", "TNNI3", "TNNT2", "TP53", "TPM1"),
)
GAPS = {"HNF1A BS1", *(f"{gene} {code}" for gene in RESTATED for code in ("BA1", "BS1"))}
SHARE = {"condition": 0.97, "gene": 1.0, "loss": 0.98, "code": 0.96, "points": 1.0, "class": 1.0, "limit": 0.8}
Line = dict[str, str]
Compared = dict[tuple[str, str], tuple[str, str]]


def table(name: str) -> list[Line]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


def of_kind(kind: str) -> list[Line]:
    return [line for line in table("secondary_criteria_blind.tsv") if line["kind"] == kind]


def secondary() -> Secondary:
    return knowledge().secondary


def criteria() -> Criteria:
    return knowledge().criteria


def rules() -> SecondaryRules:
    found = secondary().rules
    assert found is not None
    return found


def points() -> PointsFile:
    found = criteria().points
    assert found is not None
    return found


def automated() -> AutomatedFile:
    found = criteria().automated
    assert found is not None
    return found


@cache
def conditions() -> dict[str, SecondaryCondition]:
    rows = [row for several in secondary().conditions.values() for row in several]
    return {f"condition {row.gene} {row.mondo}": row for row in rows}


def compared_condition(line: Line, number: int, row: SecondaryCondition) -> Compared:
    name = f"condition {line['gene']} {line['mondo']}"
    return {
        (name, "inheritance"): (INHERITANCE[line["inheritance"]], row.inheritance),
        (name, "validity"): (line["validity"].lower(), row.validity),
        (name, "place"): (f"acmg-sf-3.3#row-{number}", row.source),
    }


def compared_gene(lines: list[Line], row: SecondaryGene) -> Compared:
    """A gene needs one variant if one of its conditions does; ``lines``: all of its conditions."""
    needs = {NEEDS.get(line["carried"], line["carried"]) for line in lines}
    need = "any" if "any" in needs else "+".join(sorted(needs))
    return {
        (f"gene {row.gene}", "needs"): (need, row.needs),
        (f"gene {row.gene}", "hgnc"): ("+".join(sorted({line["hgnc"] for line in lines})), row.hgnc),
    }


def compared_loss(line: Line, row: LossOfFunction | None) -> Compared:
    read = DOSAGE.get(line["loss_of_function"], "")
    found: Compared = {(f"loss {line['gene']}", "dosage"): (read, row.dosage if row else "")}
    if read and row:
        found[f"loss {line['gene']}", "disease"] = (line["hi_condition"], row.disease)
    return found


def own_rule(gene: str) -> CommonRule | None:
    return next((row for row in automated().common if row.gene == gene), None)


def frequency(name: str) -> str:
    """The limit that the rows give for ``name``: a gene, or "default", and the code."""
    gene, _, code = name.partition(" ")
    rule = own_rule("" if gene == "default" else gene)
    value = None if rule is None else rule.stand_alone if code == "BA1" else rule.strong
    return "" if value is None else f"{value:g}"


def read_frequency(line: Line) -> str:
    found = re.match(r"[\d.]+", line["value"])
    return f"{float(found[0]):g}" if found else ""


def compared_criteria() -> Compared:
    strengths = {row.code: "dropped" if row.withdrawn else str(row.strength) for row in points().codes}
    limits = points().classes
    ranges = {
        "pathogenic": f">={limits.pathogenic}",
        "likely_pathogenic": f"{limits.likely_pathogenic}..{limits.pathogenic - 1}",
        "uncertain": f"{limits.likely_benign + 1}..{limits.likely_pathogenic - 1}",
        "likely_benign": f"{limits.benign + 1}..{limits.likely_benign}",
        "benign": f"<={limits.benign}",
        "likely_benign_strict": f"<={limits.likely_benign_stricter}",
    }
    found: Compared = {}
    for line in of_kind("strength"):
        found[f"code {line['name']}", "strength"] = (line["value"].partition(" ")[0], strengths[line["name"]])
    for line in of_kind("points"):
        if line["name"] != "benign":
            found[f"points {line['name']}", "points"] = (line["value"], str(points().points[line["name"]]))
    for line in of_kind("class"):
        if line["name"] in ranges:
            found[f"class {line['name']}", "sum"] = (line["value"], ranges[line["name"]])
    for line in of_kind("limit"):
        if read_frequency(line) and line["name"] not in GAPS:
            found[f"limit {line['name']}", "frequency"] = (read_frequency(line), frequency(line["name"]))
    return found


@cache
def compared() -> Compared:
    found: Compared = {}
    lines = table("secondary_blind.tsv")
    for number, line in enumerate(lines, 2):
        found |= compared_condition(line, number, conditions()[f"condition {line['gene']} {line['mondo']}"])
    for gene, row in secondary().genes.items():
        found |= compared_gene([line for line in lines if line["gene"] == gene], row)
    for line in table("secondary_mechanism_blind.tsv"):
        found |= compared_loss(line, criteria().loss_of_function.get(line["gene"]))
    return found | compared_criteria()


@cache
def apart() -> frozenset[str]:
    """The rows that are apart in something, or of which a part was not read blind."""
    found = {row for (row, _), (read, written) in compared().items() if read != written} | set(BY_HAND)
    found |= {f"condition {gene} {mondo}" for gene, mondo in CORRECTED}
    found |= {f"gene {row.gene}" for row in secondary().genes.values() if row.onset_source}
    return frozenset(found | {f"filter {row.id}" for row in rules().filters})


@cache
def machine_read() -> frozenset[str]:
    """The rows that say so; a frequency rule and the file of points stand for everything in them."""
    found = {name: row.status for name, row in conditions().items()}
    found |= {f"gene {row.gene}": row.status for row in secondary().genes.values()}
    found |= {f"restriction {row.gene}": row.status for row in rules().restrictions}
    found |= {f"filter {row.id}": row.status for row in rules().filters}
    found |= {f"method {row.code}": row.status for row in automated().methods}
    found |= {f"common {row.gene or 'default'}": row.status for row in automated().common}
    found["points"] = points().status
    return frozenset(name for name, status in found.items() if status == "machine-read")


def digest(rows: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def test_the_tables_are_those_written_before_the_knowledge_was_opened() -> None:
    assert {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in SHA256} == SHA256


def test_both_have_the_same_genes_conditions_and_codes() -> None:
    lines = table("secondary_blind.tsv")
    assert [f"condition {line['gene']} {line['mondo']}" for line in lines] == list(conditions())
    assert list(dict.fromkeys(line["gene"] for line in lines)) == list(secondary().genes)
    assert sorted(line["name"] for line in of_kind("strength")) == sorted(row.code for row in points().codes)


def test_every_difference_is_listed_with_what_came_of_it() -> None:
    found = {key: pair for key, pair in compared().items() if pair[0] != pair[1]}
    assert found == {key: (read, written) for key, (read, written, _) in DISAGREEMENTS.items()}
    assert all(reason for *_, reason in DISAGREEMENTS.values()) and all(BY_HAND.values())


def test_limits_that_no_row_gives_are_still_given_by_none() -> None:
    assert {name: frequency(name) for name in GAPS if frequency(name)} == {}
    read = {line["name"] for line in of_kind("limit") if read_frequency(line)}
    assert GAPS.issubset(read)


def test_names_that_were_corrected_are_those_of_the_list() -> None:
    read = {(line["gene"], line["mondo"]): line["condition"] for line in table("secondary_blind.tsv")}
    for (gene, mondo), before in CORRECTED.items():
        row = conditions()[f"condition {gene} {mondo}"]
        assert (row.name, row.status) == (read[gene, mondo], "provisional")
        assert row.name != before


def test_only_what_agrees_is_machine_read() -> None:
    assert machine_read() & apart() == set()
    frequencies = {name for name in machine_read() if name.startswith("common ")}
    assert frequencies == {"common default", "common LDLR"}
    others = {name for name in machine_read() if not name.startswith(("condition ", "gene ", "common "))}
    assert others == {"restriction HFE"}


def test_the_change_that_counts_alone_is_the_one_that_was_read() -> None:
    (line,) = [line for line in table("secondary_mechanism_blind.tsv") if line["gene"] == "HFE"]
    (row,) = [row for row in rules().restrictions if row.gene == "HFE"]
    assert row.only_change is not None
    assert f"{row.only_change.protein} ({row.only_change.coding})" == line["limit"]


def test_rows_that_are_machine_read_are_as_they_were_compared() -> None:
    names = [f"{key} {row.name}" for key, row in conditions().items() if row.status == "machine-read"]
    loss = criteria().loss_of_function.values()
    dosage = [f"{row.gene} {row.dosage} {row.disease} {row.source}" for row in loss if row.status == "machine-read"]
    assert {"names": digest(names), "dosage": digest(dosage)} == AS_COMPARED


def test_every_gene_of_the_dosage_list_again(reference_data: Path) -> None:
    """The whole file, split by hand: a gene is there if its score is 3 or 30, with its condition."""
    text = (reference_data / "variants" / "ClinGen_gene_curation_list_GRCh38.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    read = {cells[0]: (SCORES[cells[4]], cells[21]) for cells in lines if cells[4] in SCORES}
    written = {gene: (row.dosage, row.disease) for gene, row in criteria().loss_of_function.items()}
    assert read == written
    assert all(row.source == f"clingen-dosage-2026-02#{gene}" for gene, row in criteria().loss_of_function.items())


def test_where_the_one_change_lies_by_counting_coding_bases(reference_data: Path) -> None:
    """c.845 of NM_000410: its exon begins with coding base 617; starts of the table are 0-based, the strand is forward."""
    text = (reference_data / "variants" / "acmg_sf_genes_exons_cds_refseq.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.startswith("NM_000410.")]
    ((start, first),) = [(int(row[2]), int(row[4])) for row in rows if int(row[4]) <= 845 <= int(row[5])]
    (row,) = [row for row in rules().restrictions if row.only_change is not None]
    assert row.only_change is not None
    assert row.only_change.allele == f"chr6:{start + 1 + 845 - first}:G:A"


@pytest.mark.parametrize("aspect", ["inheritance", "validity", "place"])
def test_a_changed_row_is_noticed(aspect: str) -> None:
    line = table("secondary_blind.tsv")[0]
    row = conditions()[f"condition {line['gene']} {line['mondo']}"]
    changed = replace(row, inheritance="recessive", validity="strong", source="acmg-sf-3.3#row-3")
    read, written = compared_condition(line, 2, changed)[f"condition {line['gene']} {line['mondo']}", aspect]
    assert read != written
    gene = secondary().genes[line["gene"]]
    two = compared_gene([line], replace(gene, needs="any", hgnc="HGNC:1"))
    assert [pair for pair in two.values() if pair[0] == pair[1]] == []


def test_agreement(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints how far the readings agree; not below what was seen when they were first compared."""
    found = {}
    corrected = {f"condition {gene} {mondo}" for gene, mondo in CORRECTED}
    different = {row for (row, _), (read, written) in compared().items() if read != written} | corrected
    for kind in SHARE:
        rows = {row for row, _ in compared() if row.startswith(f"{kind} ")}
        found[kind] = (len(rows - different), len(rows))
    with capsys.disabled():
        said = ", ".join(f"{kind} {agree}/{total}" for kind, (agree, total) in found.items())
        print(f"\nSecondary findings and criteria, second reading of {READ_ON}: {said}")
    assert all(agree / total >= SHARE[kind] for kind, (agree, total) in found.items())
