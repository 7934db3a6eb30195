"""The method ``certain`` on people of a reference panel: a position the panel lacks, and calibration."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from getrm_compare import pairs, truth_table

import nof1
from nof1.knowledge.compiled import knowledge
from nof1.pgx.call import prepare
from nof1.pgx.naming import Naming
from nof1.pgx.phenotype import meaning

ROOT = Path(__file__).parent.parent.parent
KNOWN = knowledge()
SURE = ("certain", "assured")
Row = dict[str, object]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "bench" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that worker processes find its functions
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def panel(reference_data: Path) -> Path:
    folder = reference_data / "pgx" / "kgp_3202_grch38"
    if not folder.is_dir():
        pytest.skip(f"reference data absent: no {folder.name} in NOF1_REFERENCE_DATA")
    return folder


@pytest.fixture(scope="module")
def populations(reference_data: Path) -> dict[str, str]:
    path = reference_data / "terms" / "allele_freq" / "1000G_samples_panel.tsv"
    with path.open() as file:
        return {row["sample"]: row["super_pop"] for row in csv.DictReader(file, delimiter="\t")}


def called(file: Path, gene: str, **how: str) -> dict[str, list[Row]]:
    """The rows of every person, by name."""
    columns = nof1.call([file], genes=[gene], **how)
    people: dict[str, list[Row]] = {}
    for values in zip(*columns.values(), strict=True):
        people.setdefault(str(values[0]), []).append(dict(zip(columns, values, strict=True)))
    return people


def test_no_row_names_half_of_an_allele_and_is_sure(panel: Path) -> None:
    """rs2279343 has no record: *9 may be *6."""
    people = called(panel / "CYP2B6.vcf.gz", "CYP2B6")
    assert len(people) == 3202
    bad = []
    for rows in people.values():
        for row in rows:
            names = set(re.findall(r"\*\d+", f"{row['diplotype']} {row['label']}"))
            if "*9" in names and "*6" not in names and row["diplotype_status"] in SURE:
                bad.append(row)
    assert bad == []
    assert any(row["status"] in SURE for rows in people.values() for row in rows)  # the phenotype may be


def test_published_shares_find_the_truth(panel: Path, reference_data: Path, populations: dict[str, str]) -> None:
    """GeT-RM people, none of whom was counted: truth within the 0.999 set, small sets, rank 1 mostly right."""
    truths = truth_table(reference_data / "pgx" / "getrm_truth.tsv")
    by_code = {code: called(panel / "CYP2B6.vcf.gz", "CYP2B6", population=code) for code in set(populations.values())}
    names = {row.name for row in KNOWN.genes["CYP2B6"].alleles}
    inside, first, sizes, apart, left_out = [], [], [], [], set(KNOWN.certainty.panel.left_out)
    for (sample, gene), written in truths.items():
        if gene != "CYP2B6" or sample not in populations or sample not in by_code["EUR"]:
            continue
        assert sample in left_out
        rows = by_code[populations[sample]][sample]
        truth = {"/".join(pair) for pair in pairs(gene, written, names)}
        if rows[0]["status"] == "no_call":  # phased genotypes that no pair of names fits contradict any truth
            apart.append(sample)
            continue
        total, within = 0.0, []
        for row in rows:
            if row["diplotype"] and total < 0.999:
                within.append(row["diplotype"])
                total += float(str(row["probability"]))
        inside.append(bool(truth & set(within)))
        first.append(rows[0]["diplotype"] in truth)
        sizes.append(len(within))
    print(f"{sum(inside)} of {len(inside)} inside, rank 1 {sum(first)}, mean set {np.mean(sizes):.2f}, apart {apart}")
    assert len(inside) >= 40
    assert len(apart) <= 1
    assert np.mean(inside) >= 0.98
    assert np.mean(first) >= 0.88
    assert np.mean(sizes) <= 8


@pytest.mark.parametrize("cases", [15_000, pytest.param(45_000, marks=pytest.mark.slow)])
def test_probabilities_are_right_as_often_as_they_say(panel: Path, reference_data: Path, cases: int) -> None:
    """A small run of the full calibration, with room for chance."""
    calibration = tool("calibration")
    people = reference_data / "terms" / "allele_freq" / "1000G_samples_panel.tsv"
    genes = ["CYP2B6", "CYP2C19", "CYP2C9", "CYP3A5", "NAT2", "SLCO1B1", "TPMT", "NUDT15", "UGT1A1"]
    known_people = {row["sample"] for row in calibration.table(people)}
    everyone = list(
        calibration.read_people(genes, [panel / f"{gene}.vcf.gz" for gene in genes], people, {}, known_people, "GRCh38")
    )
    result = calibration.judged(calibration.run(everyone, cases, seed=5), KNOWN.certainty.thresholds.assured)
    pooled = result["pooled"]
    assert result["cases"] > cases * 0.77
    for _, count, given, right, error in pooled["deciles"]:
        if count >= cases / 25:
            assert abs(right - given) <= 0.02 + 3 * error
    for gene, item in result["genes"].items():
        for _, count, given, right, error in item["deciles"]:
            if count >= cases / 150:
                assert abs(right - given) <= 0.03 + 4 * error, gene
        assert item["assured_wrong"] <= 0.015, gene
    assert pooled["assured_wrong"] <= 0.006
    assert pooled["brier"] <= 0.24
    assert pooled["assured_share"] >= 0.15
    assert pooled["assured_share_at_10"] >= 0.40


def test_the_page_shows_the_full_run() -> None:
    result = json.loads((ROOT / "docs" / "methods" / "calibration.json").read_text())
    page = (ROOT / "docs" / "methods" / "certainty.md").read_text()
    shown = tool("calibration_page")
    assert shown.tables(result) in page
    assert f"{result['cases']} cases" in page
    assert (ROOT / "docs" / "methods" / "calibration.svg").read_text() == shown.diagrams(result)
    pooled = result["pooled"]
    assert result["cases"] >= 1_000_000
    assert all(abs(right - given) <= 0.02 for _, cases, given, right, _ in pooled["deciles"] if cases >= 2000)
    assert all(item["assured_wrong"] <= 0.01 for item in result["genes"].values())
    assert pooled["assured_wrong"] <= 0.005
    assert pooled["p999_wrong"] <= 0.002


def test_a_name_is_what_a_whole_haplotype_means() -> None:
    """*6 is *9 with another base; the same vector without it is *9."""
    gene = KNOWN.genes["CYP2B6"]
    definition = prepare(gene).definition
    naming = Naming(gene, definition, meaning(gene))
    vector = np.zeros(len(definition.ids), np.int16)
    vector[definition.place("rs3745274")] = 1
    assert naming.names(vector) == ("*9",)
    vector[definition.place("rs2279343")] = 1
    assert naming.names(vector) == ("*6",)
