"""Loads what is known of disease variants: evidence codes, and the genes of secondary findings."""

from __future__ import annotations

from pathlib import Path

from nof1.knowledge.criteria import AutomatedFile, Criteria, LossOfFunction, PointsFile
from nof1.knowledge.secondary import Secondary, SecondaryCondition, SecondaryGene, SecondaryRules, SitePolicy
from nof1.knowledge.tables import Problem, read_tsv, read_yaml


def load_criteria(found: list[tuple[str, Path]], problem: Problem) -> Criteria:
    """The files of ``criteria/`` in ``found`` (name inside its folder, path); absent is empty."""
    paths, tell = dict(found), _in("criteria/", problem)
    points, automated = paths.get("criteria/points.yaml"), paths.get("criteria/automated.yaml")
    genes: dict[str, LossOfFunction] = {}
    if table := paths.get("criteria/loss_of_function.tsv"):
        for row in read_tsv(table, LossOfFunction, tell):
            if row.gene in genes:
                tell(f"loss_of_function.tsv: gene {row.gene!r} is written twice; remove one")
            genes[row.gene] = row
    return Criteria(
        read_yaml(points, PointsFile, tell) if points else None,
        read_yaml(automated, AutomatedFile, tell) if automated else None,
        genes,
    )


def load_secondary(found: list[tuple[str, Path]], problem: Problem) -> Secondary:
    """The files of ``secondary_findings/`` in ``found``; absent is empty."""
    paths, tell = dict(found), _in("secondary_findings/", problem)
    folder = "secondary_findings/"
    rules, policy = paths.get(f"{folder}rules.yaml"), paths.get(f"{folder}policy.yaml")
    genes: dict[str, SecondaryGene] = {}
    conditions: dict[str, list[SecondaryCondition]] = {}
    if table := paths.get(f"{folder}genes.tsv"):
        for row in read_tsv(table, SecondaryGene, tell):
            if row.gene in genes:
                tell(f"genes.tsv: gene {row.gene!r} is written twice; remove one")
            genes[row.gene] = row
    if table := paths.get(f"{folder}conditions.tsv"):
        for condition in read_tsv(table, SecondaryCondition, tell):
            conditions.setdefault(condition.gene, []).append(condition)
    return Secondary(
        read_yaml(rules, SecondaryRules, tell) if rules else None,
        read_yaml(policy, SitePolicy, tell) if policy else None,
        genes,
        conditions,
    )


def _in(folder: str, problem: Problem) -> Problem:
    return lambda text: problem(f"{folder}{text}")
