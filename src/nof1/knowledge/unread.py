"""Which files of a knowledge folder nothing reads: a folder or file with a slip in its name, told with what was meant."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from nof1.knowledge.edition import KEPT, files, named
from nof1.knowledge.tables import Problem

_FOLDERS = (
    "criteria",
    "dose_equations",
    "dosing",
    "drugs",
    "family_rules",
    "gene_models",
    "genes",
    "guidelines",
    "interactions",
    "limits",
    "pk_models",
    "prevention",
    "response",
    "risk_equations",
    "secondary_findings",
    "sources",
    "terms",
)
_SINGLE = ("assertions.yaml", "certainty.yaml", "exposure.yaml", "modulators.tsv", "phenoconversion.yaml", "record.yaml")
_GENE = ("alleles.tsv", "frequencies.yaml", "gene.yaml", "haplotypes.tsv", "positions.tsv")
_READ = re.compile(
    rf"(?:dose_equations|dosing|drugs|family_rules|guidelines|interactions|limits|pk_models|prevention|response|risk_equations|sources|terms)/.+\.yaml"
    r"|terms/drugs[^/]*\.tsv"
    rf"|genes/[^/]+/(?:{'|'.join(map(re.escape, _GENE))})|{'|'.join(map(re.escape, _SINGLE))}"
    r"|gene_models/(?:transcripts[^/]*\.tsv|chromosomes\.tsv|rules\.yaml)"
    r"|interactions/never_interrupt\.tsv|guidelines/fda/rows\.tsv"
    r"|criteria/(?:points|automated)\.yaml|criteria/loss_of_function\.tsv"
    r"|secondary_findings/(?:rules|policy)\.yaml|secondary_findings/(?:genes|conditions)\.tsv"
)
_ENDS = (".yaml", ".yml", ".tsv")  # what is written as knowledge, rightly or not; other files are nobody's business


def check(folders: Sequence[Path], problem: Problem) -> None:
    """Tell every file in ``folders`` that looks like knowledge and is not read."""
    genes = {name.removesuffix("/gene.yaml") for name, _ in files(folders) if name.endswith("/gene.yaml")}
    for folder in folders:
        for name in sorted(name for name, _ in named(folder) if name.lower().endswith(_ENDS)):
            if not _READ.fullmatch(name):
                problem(f"{name}: is read by nothing; {_meant(name)}")
            elif name.startswith("genes/") and name.rsplit("/", 1)[0] not in genes:
                place = name.rsplit("/", 1)[0]
                problem(f"{name}: is read by nothing; {_near(place, genes) or f'add {place}/gene.yaml'}")


def _meant(name: str) -> str:
    stem, end = os.path.splitext(name)
    if end not in KEPT:
        return f"did you mean {stem}{'.tsv' if end.lower() == '.tsv' else '.yaml'}?"
    parts = name.split("/")
    if len(parts) == 1:
        return _near(name, _SINGLE) or _layout()
    if parts[0] == "genes":
        return _near(parts[-1], _GENE) or f"a gene has {', '.join(_GENE)}"
    if parts[0] == "gene_models":
        return "gene_models/ holds transcripts*.tsv, chromosomes.tsv and rules.yaml"
    if parts[0] in _FOLDERS:
        return f"{parts[0]}/ holds .yaml files" + (", and tables named drugs*.tsv" if parts[0] == "terms" else "")
    inner = next((number for number, part in enumerate(parts) if part in _FOLDERS), None)
    if inner is not None:
        return f"name the folder {'/'.join(parts[:inner])} itself"
    return _near(f"{parts[0]}/", [f"{folder}/" for folder in _FOLDERS]) or _layout()


def _near(name: str, among: Sequence[str] | set[str]) -> str:
    found = get_close_matches(name.lower(), {item.lower() for item in among}, n=1, cutoff=0.6)
    return next((f"did you mean {item}?" for item in sorted(among) if found and item.lower() == found[0]), "")


def _layout() -> str:
    return f"known are {', '.join(f'{folder}/' for folder in _FOLDERS)}, {', '.join(_SINGLE)}"
