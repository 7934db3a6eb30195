"""What must hold in a gene's files beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.schema import Allele, Calling, Gene, PhenotypeRule, Position, Source
from nof1.knowledge.tables import Problem
from nof1.model.bases import IUPAC

_BASES = re.compile(r"[ACGT]+")
_WORDS = ("reference", "all", "outside")


def check(genes: dict[str, Gene], sources: dict[str, Source], problem: Problem) -> None:
    """Tell every breach in ``genes``."""
    for gene in genes.values():
        place = f"genes/{gene.file.gene}"
        _check_rows(gene, sources, place, problem)
        _check_positions(gene, place, problem)
        _check_alleles(gene, place, problem)
        _check_call(gene, gene.file.call, sources, place, problem)
        if gene.file.phenotype is not None:
            _check_phenotype(gene, gene.file.phenotype, sources, place, problem)


def check_source(text: str, sources: dict[str, Source], place: str, problem: Problem) -> None:
    """A source reference must be ``id#place`` with a known id."""
    identifier, _, where = text.partition("#")
    if identifier not in sources:
        problem(f"{place}: source {text!r} is not in sources/; add it there or correct the id")
    elif not where:
        problem(f"{place}: source {text!r} names no place; write {identifier}#place")


def check_date(text: str, place: str, problem: Problem) -> None:
    """A checked-on date must be ISO 8601."""
    try:
        date.fromisoformat(text)
    except ValueError:
        problem(f"{place}: checked is {text!r}; write YYYY-MM-DD")


def _check_rows(gene: Gene, sources: dict[str, Source], place: str, problem: Problem) -> None:
    tables: tuple[tuple[str, Sequence[Position | Allele]], ...] = (
        ("positions.tsv", gene.positions),
        ("alleles.tsv", gene.alleles),
    )
    for table, rows in tables:
        for number, row in enumerate(rows, start=2):
            check_source(row.source, sources, f"{place}/{table} row {number}", problem)
            check_date(row.checked, f"{place}/{table} row {number}", problem)
    for number, position in enumerate(gene.positions, start=2):
        if position.from_37:
            check_source(position.from_37, sources, f"{place}/positions.tsv row {number}", problem)
    for number, allele in enumerate(gene.alleles, start=2):
        if allele.function_source:
            check_source(allele.function_source, sources, f"{place}/alleles.tsv row {number}", problem)


def _check_positions(gene: Gene, place: str, problem: Problem) -> None:
    previous = 0
    for number, row in enumerate(gene.positions, start=2):
        where = f"{place}/positions.tsv row {number}"
        for allele in [row.ref, *row.alts]:
            if not _BASES.fullmatch(allele):
                problem(f"{where}: allele {allele!r} of {row.id}; write A, C, G, T")
        if row.ref in row.alts or len(set(row.alts)) != len(row.alts):
            problem(f"{where}: alts {','.join(row.alts)} repeat an allele; list each once, without ref {row.ref}")
        if row.span and not row.span.startswith(row.ref):
            problem(f"{where}: span {row.span!r} does not begin with ref {row.ref!r}")
        if row.position <= previous:
            problem(f"{where}: position {row.position} after {previous}; sort ascending, one row a position")
        previous = row.position
    for identifier, count in Counter(row.id for row in gene.positions).items():
        if count > 1:
            problem(f"{place}/positions.tsv: id {identifier!r} is used {count} times; ids are unique")
    _check_grch37(gene, place, problem)


def _check_grch37(gene: Gene, place: str, problem: Problem) -> None:
    known = Counter(row.position_37 for row in gene.positions if row.position_37)
    for number, row in enumerate(gene.positions, start=2):
        where = f"{place}/positions.tsv row {number}"
        given = (row.position_37 > 0, bool(row.ref_37), bool(row.from_37))
        if any(given) and not all(given):
            problem(f"{where}: {row.id} has a part of position_37, ref_37, from_37; give all three, or none")
        elif row.ref_37 and not _BASES.fullmatch(row.ref_37):
            problem(f"{where}: ref_37 {row.ref_37!r} of {row.id}; write A, C, G, T")
        elif row.ref_37 not in ("", row.ref) and {len(text) for text in (row.ref, row.ref_37, *row.alts)} != {1}:
            problem(f"{where}: ref_37 {row.ref_37} is not ref {row.ref}; only a single base may differ between builds")
        elif row.ref_37 not in ("", row.ref, *row.alts):
            problem(f"{where}: ref_37 {row.ref_37} of {row.id} is neither ref nor in alts; write one of them")
        elif known[row.position_37] > 1:
            problem(f"{where}: position_37 {row.position_37} is used {known[row.position_37]} times; one row a position")


def _check_alleles(gene: Gene, place: str, problem: Problem) -> None:
    positions = {row.id: row for row in gene.positions}
    for name, count in Counter(row.name for row in gene.alleles).items():
        if count > 1:
            problem(f"{place}/alleles.tsv: allele {name!r} is written {count} times; keep one")
    references = [row.name for row in gene.alleles if "reference" in row.variants.split()]
    if gene.positions and len(references) != 1:
        problem(f"{place}/alleles.tsv: {len(references)} rows are marked reference {references}; mark exactly one")
    for number, row in enumerate(gene.alleles, start=2):
        where = f"{place}/alleles.tsv row {number}"
        if not row.variants:
            problem(f"{where}: {row.name} has no variants; write tokens, or 'outside'")
        for token in row.variants.split():
            identifier, _, base = token.rpartition(":")
            if token in _WORDS:
                continue
            if identifier not in positions:
                problem(f"{where}: {token!r} names no row of positions.tsv; write id:allele")
                continue
            known = {positions[identifier].ref, *positions[identifier].alts}
            if base not in known and not (base in IUPAC and known & set(IUPAC[base])):
                problem(f"{where}: {token!r} is none of {' '.join(sorted(known))} at {identifier}")
        tokens = [token.rpartition(":")[0] for token in row.variants.split() if token not in _WORDS]
        if row.used == "yes" and tokens and not any(positions[name].used == "yes" for name in tokens if name in positions):
            problem(f"{where}: {row.name} is defined by positions that are not used; it could never be called")
        _check_activity(row, where, problem)


def _check_activity(row: Allele, where: str, problem: Problem) -> None:
    if row.activity and not re.fullmatch(r"(>=)?\d+(\.\d+)?", row.activity):
        problem(f"{where}: activity {row.activity!r}; write a number, >=number, or nothing")


def _check_call(gene: Gene, call: Calling, sources: dict[str, Source], place: str, problem: Problem) -> None:
    where = f"{place}/gene.yaml call"
    ids = {row.id for row in gene.positions if row.used != "no"}
    _check_words(gene, call, where, problem)
    names = {row.name for row in gene.alleles} | {row.shown_as for row in gene.alleles}
    check_source(call.source, sources, where, problem)
    wanted = list(call.required)
    alleles: list[str] = []
    for part in (
        call.recommended_positions,
        call.paired_marker,
        call.single_marker,
        call.lowest_function,
        call.unphased_priorities,
    ):
        if part is not None:
            check_source(part.source, sources, where, problem)
    if call.recommended_positions:
        wanted += call.recommended_positions.positions
    if call.paired_marker:
        wanted += [call.paired_marker.deciding, call.paired_marker.supporting]
        alleles += [call.paired_marker.both, call.paired_marker.deciding_only]
    if call.single_marker:
        wanted.append(call.single_marker.position)
        alleles += call.single_marker.alleles.values()
    for identifier in wanted:
        if identifier not in ids:
            problem(f"{where}: {identifier!r} is not in positions.tsv as a used position")
    for name in alleles:
        if name not in names:
            problem(f"{where}: {name!r} is not in alleles.tsv")
    if "lowest_function" in call.methods and call.lowest_function is None:
        problem(f"{where}: method lowest_function needs a lowest_function section")
    if "outside" in call.methods and not call.why_outside:
        problem(f"{where}: method outside needs why_outside, the sentence the report shows")


def _check_words(gene: Gene, call: Calling, where: str, problem: Problem) -> None:
    functions = {row.function for row in gene.alleles}
    if gene.file.build != "GRCh38":
        problem(f"{where}: build is {gene.file.build!r}; positions are given on GRCh38")
    for function in call.heterozygous_label:
        if function not in functions:
            problem(f"{where}: no allele has function {function!r} of heterozygous_label")
    for priority in call.unphased_priorities.lists if call.unphased_priorities else []:
        if priority.pick not in priority.among:
            problem(f"{where}: pick {priority.pick!r} is not among {priority.among}")


def _check_phenotype(gene: Gene, rule: PhenotypeRule, sources: dict[str, Source], place: str, problem: Problem) -> None:
    where = f"{place}/gene.yaml phenotype"
    check_source(rule.source, sources, where, problem)
    check_date(rule.checked, where, problem)
    functions = {row.function for row in gene.alleles if row.function}
    pairs = Counter(tuple(sorted(row.functions)) for row in rule.rows)
    for pair, count in pairs.items():
        if count > 1:
            problem(f"{where}: functions {list(pair)} stand in {count} rows; keep one")
        for function in set(pair) - functions:
            problem(f"{where}: no allele has function {function!r}; remove the row or correct the word")
    for enough in rule.sufficient:
        if enough.function not in functions:
            problem(f"{where}: no allele has function {enough.function!r}; remove the row or correct the word")
    if rule.method == "activity_score":
        _check_formula(rule.score, {"value_1", "value_2"}, where, problem)
        for row in rule.score_rows:
            _check_formula(row.when, {"score"}, where, problem)
    for presence in rule.presence_rows:
        if presence.allele not in {row.name for row in gene.alleles}:
            problem(f"{where}: {presence.allele!r} is not in alleles.tsv")


def _check_formula(text: str, allowed: set[str], where: str, problem: Problem) -> None:
    try:
        unknown = parse(text).names - allowed
    except FormulaError as error:
        problem(f"{where}: formula {text!r} {error}; use {', '.join(sorted(allowed))}")
        return
    if unknown:
        problem(f"{where}: formula {text!r} names {', '.join(sorted(unknown))}; use {', '.join(sorted(allowed))}")
