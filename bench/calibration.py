"""Is a share p of the phenotypes given with probability p right? Masks people of a reference panel and asks.

    python bench/calibration.py --panel FOLDER --panel-37 FOLDER --people PANEL.tsv --cases 1000000 --out docs/methods

Ten folds by family: the haplotypes of a person's fold are not counted when that person is asked. Definitions are cut to the
positions the panel has, since nothing is known about the others; the truth is what the person's two whole haplotypes mean,
"no named allele" included. Positions are masked at a rate drawn evenly from 5 to 95 %; every second case also loses its
phase. Each case is asked under the person's own population.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from nof1.genomics.blocks import patterns
from nof1.genomics.genomes import GenomeSet
from nof1.jobs.one_person import reading
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panels
from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty, HaplotypeCount
from nof1.model.genome import NO_STRAND
from nof1.pgx.call import prepare
from nof1.pgx.phenotype import meaning
from nof1.pgx.posterior import by_class, groups, normal
from nof1.pgx.strands import Strands
from nof1.pgx.weigher import Weigher

FOLDS = 10
GENES_LEFT_OUT = (
    "ABCG2",
    "VKORC1",
    "CACNA1S",
    "IFNL3",
    "CYP3A4",
    "CYP4F2",
)  # one position, or no phenotype to be right about
COLUMNS = ("gene", "person", "rate", "p", "right", "brier", "lowest_prior")


@dataclass(frozen=True)
class People:
    """Genotypes of one gene: ``one`` ``two`` (people, positions) allele numbers, ``two`` -2 where haploid."""

    gene: Gene
    one: np.ndarray
    two: np.ndarray
    population: np.ndarray
    fold: np.ndarray
    number: np.ndarray


def table(path: Path) -> list[dict[str, str]]:
    """A tab-separated table with a header line."""
    return list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))


def cut(gene: Gene) -> Gene:
    """The gene as the panel can show it: counted positions, and the alleles that these define alone."""
    counted = set(gene.frequencies.counted.positions) if gene.frequencies and gene.frequencies.counted else set()
    positions = [row for row in gene.positions if row.id in counted and row.used == "yes"]
    have = {row.id for row in positions}
    alleles = [
        row for row in gene.alleles
        if row.used == "yes" and row.variants != "outside"
        and all(token.rpartition(":")[0] in have for token in row.variants.split() if ":" in token)
    ]  # fmt: skip
    frequencies = msgspec.structs.replace(gene.frequencies, published=None)
    call = gene.file.call
    marker = call.paired_marker
    if marker and not {marker.both, marker.deciding_only} <= {row.name for row in alleles}:
        call = msgspec.structs.replace(call, paired_marker=None)
    file = msgspec.structs.replace(gene.file, call=msgspec.structs.replace(call, required=[]))
    return Gene(file, positions, alleles, frequencies, [])


def read_people(genes: Sequence[str], files: Sequence[Path], people: Path, families: dict[str, int], only: set[str],
                build: str) -> Iterator[People]:  # fmt: skip
    """The people of the panel with a known population, gene by gene; those with a gap are left out of the gene."""
    known = knowledge()
    codes = [item.code for item in known.certainty.populations]
    population = {row["sample"]: row["super_pop"] for row in table(people)}
    wanted, *also = (part.only(set(genes)) for part in panels(known))
    found = GenomeSet(files, wanted, reading(build=build), also=also)
    names = [name for name in found.names if name in population and name in only]
    rows = np.array([found.names.index(name) for name in names])
    pops = np.array([codes.index(population[name]) for name in names])
    fold = np.array([families.get(name, number) % FOLDS for number, name in enumerate(names)])
    for part in wanted.genes:
        gene = cut(known.genes[part.gene])
        if not gene.positions:
            continue
        shown = patterns(found.people, found.sites(part))
        ids = [locus.id for locus in shown.block.loci]
        columns = [ids.index(row.id) for row in gene.positions]
        genotype = shown.block.genotype[shown.rows[rows]][:, columns]
        one, two = genotype[:, :, 0].astype(np.int16), genotype[:, :, 1].astype(np.int16)
        haploid = (two == NO_STRAND).any(axis=1)
        two[haploid] = NO_STRAND
        documented = np.array([1 + len(row.alts) for row in gene.positions])
        whole = (one >= 0).all(axis=1) & ((two >= 0) | (two == NO_STRAND)).all(axis=1)
        whole &= (one < documented).all(axis=1) & (two < documented).all(axis=1)
        keep = np.flatnonzero(whole)
        yield People(gene, one[keep], two[keep], pops[keep], fold[keep], keep)


def counted(people: People, codes: Sequence[str], without: int) -> Gene:
    """The gene with the haplotypes of every fold but one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in np.flatnonzero(people.fold != without).tolist():
        for side in (people.one[row], people.two[row]):
            if side[0] == NO_STRAND:
                continue
            tokens = [
                f"{position.id}:{position.alts[number - 1]}"
                for position, number in zip(people.gene.positions, side, strict=True)
                if number > 0
            ]  # fmt: skip
            counts[" ".join(tokens) or "reference"][codes[people.population[row]]] += 1
    rows = [
        HaplotypeCount(name, " ".join(f"{code}:{number[code]}" for code in codes), "x", "provisional", "2000-01-01")
        for name, number in counts.items()
    ]
    return msgspec.structs.replace(people.gene, haplotypes=rows)


def ask(people: People, certainty: Certainty, cases: int, seed: int) -> np.ndarray:
    """(cases, columns) float: person, masking rate, probability given, whether right, Brier score; see ``COLUMNS``."""
    codes = [item.code for item in certainty.populations]
    rng = np.random.default_rng(seed)
    answers = []
    for fold in range(FOLDS):
        gene = counted(people, codes, fold)
        definition = prepare(gene).definition
        mine = np.flatnonzero(people.fold == fold)
        share = max(round(cases * len(mine) / len(people.one)), 1)
        for code in range(len(codes)):
            members = mine[people.population[mine] == code]
            if not len(members):
                continue
            weigher = Weigher(gene, definition, meaning(gene), certainty, (code,))
            answers.append(_ask(people, weigher, members, max(round(share * len(members) / len(mine)), 1), rng))
    return np.concatenate(answers)


def _ask(people: People, weigher: Weigher, members: np.ndarray, cases: int, rng: np.random.Generator) -> np.ndarray:
    terms = _Terms(weigher)
    places = np.arange(people.one.shape[1])
    seen_before: set[tuple[int, bytes, bool]] = set()
    rows: list[tuple[float, ...]] = []
    memory: dict[tuple[bytes, bytes, bytes, bool], np.ndarray] = {}
    tries = 0
    while len(rows) < cases and tries < 3 * cases:
        tries += 1
        person = int(rng.choice(members))
        rate = rng.uniform(0.05, 0.95)
        shown = rng.random(len(places)) >= rate
        has_phase = bool(tries % 2)
        case = (person, shown.tobytes(), has_phase)
        if not shown.any() or case in seen_before:
            continue
        seen_before.add(case)
        one, two = people.one[person][shown], people.two[person][shown]
        key = (shown.tobytes(), one.tobytes(), two.tobytes(), has_phase)
        if key not in memory:
            memory[key] = terms.given(_strands(places[shown], one, two, has_phase))
        given = memory[key]
        truth = terms.truth(people.one[person], people.two[person])
        best = int(np.argmax(given))
        expected = np.zeros(len(given))
        expected[truth] = 1
        named = best != terms.unnamed
        rows.append((people.number[person], rate, given[best] if named else 0.0, float(best == truth),
                     float(((given - expected) ** 2).sum()), float(named)))  # fmt: skip
    return np.array(rows).reshape(-1, 6)


def _strands(places: np.ndarray, one: np.ndarray, two: np.ndarray, has_phase: bool) -> Strands:
    haploid = bool(two[0] == NO_STRAND)
    differ = (one != two) & ~haploid
    unit = np.where(differ, 0 if has_phase else np.arange(1, len(places) + 1), 0)
    return Strands(places, one, two, unit.astype(np.int64), haploid, False, (), False)


class _Terms:
    """Phenotypes as numbers; the last is "no named allele"."""

    def __init__(self, weigher: Weigher) -> None:
        self.weigher = weigher
        classes = weigher.space.class_count
        self.names: list[str] = []
        self.table: dict[bool, np.ndarray] = {}
        for haploid in (False, True):
            made = np.full((classes, classes), -1)
            for one in range(classes):
                for two in range(1 if haploid else classes):
                    phenotype = weigher.phenotype(one, -1 if haploid else two)
                    if phenotype is not None:
                        if phenotype.term not in self.names:
                            self.names.append(phenotype.term)
                        made[one, two] = self.names.index(phenotype.term)
            self.table[haploid] = made
        self.unnamed = len(self.names)
        for made in self.table.values():
            made[made < 0] = self.unnamed
        self._truth: dict[tuple[bytes, bytes], int] = {}

    def given(self, strands: Strands) -> np.ndarray:
        found = groups(self.weigher.space, strands, np.zeros(len(strands.places)))
        table = normal(by_class(found, self.weigher.space))[0]
        result = np.zeros(self.unnamed + 1)
        np.add.at(result, self.table[strands.is_haploid].ravel(), table.ravel())
        if result.sum() == 0:
            result[self.unnamed] = 1.0
        return result

    def truth(self, one: np.ndarray, two: np.ndarray) -> int:
        key = (one.tobytes(), two.tobytes())
        if key not in self._truth:
            haploid = two[0] == NO_STRAND
            sides = np.stack([one] if haploid else [one, two])
            classes = self.weigher.naming.classes_of(sides).tolist()
            self._truth[key] = int(self.table[bool(haploid)][classes[0], 0 if haploid else classes[1]])
        return self._truth[key]


def _one_gene(people: People, certainty: Certainty, cases: int, seed: int) -> tuple[str, np.ndarray]:
    return people.gene.file.gene, ask(people, certainty, cases, seed)


def run(everyone: Sequence[People], cases: int, seed: int = 1, workers: int = 2) -> dict[str, np.ndarray]:
    """Answers by gene, about ``cases`` in all."""
    certainty = knowledge().certainty
    work = partial(_one_gene, certainty=certainty, cases=cases // len(everyone), seed=seed)
    with ProcessPoolExecutor(workers) as pool:
        return dict(pool.map(work, everyone))


def judged(answers: dict[str, np.ndarray], assured: float) -> dict[str, object]:
    """Deciles, errors, Brier score and how often and how rightly calls are assured; pooled and by gene."""
    pooled = np.concatenate(list(answers.values()))
    result: dict[str, object] = {"cases": len(pooled), "pooled": _judged(pooled, assured)}
    result["genes"] = {gene: _judged(table, assured) for gene, table in answers.items()}
    return result


def _judged(table: np.ndarray, assured: float) -> dict[str, object]:
    person, rate, p, right, brier, named = table.T
    given = named > 0
    deciles = []
    for low in np.arange(0, 1, 0.1):
        mine = given & (p >= low) & ((p < low + 0.1) | (low > 0.85))
        if mine.any():
            error = right[mine] - p[mine]
            by_person = np.bincount(np.unique(person[mine], return_inverse=True)[1], error - error.mean())
            se = float(np.sqrt((by_person**2).sum())) / int(mine.sum())
            deciles.append([round(float(low), 1), int(mine.sum()), float(p[mine].mean()), float(right[mine].mean()), se])
    sure, surest, tenth = given & (p >= assured), given & (p >= 0.999), (rate >= 0.075) & (rate <= 0.125)
    return {
        "deciles": deciles,
        "brier": float(brier.mean()),
        "assured_share": float(sure.mean()),
        "assured_share_at_10": float(sure[tenth].mean()) if tenth.any() else 0.0,
        "assured_wrong": float(1 - right[sure].mean()) if sure.any() else 0.0,
        "assured_cases": int(sure.sum()),
        "p999_wrong": float(1 - right[surest].mean()) if surest.any() else 0.0,
        "p999_cases": int(surest.sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panel", type=Path, required=True)
    parser.add_argument("--panel-37", type=Path, help="a panel on GRCh37, for genes that the first does not have")
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--families", type=Path, help="table with sample and family number; without it each person is one")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--genes", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    known = knowledge()
    genes = options.genes.split(",") if options.genes else [
        symbol for symbol, gene in known.genes.items() if gene.haplotypes and symbol not in GENES_LEFT_OUT
    ]  # fmt: skip
    families = {row["sample"]: int(row["family"]) for row in table(options.families)} if options.families else {}
    population = {row["sample"] for row in table(options.people)}
    everyone: list[People] = []
    for folder, build in ((options.panel, "GRCh38"), (options.panel_37, "GRCh37")):
        missing = [gene for gene in genes if gene not in {item.gene.file.gene for item in everyone}]
        here = {gene: folder / f"{gene}.vcf.gz" for gene in missing if folder and (folder / f"{gene}.vcf.gz").exists()}
        if here:
            everyone += read_people(list(here), list(here.values()), options.people, families, population, build)
    result = judged(run(everyone, options.cases), known.certainty.thresholds.assured)
    print(json.dumps(result["pooled"], indent=0))
    for gene, item in result["genes"].items():  # type: ignore[union-attr]
        bad = [d for d in item["deciles"] if d[1] >= 200 and abs(d[3] - d[2]) > 0.03 + 3 * d[4]]
        print(gene, {key: round(value, 4) for key, value in item.items() if key != "deciles"}, "OFF" if bad else "", bad)
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
