"""Calls of one gene for many rows: diplotypes, phenotypes and the diplotype that decides, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.knowledge.schema import Gene
from nof1.model.findings import CallStatus, Diplotype, Phenotype
from nof1.model.genome import GenotypeBlock
from nof1.pgx.call import Caller, prepare
from nof1.pgx.calls import RowCall
from nof1.pgx.phenotype import Meaning, deciding_haplotypes, diplotype, meaning


@dataclass(frozen=True, slots=True)
class Called:
    """One row's answer for one gene.

    ``phenotypes`` go with ``diplotypes`` one to one; for a list of unknown phase every entry has the phenotype of the
    two alleles that decide. ``source``: ``genome`` | ``outside`` | ``single_marker``.
    ``contradicting``: what the alleles of an outside call mean where the laboratory states otherwise.
    """

    gene: str
    status: CallStatus
    source: str
    diplotypes: tuple[Diplotype, ...]
    phenotypes: tuple[Phenotype, ...]
    is_list: bool
    why: str
    messages: tuple[str, ...]
    not_excluded: tuple[str, ...]
    undocumented: tuple[str, ...]
    contradicting: tuple[Phenotype, ...] = ()


@dataclass(frozen=True)
class GeneCaller:
    """A gene ready to be called for any block."""

    gene: Gene
    caller: Caller | None
    meaning: Meaning

    def rows(self, block: GenotypeBlock, keep_all: bool = False) -> list[Called]:
        """One answer a row; a gene that genomes cannot answer gives a no-call that says so."""
        if self.caller is None:
            why = self.gene.file.call.why_outside
            return [unanswered(self.gene.file.gene, f"not read from genomes: {why}")] * block.patients
        return [self.answer(call) for call in self.caller.rows(block, keep_all)]

    def answer_row(self, block: GenotypeBlock, row: int) -> Called:
        """The answer for one row of a block."""
        assert self.caller is not None
        return self.answer(self.caller.row(block, row))

    def answer(self, call: RowCall) -> Called:
        """Phenotypes for what a method found."""
        symbol = self.gene.file.gene
        if not call.found:
            fallback = (self.meaning.of(call.fallback),) if call.fallback else ()
            source = "single_marker" if fallback else "genome"
            return Called(
                symbol,
                CallStatus.NO_CALL,
                source,
                (),
                fallback,
                False,
                call.why,
                call.messages,
                call.not_excluded,
                call.undocumented,
            )
        diplotypes = tuple(diplotype(self.meaning, found, call.is_list) for found in call.found)
        if call.is_list:
            deciding = self.meaning.of(deciding_haplotypes(self.meaning, call.found, True))
            phenotypes: tuple[Phenotype, ...] = (deciding,) * len(diplotypes)
        else:
            phenotypes = tuple(self.meaning.of(deciding_haplotypes(self.meaning, [found], False)) for found in call.found)
        return Called(
            symbol, CallStatus.CALLED, "genome", diplotypes, phenotypes, call.is_list, "", call.messages, call.not_excluded,
            call.undocumented,
        )  # fmt: skip


def gene_caller(gene: Gene) -> GeneCaller:
    """A caller for ``gene``; ``caller`` is ``None`` where only outside calls can answer."""
    outside = gene.file.call.methods == ["outside"]
    return GeneCaller(gene, None if outside else prepare(gene), meaning(gene))


def unanswered(symbol: str, why: str) -> Called:
    """A no-call with its reason."""
    return Called(symbol, CallStatus.NO_CALL, "genome", (), (), False, why, (), (), ())


def deciding(called: Called) -> tuple[Phenotype, ...]:
    """The distinct phenotypes that recommendations are looked up by."""
    return tuple({(item.recommendation_diplotype, item.lookup): item for item in called.phenotypes}.values())
