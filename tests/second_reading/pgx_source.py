"""Facts as the reference data state them: read here anew, without nof1's own readers."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
DEFINITIONS = DATA / "pgx/pharmcat_definitions"
GUIDELINES = DATA / "pgx/guidelines_pharmcat_v2.10.0_2024-03/guidelines"
OLDER = {"CYP2D6": "CYP2D6.cpic.2024-08-27", "G6PD": "G6PD.cpic.2023-08-08", "RYR1": "RYR1.cpic.2023-12-19"}
ABSENT = f"no reference data at {DATA}: set NOF1_REFERENCE_DATA to the folder that holds pgx/"
RENAMED = {"G6PD": {"Telti/Kobe": "Telti, Kobe"}}  # the older table of functions -> the newer definition
# RYR1, functions of the table of 2026-05-05 (PharmCAT's phenotype/RYR1.json of version 2026-05-05-00-25, as stored in
# madhavajay/PharmCAT at 162d746c; that of 2026-02-05 in phonegor95/PharmCAT at 1b371646 says the same). Read from there
# by eye on 2026-11-23, because the reference data hold only the table of 2023. Every other allele is of uncertain function.
RYR1_MALIGNANT = """
    c.38T>G c.97A>G c.103T>C c.130C>T c.463C>A c.487C>T c.488G>T c.529C>T c.533A>G c.742G>A c.742G>C c.982C>T c.1021G>A
    c.1021G>C c.1201C>T c.1202G>A c.1202G>T c.1565A>C c.1565A>G c.1589G>A c.1597C>T c.1615T>C c.1615T>G c.1630G>T
    c.1654C>T c.1840C>T c.1841G>T c.3166G>C c.5183C>T c.6349G>C c.6387C>G c.6487C>T c.6488G>A c.6488G>C c.6488G>T
    c.6502G>A c.6612C>G c.6617C>G c.6617C>T c.6628G>T c.6838G>A c.7007G>A c.7035C>A c.7036G>A c.7042_7044delGAG
    c.7043A>G c.7048G>A c.7060G>A c.7063C>T c.7076G>A c.7084G>A c.7090T>G c.7123G>A c.7124G>C c.7282G>A c.7291G>A
    c.7291G>T c.7300G>A c.7304G>A c.7304G>T c.7310C>T c.7354C>T c.7358T>C c.7360C>T c.7361G>A c.7372C>T c.7373G>A
    c.7373G>T c.7522C>T c.7523G>A c.7879G>C c.8026C>T c.9310G>A c.11315G>A c.11708G>A c.11969G>T c.12149C>A c.12700G>C
    c.12700G>T c.14209C>T c.14210G>A c.14477C>T c.14497C>T c.14512C>G c.14539G>C c.14545G>A c.14627A>G c.14803G>A
    c.14918C>T
"""
RYR1_NORMAL = """
    Reference c.418G>A c.2447C>T c.2797G>A c.3224G>A c.4024A>G c.4178A>G c.4711A>G c.5036G>A c.5317C>T c.5360C>T
    c.6178G>T c.6670C>T c.6961A>G c.7025A>G c.7816T>A c.8327C>T c.8360C>G c.10097G>A c.10100A>G c.10616G>A c.10747G>C
    c.11266C>G c.11798A>G c.12310G>C c.12406C>A c.12881C>T c.12884C>T c.13513G>C c.14168G>A
"""
MALIGNANT, UNCERTAIN, NORMAL = "Malignant Hyperthermia associated", "Uncertain function", "Normal function"
needs_data = pytest.mark.skipif(not (DATA / "pgx").is_dir(), reason=ABSENT)


@dataclass(frozen=True)
class Locus:
    """A position of a gene's definition. ``ref_copies``: repeats in the reference where the name counts repeats."""

    position: int
    rsid: str
    name: str
    ref: str
    alts: tuple[str, ...]
    ref_copies: int


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def table(path: Path, delimiter: str = "\t") -> list[dict[str, str]]:
    """The rows of a tab-separated file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def defined_genes() -> list[str]:
    """Every gene with an allele definition; empty where the data are absent."""
    return sorted(path.name.split("_")[0] for path in (DEFINITIONS / "definition/alleles").glob("*_translation.json"))


def phenotype_genes() -> list[str]:
    """Every gene with a table of functions."""
    found = {path.stem.replace("_", "-") for path in (DEFINITIONS / "phenotype").glob("*.json")}
    return sorted(found | (set(OLDER) if found else set()))


@cache
def definition(gene: str) -> dict[str, Any]:
    """The allele definition of a gene as published."""
    found: dict[str, Any] = _json(DEFINITIONS / f"definition/alleles/{gene}_translation.json")
    return found


@cache
def exemption(gene: str) -> dict[str, Any]:
    """What is said about the gene beside its definition; empty when nothing is."""
    found: dict[str, Any] = _json(DEFINITIONS / "definition/alleles/exemptions.json").get(gene, {})
    return found


@cache
def functions(gene: str) -> dict[str, Any]:
    """The table of functions and diplotypes of a gene."""
    folder, name = ("phenotype_older", OLDER[gene]) if gene in OLDER else ("phenotype", gene.replace("-", "_"))
    found: dict[str, Any] = _json(DEFINITIONS / folder / f"{name}.json")
    found = _renamed(found, RENAMED.get(gene, {}))
    return _with_newer_functions(found) if gene == "RYR1" else found


def _with_newer_functions(content: dict[str, Any]) -> dict[str, Any]:
    """The RYR1 table with the functions of 2026; diplotypes stay where both of their alleles kept their function."""
    newer = dict.fromkeys(allele_vectors("RYR1"), UNCERTAIN)
    newer |= dict.fromkeys(RYR1_MALIGNANT.split(), MALIGNANT)
    newer |= dict.fromkeys(RYR1_NORMAL.split(), NORMAL)
    kept = {name for name, function in content["haplotypes"].items() if newer[name] == function}
    rows = [row for row in content["diplotypes"] if set(row["diplotypekey"]) <= kept]
    return {"haplotypes": newer, "activityValues": {}, "diplotypes": rows}


def _renamed(content: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    for old, new in names.items():
        content["haplotypes"][new] = content["haplotypes"].pop(old)
        for row in content["diplotypes"]:
            row["diplotypekey"] = {new if name == old else name: copies for name, copies in row["diplotypekey"].items()}
    return content


def loci(gene: str) -> list[Locus]:
    """Positions of the definition, ascending."""
    found = []
    for row in definition(gene)["variants"]:
        copies = [re.search(r"\((\d+)\)$", name) for name, text in row["cpicToVcfAlleleMap"].items() if text == row["ref"]]
        number = int(copies[0][1]) if copies and copies[0] else 1
        found.append(
            Locus(row["position"], row["rsid"] or "", row["chromosomeHgvsName"], row["ref"], tuple(row["alts"]), number)
        )
    return sorted(found, key=lambda locus: locus.position)


def identifiers(gene: str) -> dict[int, str]:
    """Position -> rs number where one position of the gene has it, otherwise ``g.position``."""
    rows = loci(gene)
    often = Counter(row.rsid for row in rows)
    return {row.position: row.rsid if row.rsid and often[row.rsid] == 1 else f"g.{row.position}" for row in rows}


def ignored(gene: str) -> set[int]:
    """Positions of the definition that are to be ignored.

    An ignored position is recognised by its rs number, or by its name when it has none: another variant that begins at
    the same base is not meant (G6PD Chatham at the base before an ignored deletion).
    """
    found = set()
    for wanted in exemption(gene).get("ignoredPositions", []):
        for row in loci(gene):
            same = row.rsid == wanted["rsid"] if wanted["rsid"] else row.name == wanted["chromosomeHgvsName"]
            if same:
                found.add(row.position)
    return found


def allele_vectors(gene: str) -> dict[str, dict[int, str]]:
    """Allele -> {position: base or IUPAC code}, only where the definition says something."""
    places = [row["position"] for row in definition(gene)["variants"]]
    left_out = {name.lower() for name in exemption(gene).get("ignoredAlleles", [])}
    return {
        row["name"]: {place: text for place, text in zip(places, row["alleles"], strict=True) if text is not None}
        for row in definition(gene)["namedAlleles"]
        if row["name"].lower() not in left_out
    }


def span(locus: Locus) -> str:
    """Reference bases from the left-most to the right-most place of an insertion or deletion.

    The variant call file has the left-most place, the HGVS name the right-most one (3' rule). Moving an indel of length
    L one base to the right leaves the haplotype unchanged only if the base passed equals the one L before it, so the
    bases between the two places repeat with period L.
    """
    lengths = {len(text) - len(locus.ref) for text in locus.alts}
    if lengths == {0}:
        return ""
    step = min(abs(length) for length in lengths if length)
    longest = max((locus.ref, *locus.alts), key=len)
    unit = longest[1 : 1 + step]
    bases = [locus.ref[0]]
    while len(bases) < _last_base(locus, step) - locus.position + 1:
        bases.append(unit[(len(bases) - 1) % step])
    return "".join(bases)


def _last_base(locus: Locus, step: int) -> int:
    ends = set()
    for name in locus.name.split("; "):
        if match := re.fullmatch(r"g\.(\d+)(?:_(\d+))?(?:del|dup)[ACGT]*", name):
            ends.add(int(match[2] or match[1]))
        elif match := re.fullmatch(r"g\.(\d+)_(\d+)ins[ACGT]+", name):
            ends.add(int(match[1]))
        elif match := re.fullmatch(r"g\.(\d+)([ACGT]+)\[\d+\]", name):
            assert len(match[2]) == step, f"unit of {name} is not {step} bases"
            ends.add(int(match[1]) + step * locus.ref_copies - 1)
        else:
            raise AssertionError(f"HGVS name {name!r} was not understood")
    assert len(ends) == 1, f"{locus.name}: names end at {ends}"
    return ends.pop()


@dataclass(frozen=True)
class Row:
    """One recommendation row of the source."""

    id: str
    drug: str
    lookup: dict[str, str]
    population: str
    strength: str
    is_dosing: bool
    is_alternative: bool
    is_other: bool
    implications: str
    text: str
    guideline: str

    @property
    def is_instruction_for_use(self) -> bool:
        """The row only tells how to write copy numbers."""
        return "xN combinations" in self.lookup.values()


@cache
def cpic_rows() -> tuple[Row, ...]:
    """All rows of CPIC."""
    found = []
    for row in table(DATA / "pgx/recommendations_cpic_dpwg_2024-03.tsv"):
        if row["source"] != "CPIC":
            continue
        lookup = dict(part.strip().split("=", 1) for part in row["lookup"].split(";"))
        flags = [row[name] == "1" for name in ("dosing_info", "alternate_drug", "other_guidance")]
        found.append(
            Row(
                row["recommendation_id"],
                row["drug"],
                lookup,
                row["population"],
                row["strength"],
                *flags,
                row["implications"],
                row["text"],
                row["guideline_id"],
            )
        )
    return tuple(found)


def cpic_drugs() -> list[str]:
    """Every drug of a CPIC guideline, with rows or without."""
    return sorted(
        {drug["name"] for path in GUIDELINES.glob("CPIC_*.json") for drug in _json(path)["guideline"]["relatedChemicals"]}
    )


@cache
def guideline_citations() -> dict[str, list[dict[str, Any]]]:
    """Drug -> citations of its CPIC guideline."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(GUIDELINES.glob("CPIC_*.json")):
        content = _json(path)
        for drug in content["guideline"]["relatedChemicals"]:
            found.setdefault(drug["name"], []).extend(content["citations"])
    return found
