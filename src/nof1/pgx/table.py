"""Calls of one gene for many rows: diplotypes, phenotypes and the diplotype that decides, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nof1.knowledge.kept import kept
from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty
from nof1.model.findings import CallStatus, Chance, Diplotype, Phenotype, Settles
from nof1.model.genome import GenotypeBlock
from nof1.pgx.call import Caller, prepare
from nof1.pgx.calls import RowCall
from nof1.pgx.certain import Weighed, weigh
from nof1.pgx.phenotype import Meaning, deciding_haplotypes, diplotype, meaning
from nof1.pgx.settle import settles
from nof1.pgx.strands import Strands
from nof1.pgx.weigher import Weigher


@dataclass(frozen=True, slots=True)
class Called:
    """One row's answer for one gene.

    ``phenotypes`` go with ``diplotypes`` one to one; for a list of unknown phase every entry has the phenotype of the
    two alleles that decide. ``source``: ``genome`` | ``outside`` | ``single_marker``.
    ``contradicting``: what the alleles of an outside call mean where the laboratory states otherwise, and what a genome that
    is sure says against it. ``reported_by``: the tools, or the places in files, that an outside call comes from.
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
    weighed: Weighed | None = None
    settles: tuple[Settles, ...] = ()
    reported_by: tuple[str, ...] = ()

    @property
    def diplotype_status(self) -> CallStatus:
        """How sure the first diplotype is."""
        return self.weighed.rows[0].diplotype_status if self.weighed and self.weighed.rows else self.status

    @property
    def chances(self) -> tuple[Chance, ...]:
        """Every phenotype with its probability, likeliest first; empty where nothing was weighed."""
        return self.weighed.chances if self.weighed else ()


@dataclass(frozen=True)
class GeneCaller:
    """A gene ready to be called for any block; with a ``weigher`` the method is ``certain``, without it named-allele.

    ``weighing``: the callers that weigh, by the populations asked and whether an absent record means reference.
    """

    gene: Gene
    caller: Caller | None
    meaning: Meaning
    weigher: Weigher | None = None
    weighing: dict[tuple[tuple[int, ...], bool], GeneCaller] = field(default_factory=dict, compare=False, repr=False)

    def rows(self, block: GenotypeBlock, keep_all: bool = False) -> list[Called]:
        """One answer a row; a gene that genomes cannot answer gives a no-call that says so."""
        if self.caller is None:
            why = self.gene.file.call.why_outside
            return [unanswered(self.gene.file.gene, f"not read from genomes: {why}")] * block.patients
        calls = self.caller.rows(block, keep_all)
        if self.weigher is None:
            return [self.answer(call) for call, _ in calls]
        return [self._weighed(block, row, strands, call) for row, (call, strands) in enumerate(calls)]

    def answer_row(self, block: GenotypeBlock, row: int) -> Called:
        """The answer for one row of a block, with what would settle it."""
        assert self.caller is not None
        call, strands = self.caller.row(block, row)
        if self.weigher is None:
            return self.answer(call)
        called = self._weighed(block, row, strands, call)
        return replace(called, settles=settles(self.weigher, called.weighed, strands) if called.weighed else ())

    def _weighed(self, block: GenotypeBlock, row: int, strands: Strands, call: RowCall) -> Called:
        assert self.weigher is not None
        made = weigh(self.weigher, block, row, strands, call)
        if not made.rows:
            plain = self.answer(call)
            stand_in = plain.phenotypes if not call.found else ()
            return replace(
                plain, status=made.status, diplotypes=(), phenotypes=stand_in, why=made.why, weighed=made
            )  # fmt: skip
        messages = (*call.messages, made.message) if made.message else call.messages
        return Called(
            self.gene.file.gene, made.status, "genome", tuple(item.diplotype for item in made.rows),
            tuple(item.phenotype for item in made.rows), call.is_list and not made.groups, "", messages, call.not_excluded,
            call.undocumented, (), made,
        )  # fmt: skip

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


def gene_caller(
    gene: Gene, certainty: Certainty | None = None, asked: tuple[int, ...] = (), absent_is_reference: bool = False
) -> GeneCaller:
    """A caller for ``gene``, prepared once; ``caller`` is ``None`` where only outside calls can answer.

    With ``certainty`` calls are weighed under the populations ``asked`` (indexes into its list; all when empty);
    ``absent_is_reference`` says that positions without a record were declared to be reference.
    """
    plain = _plain(gene)
    if certainty is None or plain.caller is None:
        return plain
    way = (asked or tuple(range(len(certainty.populations))), absent_is_reference)
    found = plain.weighing.get(way)
    if found is None or found.weigher is None or found.weigher.certainty is not certainty:
        weigher = Weigher(gene, plain.caller.definition, plain.meaning, certainty, *way)
        found = plain.weighing[way] = GeneCaller(gene, plain.caller, plain.meaning, weigher)
    return found


@kept
def _plain(gene: Gene) -> GeneCaller:
    """The caller by named-allele logic."""
    outside = gene.file.call.methods == ["outside"]
    return GeneCaller(gene, None if outside else prepare(gene), meaning(gene))


def unanswered(symbol: str, why: str) -> Called:
    """A no-call with its reason."""
    return Called(symbol, CallStatus.NO_CALL, "genome", (), (), False, why, (), (), ())


def deciding(called: Called) -> tuple[Phenotype, ...]:
    """The distinct phenotypes that recommendations are looked up by."""
    return tuple({(item.recommendation_diplotype, item.lookup): item for item in called.phenotypes}.values())
