"""Which one fact that nobody has would change most: unknown genes and unknown facts of the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nof1.decision.advise import advise_drug
from nof1.decision.chart import Chart
from nof1.decision.limits import limits
from nof1.decision.standing import Result, Standing
from nof1.knowledge.fact_words import condition_words, titles_of
from nof1.knowledge.formula import parse
from nof1.model.findings import Action, Missing

_SHOWN = 5


def missing(chart: Chart) -> tuple[Missing, ...]:
    """Unknown facts that would change advice on drugs taken, planned or asked about, the most consequential first."""
    drugs = list(dict.fromkeys([*chart.asked, *(item.drug for item in chart.drugs if chart.concerns(item.drug))]))
    found = [*_genes(chart, drugs), *_facts(chart, drugs)]
    ordered = sorted(found, key=lambda pair: pair[0])
    return tuple(item for _, item in ordered[:_SHOWN])


def _genes(chart: Chart, drugs: list[str]) -> Iterator[tuple[tuple[int, float, int, str], Missing]]:
    asked: dict[str, list[str]] = {}
    for drug in drugs:
        for file in chart.shelf.advising(drug):
            for gene in file.genes if file.rules else ():
                if len(chart.standings[gene].results) != 1 and drug not in asked.setdefault(gene, []):
                    asked[gene].append(drug)
    for gene, mine in asked.items():
        if mine and (made := _gene(chart, gene, mine)):
            yield made


def _gene(chart: Chart, gene: str, drugs: list[str]) -> tuple[tuple[int, float, int, str], Missing] | None:
    """What settling ``gene`` could change for ``drugs``: every headline that depends on its result."""
    standing = chart.standings[gene]
    options = standing.results or _one_each(chart.shelf.results(gene))
    outcomes = {drug: {} for drug in drugs}  # type: dict[str, dict[Action, list[Result]]]
    for result in options:
        settled = replace(chart, standings={**chart.standings, gene: replace(standing, results=(result,))})
        for drug in drugs:
            outcomes[drug].setdefault(advise_drug(settled, drug).headline, []).append(result)
    changing = {drug: found for drug, found in outcomes.items() if len(found) > 1}
    if not changing:
        return None
    told = [_told(drug, found) for drug, found in changing.items()]
    worst = min(action.urgency for found in changing.values() for action in found)
    chance = _chance(standing, changing)
    item = Missing(gene, standing.needs or (f"a test of {gene}",), tuple(told), tuple(changing), chance)
    return (worst, -(chance if chance is not None else 0.5), -len(changing), gene), item


def _one_each(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """One result for each phenotype: the words before the score tell phenotypes apart."""
    found: dict[str, Result] = {}
    for result in results:
        found.setdefault(result.words.split(" (activity score")[0], result)
    return tuple(found.values())


def _told(drug: str, found: dict[Action, list[Result]]) -> str:
    parts = []
    for action, results in sorted(found.items(), key=lambda pair: pair[0].urgency):
        names = dict.fromkeys(result.words.split(", not settled")[0].split(" (activity score")[0] for result in results)
        parts.append(f"{action.value.replace('_', ' ')} if {' or '.join(list(names)[:3])}")
    return f"{drug}: {'; '.join(parts)}"


def _chance(standing: Standing, changing: dict[str, dict[Action, list[Result]]]) -> float | None:
    """The highest chance that the result asks for something else than the likeliest one does."""
    if not standing.results or any(result.chance is None for result in standing.results):
        return None
    likeliest = max(standing.results, key=lambda result: result.chance or (0.0, 0.0))
    other = [
        sum((result.chance or (0.0, 0.0))[1] for results in found.values() if likeliest not in results for result in results)
        for found in changing.values()
    ]
    return min(max(other), 1.0)


def _facts(chart: Chart, drugs: list[str]) -> Iterator[tuple[tuple[int, float, int, str], Missing]]:
    titles = titles_of(chart.shelf.known.care)
    found: dict[str, list[tuple[Action, str, tuple[str, ...]]]] = {}
    for drug in drugs:
        for limit, told in limits(chart, drug)[1]:
            action = min((Action(action) for action in limit.actions), key=lambda item: item.urgency)
            for name in sorted(parse(limit.when).names - set(chart.situation.facts)):
                when = condition_words(limit.when, titles)
                text = f"{drug}: {action.value.replace('_', ' ')} if {when}"
                found.setdefault(name, []).append((action, text, told.needs))
    for name, rows in found.items():
        affected = tuple(dict.fromkeys(text.partition(":")[0] for _, text, _ in rows))
        needs = chart.situation.unknown[name].needs if name in chart.situation.unknown else rows[0][2]
        worst = min(action.urgency for action, _, _ in rows)
        item = Missing(name, needs or (titles.get(name, name),), tuple(dict.fromkeys(text for _, text, _ in rows)), affected)
        yield (worst, -0.5, -len(affected), name), item
