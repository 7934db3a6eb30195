"""The diplotypes of one gene for every row of a genotype block, by the method its knowledge names."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Gene
from nof1.model.genome import GenotypeBlock
from nof1.pgx import lowest_function, named_allele
from nof1.pgx.calls import Found, RowCall
from nof1.pgx.definition import Definition, define
from nof1.pgx.names import pair_name
from nof1.pgx.strands import Strands, read


@dataclass(frozen=True)
class Caller:
    """A gene prepared for calling; ``apart`` names the alleles of a paired marker, which are called apart."""

    gene: Gene
    definition: Definition
    apart: frozenset[str]

    def rows(self, block: GenotypeBlock, keep_all: bool = False) -> list[tuple[RowCall, Strands]]:
        """What was found and seen in each row; ``keep_all`` keeps the fitting pairs below the best score too."""
        accepts = self.definition.accepts(block)
        return [self._row(block, row, accepts, keep_all) for row in range(block.patients)]

    def row(self, block: GenotypeBlock, row: int) -> tuple[RowCall, Strands]:
        """What was found and seen in one row."""
        return self._row(block, row, self.definition.accepts(block), False)

    def _row(self, block: GenotypeBlock, row: int, accepts: NDArray[np.bool_], keep_all: bool) -> tuple[RowCall, Strands]:
        definition = self.definition
        strands = read(definition, block, row)
        call = self._found(strands, accepts, keep_all)
        found = replace(
            call,
            not_excluded=self._not_excluded(strands, accepts, call),
            undocumented=tuple(definition.ids[place] for place in strands.undocumented),
            messages=(*call.messages, *self._messages(strands)),
            fallback=() if call.found else self._fallback(block, row),
        )
        return found, strands

    def _found(self, strands: Strands, accepts: NDArray[np.bool_], keep_all: bool) -> RowCall:
        definition = self.definition
        seen = {definition.ids[place] for place in strands.places}
        if not seen:
            return RowCall((), "no position of the gene was seen")
        missing = [identifier for identifier in definition.call.required if identifier not in seen]
        if missing:
            return RowCall((), f"required position {', '.join(missing)} was not seen")
        if strands.is_half:
            return RowCall((), "a position shows one strand only")
        if "lowest_function" in definition.call.methods:
            return self._lowest(strands, accepts)
        pairs = named_allele.fitting_pairs(definition, accepts, strands)
        if not pairs:
            return RowCall((), "no pair of named alleles fits what was seen")
        pairs = self._prioritised(pairs, strands, keep_all)
        return RowCall(tuple(_as_found(definition, pair) for pair in pairs))

    def _prioritised(self, pairs: list[named_allele.Pair], strands: Strands, keep_all: bool) -> list[named_allele.Pair]:
        """The best pairs; where phase is open and the gene has priority lists, the pick of the list that fits."""
        lists = self.definition.call.unphased_priorities
        if lists is None or strands.is_effectively_phased:
            return pairs if keep_all else named_allele.best(pairs)
        shown = {_name(self.definition, pair): pair for pair in pairs}
        for priority in lists.lists:
            if all(name in shown for name in priority.among):
                return [shown[priority.pick]]
        return pairs

    def _lowest(self, strands: Strands, accepts: NDArray[np.bool_]) -> RowCall:
        definition = self.definition
        if not self.apart and (exact := self._exact(strands, accepts)):
            return RowCall(tuple(exact))
        if self.apart:
            accepts = accepts & ~np.isin(definition.names, sorted(self.apart))[:, None, None]
        listing = lowest_function.find(definition, accepts, strands, definition if self.apart else None)
        if listing.pairs:
            return RowCall(listing.pairs)
        found = tuple(Found(((name,),), 0.0, copies) for name, copies in listing.listed)
        return RowCall(found, is_list=True)

    def _exact(self, strands: Strands, accepts: NDArray[np.bool_]) -> list[Found]:
        if not strands.is_effectively_phased:
            return []
        return [_as_found(self.definition, pair) for pair in named_allele.fitting_pairs(self.definition, accepts, strands)]

    def _fallback(self, block: GenotypeBlock, row: int) -> tuple[str, ...]:
        """Alleles for recommendations only, from the one position that stands in for the gene."""
        marker = self.definition.call.single_marker
        if marker is None:
            return ()
        column = self.definition.columns[self.definition.place(marker.position)]
        texts = block.alleles[column]
        shown = [texts[number] if number >= 0 else "" for number in block.genotype[row, column]]
        if not all(text in marker.alleles for text in shown):
            return ()
        return tuple(marker.alleles[text] for text in shown)

    def _not_excluded(self, strands: Strands, accepts: NDArray[np.bool_], call: RowCall) -> tuple[str, ...]:
        """Alleles that what was seen allows and what was not seen could still show, besides those called."""
        definition = self.definition
        if len(strands.places) == len(definition.ids) or strands.is_half:
            return ()
        unseen = np.ones(len(definition.ids), bool)
        unseen[strands.places] = False
        shown = accepts[:, strands.places, strands.one]
        if not strands.is_haploid:
            shown = shown | accepts[:, strands.places, strands.two]
        defined = definition.defined
        open_ = (shown | ~defined[:, strands.places]).all(axis=1) & defined[:, unseen].any(axis=1)
        called = {name for found in call.found for alleles in found.strands for name in alleles}
        names = dict.fromkeys(name for name, is_open in zip(definition.shown, np.asarray(open_), strict=True) if is_open)
        return tuple(name for name in names if name not in called and name != definition.shown[definition.reference])

    def _messages(self, strands: Strands) -> tuple[str, ...]:
        call = self.definition.call
        messages = []
        if strands.undocumented and call.undocumented == "reference":
            ids = ", ".join(self.definition.ids[place] for place in strands.undocumented)
            messages.append(f"an undocumented alternative at {ids} was read as reference; its effect is not known")
        messages += self._marker_messages(strands)
        if call.recommended_positions is not None:
            seen = {self.definition.ids[place] for place in strands.places}
            missing = [identifier for identifier in call.recommended_positions.positions if identifier not in seen]
            if missing:
                messages.append(f"not seen although recommended for testing: {', '.join(missing)}")
        return tuple(messages)

    def _marker_messages(self, strands: Strands) -> list[str]:
        """What to tell where the two markers of a pair do not go together."""
        marker = self.definition.call.paired_marker
        if marker is None:
            return []
        shown: dict[str, bool] = {}
        for place, one, two in zip(strands.places, strands.one, strands.two, strict=True):
            shown[self.definition.ids[place]] = one > 0 or two > 0
        if not shown.get(marker.supporting):
            return []
        if marker.deciding not in shown:
            return [f"{marker.deciding} was not seen: {marker.supporting} stands in for it"]
        if not shown[marker.deciding]:
            return [
                f"{marker.supporting} shows its variant and {marker.deciding}, which decides, does not: it is not counted"
            ]
        return []


def prepare(gene: Gene) -> Caller:
    """The caller of ``gene``."""
    marker = gene.file.call.paired_marker
    return Caller(gene, define(gene), frozenset({marker.both, marker.deciding_only}) if marker else frozenset())


def _name(definition: Definition, pair: named_allele.Pair) -> str:
    return pair_name(definition.shown[pair.first], None if pair.second is None else definition.shown[pair.second])


def _as_found(definition: Definition, pair: named_allele.Pair) -> Found:
    strands = [(definition.shown[pair.first],)]
    if pair.second is not None:
        strands.append((definition.shown[pair.second],))
    return Found(tuple(strands), float(pair.score))
