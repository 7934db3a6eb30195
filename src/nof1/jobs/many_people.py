"""Calls every gene of every person in some files, gene by gene, into one table; resumes after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.cohort.calls import COLUMNS, Row, not_covered, rows_of
from nof1.errors import NotInKnowledge, RequestError
from nof1.genomics.array_letters import Strand
from nof1.genomics.assay import read_assay
from nof1.genomics.blocks import PatternBlock, patterns
from nof1.genomics.genomes import GenomeSet
from nof1.genomics.identity import Alike
from nof1.genomics.outside_calls import OutsideCall, call_files, read_outside_calls
from nof1.genomics.vcf import Quality
from nof1.jobs.method import METHODS, chosen
from nof1.jobs.one_person import outside_by_gene
from nof1.jobs.reading import Absent, reading
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.panel import panels
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import CallStatus
from nof1.model.genome import SiteNote
from nof1.pgx.outside import outside_call
from nof1.pgx.table import GeneCaller, unanswered


@dataclass(frozen=True)
class GeneTable:
    """The rows of one gene: ``patterns`` are row lists, ``rows`` (people,) int32 says which each person has.

    ``given`` replaces them for people with a call made elsewhere.
    """

    gene: str
    names: tuple[str, ...]
    patterns: tuple[tuple[Row, ...], ...]
    rows: NDArray[np.int32]
    given: Mapping[int, tuple[Row, ...]]

    def __iter__(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        for person, name in enumerate(self.names):
            yield name, self.given.get(person) or self.patterns[self.rows[person]]


class CohortCalls:
    """Some genome files, opened, and the genes asked for; each gene is read and called on demand."""

    def __init__(
        self,
        genomes: Sequence[Path],
        *,
        genes: Sequence[str] = (),
        samples: Sequence[str] = (),
        method: str = METHODS[0],
        population: str = "",
        absent: Absent = "unknown",
        callable_bed: Path | None = None,
        assay: Path | None = None,
        build: str = "",
        strand: Strand = "",
        outside_calls: Sequence[Path | str] | Path | str | None = None,
        quality: Quality | None = None,
        all_matches: bool = False,
        knowledge: Knowledge | None = None,
    ) -> None:
        self.known = knowledge or shipped_knowledge()
        self.method = chosen(self.known, method, population, absent)
        self.genes = known_genes(self.known, genes)
        wanted, *also = panels(self.known, set(self.genes))
        listed = read_assay(assay).bound([wanted, *also]) if assay else None
        how = reading(absent, callable_bed, build, quality, listed, strand)
        self.set = GenomeSet(genomes, wanted, how, samples, also)
        self._alike = Alike(self.set.people)
        self.all_matches = all_matches
        self._loci = {gene.gene: gene for gene in wanted.genes}
        self._outside = self._read_outside(call_files(outside_calls))

    @property
    def notes(self) -> list[SiteNote]:
        """What the readers had to tell so far."""
        return self.set.notes

    def table(self, symbol: str) -> GeneTable:
        """The finished rows of one gene."""
        caller = self.method.caller(self.known.genes[symbol])
        weighs = self.method.name == "certain"  # then a genome's call stays where the outside call has no result
        given = {
            person: tuple(rows_of(answer, ""))
            for person, calls in self._outside.items()
            if symbol in calls
            and ((answer := outside_call(caller.gene, calls[symbol])).status is not CallStatus.NO_CALL or not weighs)
        }
        if symbol not in self._loci:
            return self._unread(caller, given)
        found = patterns(self.set.people, self.set.sites(self._loci[symbol]))
        self._alike.add(found.block, found.rows)
        return GeneTable(symbol, self.set.names, tuple(self._rows(caller, found)), found.rows, given)

    def finish(self) -> None:
        """Raise what can only be judged after reading: a file on another build."""
        self.set.check_builds()
        self.set.notes[:0] = self._alike.notes(self.set.names)

    def _rows(self, caller: GeneCaller, found: PatternBlock) -> Iterator[tuple[Row, ...]]:
        used = [column for column, locus in enumerate(found.block.loci) if _is_used(caller, locus.id)]
        for row, called in enumerate(caller.rows(found.block, self.all_matches)):
            yield tuple(rows_of(called, not_covered(found.block, row, used)))

    def _unread(self, caller: GeneCaller, given: Mapping[int, tuple[Row, ...]]) -> GeneTable:
        symbol = caller.gene.file.gene
        nothing = rows_of(unanswered(symbol, "not read"), "")[0]
        return GeneTable(symbol, self.set.names, ((nothing,),), np.zeros(self.set.people, np.int32), given)

    def _read_outside(self, paths: Sequence[Path]) -> dict[int, dict[str, list[OutsideCall]]]:
        files = [(path, read_outside_calls(path)) for path in paths]
        known = set(self.set.names)
        for path, calls in files:
            if self.set.people > 1 and any(not call.sample for call in calls):
                raise RequestError(
                    f"{path}: the files hold {self.set.people} people and a line names none; "
                    "add a header with a sample column"
                )
            for call in calls:
                if call.sample and call.sample not in known:
                    raise RequestError(f"{call.place}: sample {call.sample!r} is not among the people read")
        by_name: dict[str, dict[Path, list[OutsideCall]]] = {}
        for path, calls in files:
            for call in calls:
                by_name.setdefault(call.sample or self.set.names[0], {}).setdefault(path, []).append(call)
        return {
            person: outside_by_gene(self.known, list(by_name[name].values()), name)
            for person, name in enumerate(self.set.names)
            if name in by_name
        }


def call(
    genomes: Sequence[Path | str],
    *,
    genes: Sequence[str] = (),
    samples: Sequence[str] = (),
    method: str = METHODS[0],
    population: str = "",
    absent: Absent = "unknown",
    callable_bed: Path | str | None = None,
    assay: Path | str | None = None,
    outside_calls: Sequence[Path | str] | Path | str | None = None,
    build: str = "",
    strand: Strand = "",
    quality: Quality | None = None,
    all_matches: bool = False,
    knowledge: Knowledge | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, NDArray[np.object_]]:
    """A call table as columns: for each name of ``COLUMNS`` an array (rows,), one row a sample, gene and candidate.

    Raises ``InputError`` for a file or request that is wrong.
    """
    calls = CohortCalls(
        [Path(path) for path in genomes],
        genes=genes,
        samples=samples,
        method=method,
        population=population,
        absent=absent,
        callable_bed=Path(callable_bed) if callable_bed else None,
        assay=Path(assay) if assay else None,
        strand=strand,
        outside_calls=outside_calls,
        build=build,
        quality=quality,
        all_matches=all_matches,
        knowledge=knowledge,
    )
    columns: list[list[object]] = [[] for _ in COLUMNS]
    for symbol in calls.genes:
        for name, rows in calls.table(symbol):
            for row in rows:
                for column, value in zip(columns, (name, *row), strict=True):
                    column.append(value)
        if progress is not None:
            progress(symbol)
    calls.finish()
    return {name: np.array(column, dtype=object) for name, column in zip(COLUMNS, columns, strict=True)}


def known_genes(known: Knowledge, wanted: Sequence[str]) -> tuple[str, ...]:
    """The genes asked for (all when none is named) in the order of the knowledge; ``NotInKnowledge`` for another."""
    for name in wanted:
        if name not in known.genes:
            close = [symbol for symbol in known.genes if symbol[:3] == name.upper()[:3]]
            hint = f"did you mean {', '.join(close)}?" if close else "see nof1 knowledge list genes"
            raise NotInKnowledge(f"gene {name!r} is not in the knowledge; {hint}")
    return tuple(symbol for symbol in known.genes if not wanted or symbol in wanted)


def _is_used(caller: GeneCaller, identifier: str) -> bool:
    return caller.caller is None or caller.caller.definition.place(identifier) >= 0
