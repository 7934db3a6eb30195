"""Loads ``gene_models/``: transcripts, chromosomes and the distances that rules on transcripts use."""

from __future__ import annotations

import re
from pathlib import Path

from nof1.knowledge.gene_models import ChromosomeRow, GeneModels, TranscriptRow, TranscriptRules
from nof1.knowledge.tables import Problem, read_tsv, read_yaml

_TRANSCRIPTS = re.compile(r"gene_models/transcripts[^/]*\.tsv")


def load_gene_models(found: list[tuple[str, Path]], problem: Problem) -> GeneModels:
    """The gene models in ``found`` (name inside its folder, path); absent is empty."""
    transcripts: list[TranscriptRow] = []
    chromosomes: list[ChromosomeRow] = []
    rules: TranscriptRules | None = None

    def tell(text: str) -> None:
        problem(f"gene_models/{text}")

    for name, path in found:
        if _TRANSCRIPTS.fullmatch(name):
            transcripts += read_tsv(path, TranscriptRow, tell)
        elif name == "gene_models/chromosomes.tsv":
            chromosomes = read_tsv(path, ChromosomeRow, tell)
        elif name == "gene_models/rules.yaml":
            rules = read_yaml(path, TranscriptRules, tell)
    return GeneModels(transcripts, chromosomes, rules)
