"""Every result a gene can have, for genes about which nothing is known."""

from __future__ import annotations

from nof1.decision.standing import Result
from nof1.knowledge.schema import Gene
from nof1.pgx.phenotype import meaning


def every_result(gene: Gene) -> tuple[Result, ...]:
    """One result for each phenotype the gene's rule can give (one for each score, where it has scores)."""
    rule = gene.file.phenotype
    if rule is None:
        return ()
    if rule.method == "activity_score":
        terms = meaning(gene)
        scores = [(row.phenotype, score) for row in rule.score_rows for score in terms.scores_of(row.phenotype)]
        return tuple(Result(score, f"{term} (activity score {score})") for term, score in scores)
    words = [row.phenotype for row in rule.rows] + [row.phenotype for row in rule.sufficient]
    words += [word for row in rule.presence_rows for word in (row.positive, row.negative)]
    return tuple(Result(word, word) for word in dict.fromkeys(words))
