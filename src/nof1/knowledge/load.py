"""Loads a folder of knowledge files, all problems at once, into one checked ``Knowledge``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nof1.errors import KnowledgeError
from nof1.knowledge import (
    check_assertions,
    check_care,
    check_dose_equations,
    check_drugs,
    check_frequencies,
    check_gene_models,
    check_genes,
    check_kinetics,
    check_outcomes,
    check_prevention,
    check_risks,
    check_variants,
    unread,
)
from nof1.knowledge.assertion_terms import AssertionTerms
from nof1.knowledge.edition import SHIPPED, digest, files
from nof1.knowledge.load_care import load_care
from nof1.knowledge.load_gene_models import load_gene_models
from nof1.knowledge.load_kinetics import load_kinetics
from nof1.knowledge.load_outcomes import load_outcomes
from nof1.knowledge.load_prevention import load_prevention
from nof1.knowledge.load_risks import load_risks
from nof1.knowledge.load_variants import load_criteria, load_secondary
from nof1.knowledge.schema import Allele, DrugFile, Edition, Gene, GeneFile, Knowledge, Position, Source
from nof1.knowledge.shape import Spec
from nof1.knowledge.tables import Problem, read_tsv, read_yaml
from nof1.knowledge.weighing import Certainty, Frequencies, HaplotypeCount


class _Sources(Spec, frozen=True):
    schema: int
    sources: list[Source]


def load(folders: Sequence[Path] = (SHIPPED,)) -> Knowledge:
    """The knowledge in ``folders``; raises ``KnowledgeError`` with every problem found."""
    problems: list[str] = []
    unread.check(folders, problems.append)
    found = files(folders)
    sources = _load_sources(found, problems.append)
    genes = _load_genes(found, problems.append)
    drugs = _load_drugs(found, problems.append)
    guidelines = _load_guidelines(found, problems.append)
    certainty = _load_certainty(found, problems.append)
    care, places = load_care(found, problems.append)
    kinetics = load_kinetics(found, problems.append)
    responses = load_outcomes(found, problems.append)
    gene_models = load_gene_models(found, problems.append)
    criteria, secondary = load_criteria(found, problems.append), load_secondary(found, problems.append)
    prevention = load_prevention(found, problems.append)
    risks = load_risks(found, care, problems.append)
    assertions = _load_assertions(found, problems.append)
    check_genes.check(genes, sources, problems.append)
    check_drugs.check(drugs.values(), genes, sources, problems.append)
    check_drugs.check((file for files in guidelines.values() for file in files), genes, sources, problems.append)
    check_care.check(care, places, sources, genes, problems.append)
    check_kinetics.check(kinetics, sources, care, genes, problems.append)
    check_dose_equations.check(kinetics.equations, sources, care, genes, problems.append)
    check_outcomes.check(responses, sources, care, problems.append)
    check_gene_models.check(gene_models, sources, problems.append)
    check_variants.check(criteria, secondary, sources, problems.append)
    check_prevention.check(prevention, sources, care, problems.append, risks)
    check_risks.check(risks, sources, care, problems.append)
    check_assertions.check(assertions, sources, problems.append)
    if certainty is not None:
        check_frequencies.check(genes, certainty, sources, problems.append)
    if problems or certainty is None:
        raise KnowledgeError(sorted(problems))
    edition = Edition(
        digest(folders),
        max(
            dates(
                [genes, drugs, guidelines, care, kinetics, responses, criteria, secondary, prevention, risks, gene_models]
            ),
            default="",
        ),
        len(found),
    )
    heads = (edition, sources, genes, drugs, certainty, guidelines, care)
    return Knowledge(*heads, kinetics, responses, criteria, secondary, prevention, risks, gene_models, assertions)


def _load_certainty(found: list[tuple[str, Path]], problem: Problem) -> Certainty | None:
    path = dict(found).get("certainty.yaml")
    if path is None:
        problem("certainty.yaml is missing; it names the populations and thresholds of calls")
        return None
    return read_yaml(path, Certainty, problem)


def _load_assertions(found: list[tuple[str, Path]], problem: Problem) -> AssertionTerms:
    path = dict(found).get("assertions.yaml")
    return (read_yaml(path, AssertionTerms, problem) if path else None) or AssertionTerms()


def _load_sources(found: list[tuple[str, Path]], problem: Problem) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for name, path in found:
        if not name.startswith("sources/") or not name.endswith(".yaml"):
            continue
        if (file := read_yaml(path, _Sources, _in(name, problem))) is not None:
            for source in file.sources:
                if source.id in sources:
                    problem(f"{name}: source {source.id!r} is written twice; remove one")
                sources[source.id] = source
    return sources


def _load_genes(found: list[tuple[str, Path]], problem: Problem) -> dict[str, Gene]:
    genes: dict[str, Gene] = {}
    for name, path in found:
        if not (name.startswith("genes/") and name.endswith("/gene.yaml")):
            continue
        folder = name.removesuffix("gene.yaml")
        tables = dict(found)
        file = read_yaml(path, GeneFile, _in(folder, problem))
        positions = read_tsv(
            tables.get(f"{folder}positions.tsv", path.parent / "positions.tsv"), Position, _in(folder, problem)
        )
        alleles = read_tsv(tables.get(f"{folder}alleles.tsv", path.parent / "alleles.tsv"), Allele, _in(folder, problem))
        if file is not None:
            if folder != f"genes/{file.gene}/":
                problem(f"{name}: gene is {file.gene!r}; the folder must carry the same name")
            genes[file.gene] = Gene(file, positions, alleles, *_load_frequencies(tables, folder, problem))
    return genes


def _load_frequencies(
    tables: dict[str, Path], folder: str, problem: Problem
) -> tuple[Frequencies | None, list[HaplotypeCount]]:
    """A gene may have none: nothing is then said about what was not seen."""
    path, counts = tables.get(f"{folder}frequencies.yaml"), tables.get(f"{folder}haplotypes.tsv")
    frequencies = read_yaml(path, Frequencies, _in(folder, problem)) if path else None
    return frequencies, read_tsv(counts, HaplotypeCount, _in(folder, problem)) if counts else []


def _load_drugs(found: list[tuple[str, Path]], problem: Problem) -> dict[str, DrugFile]:
    drugs: dict[str, DrugFile] = {}
    for name, path in found:
        if not name.startswith("drugs/") or not name.endswith(".yaml"):
            continue
        if (file := read_yaml(path, DrugFile, _in("drugs/", problem))) is not None:
            if file.drug.replace(" ", "_") != path.stem:
                problem(f"{name}: drug is {file.drug!r}; the file must carry the same name")
            drugs[file.drug] = file
    return drugs


def _load_guidelines(found: list[tuple[str, Path]], problem: Problem) -> dict[str, list[DrugFile]]:
    """Files ``guidelines/BODY/DRUG.GENE[.GENE].yaml`` by drug."""
    files: dict[str, list[DrugFile]] = {}
    for name, path in found:
        if not name.startswith("guidelines/") or not name.endswith(".yaml"):
            continue
        if (file := read_yaml(path, DrugFile, _in(name, problem))) is not None:
            wanted = ".".join([file.drug.replace(" ", "_"), *file.genes])
            if path.stem != wanted and not path.stem.startswith(f"{wanted}."):
                problem(f"{name}: drug {file.drug!r} of {', '.join(file.genes)}; the file must be named {wanted}.yaml")
            files.setdefault(file.drug, []).append(file)
    return files


def _in(folder: str, problem: Problem) -> Problem:
    def tell(text: str) -> None:
        problem(f"{folder if folder.endswith('/') else folder.rsplit('/', 1)[0] + '/'}{text}")

    return tell


def dates(part: object) -> Iterator[str]:
    """Every checked-on date within ``part``, however deep it stands, in any order."""
    waiting = [part]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str | float | int):
            continue  # most of what there is
        if isinstance(here, Spec):
            if date := getattr(here, "checked", ""):
                yield date
            waiting += [getattr(here, name) for name in here.__struct_fields__]
        elif isinstance(here, list | tuple):
            waiting += here
        elif isinstance(here, Mapping):
            waiting += here.values()
