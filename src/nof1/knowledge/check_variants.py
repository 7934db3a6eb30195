"""What must hold in criteria and secondary findings beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, nearest
from nof1.knowledge.criteria import AutomatedFile, Criteria, PointsFile
from nof1.knowledge.schema import Source
from nof1.knowledge.secondary import Secondary, SecondaryRules, SitePolicy
from nof1.knowledge.tables import Problem

_STRENGTHS = ("supporting", "moderate", "strong", "very_strong")


def check(criteria: Criteria, secondary: Secondary, sources: dict[str, Source], problem: Problem) -> None:
    """Tell every breach in ``criteria`` and ``secondary``."""
    if criteria.points is not None:
        _check_points(criteria.points, sources, problem)
    if criteria.automated is not None:
        _check_automated(criteria.automated, criteria.points, sources, problem)
    for row in criteria.loss_of_function.values():
        _cited(row.source, row.checked, sources, f"criteria/loss_of_function.tsv {row.gene}", problem)
    _check_genes(secondary, sources, problem)
    if secondary.rules is not None:
        _check_list(secondary.rules, secondary, sources, problem)
    if secondary.policy is not None:
        for text in policy_problems(secondary.policy):
            problem(f"secondary_findings/policy.yaml: {text}")


def policy_problems(policy: SitePolicy) -> list[str]:
    """What is wrong with a site's policy, whether shipped or given as a file."""
    found = []
    if not 0 < policy.adult_from_years < 150:
        found.append(f"adult_from_years {policy.adult_from_years}; write an age in years above 0")
    if not 0 <= policy.least_stars <= 4:
        found.append(f"least_stars {policy.least_stars}; write 0 to 4")
    if not 0 < policy.assessed_share <= 1:
        found.append(f"assessed_share {policy.assessed_share}; write a share above 0, at most 1")
    return found


def _check_points(file: PointsFile, sources: dict[str, Source], problem: Problem) -> None:
    place = "criteria/points.yaml"
    _cited(file.points_source, file.checked, sources, place, problem)
    check_source(file.codes_source, sources, place, problem)
    check_source(file.classes.source, sources, place, problem)
    if sorted(file.points) != sorted(_STRENGTHS) or any(value <= 0 for value in file.points.values()):
        problem(f"{place}: points need a number above 0 for each of {', '.join(_STRENGTHS)}")
    names = [row.code for row in file.codes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problem(f"{place}: code {name!r} is written twice; remove one")
    limits = file.classes
    rising = [
        limits.benign,
        limits.likely_benign_stricter,
        limits.likely_benign,
        limits.likely_pathogenic,
        limits.pathogenic,
    ]
    if rising != sorted(rising) or limits.likely_benign >= limits.likely_pathogenic:
        problem(f"{place}: classes must rise from benign to pathogenic, the stricter likely benign below the other")


def _check_automated(file: AutomatedFile, points: PointsFile | None, sources: dict[str, Source], problem: Problem) -> None:
    place = "criteria/automated.yaml"
    codes = [row.code for row in points.codes] if points is not None else []
    for row in file.methods:
        here = f"{place} {row.code}"
        _cited(row.source, row.checked, sources, here, problem)
        if row.code not in codes:
            problem(f"{here}: is no code of points.yaml; {nearest(row.code, codes)}add it there")
        if not row.enabled and not row.reason:
            problem(f"{here}: is switched off without a reason; say why")
        if any(not 0 <= item.met <= item.looked for item in row.measured):
            problem(f"{here}: met must be between 0 and looked")
    for common in file.common:
        here = f"{place} common {common.gene or '(all genes)'}"
        _cited(common.source, common.checked, sources, here, problem)
        if any(value is not None and not 0 < value < 1 for value in (common.stand_alone, common.strong)):
            problem(f"{here}: frequencies are above 0 and below 1")
    cited = [row.source for row in file.exempt]
    for source in (*cited, file.null_tree.source, file.silent.source, file.least_alleles_source):
        check_source(source, sources, place, problem)


def _check_genes(known: Secondary, sources: dict[str, Source], problem: Problem) -> None:
    for gene in known.genes.values():
        place = f"secondary_findings/genes.tsv {gene.gene}"
        _cited(gene.source, gene.checked, sources, place, problem)
        if (gene.onset != "not_stated") != bool(gene.onset_source):
            problem(f"{place}: onset and onset_source go together")
        if gene.onset_source:
            check_source(gene.onset_source, sources, place, problem)
        if gene.gene not in known.conditions:
            problem(f"{place}: has no condition in conditions.tsv; add one")
    for name, rows in known.conditions.items():
        if name not in known.genes:
            problem(f"secondary_findings/conditions.tsv: gene {name!r} is not in genes.tsv; add it or remove the rows")
        for row in rows:
            _cited(row.source, row.checked, sources, f"secondary_findings/conditions.tsv {name}", problem)


def _check_list(rules: SecondaryRules, known: Secondary, sources: dict[str, Source], problem: Problem) -> None:
    place = "secondary_findings/rules.yaml"
    for source in (rules.source, rules.loss_terms_source, rules.review_source, rules.origins_source):
        check_source(source, sources, place, problem)
    for row in rules.restrictions:
        _cited(row.source, row.checked, sources, f"{place} {row.gene}", problem)
        _listed([row.gene], known, f"{place} {row.gene}", problem)
        if (row.only_change is None) == (not row.only_terms):
            problem(f"{place} {row.gene}: write one of only_change and only_terms")
    for item in rules.filters:
        check_id(item.id, place, problem)
        _cited(item.source, item.checked, sources, f"{place} {item.id}", problem)
        _listed(item.genes, known, f"{place} {item.id}", problem)
        if not (item.not_terms or item.conditions or item.transcript):
            problem(f"{place} {item.id}: catches nothing; write not_terms, conditions or transcript")


def _listed(genes: Sequence[str], known: Secondary, place: str, problem: Problem) -> None:
    for gene in genes:
        if gene not in known.genes:
            problem(f"{place}: {gene!r} is not in genes.tsv; {nearest(gene, known.genes)}add it there")


def _cited(source: str, checked: str, sources: dict[str, Source], place: str, problem: Problem) -> None:
    check_source(source, sources, place, problem)
    check_date(checked, place, problem)
