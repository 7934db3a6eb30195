"""Consequences as the Sequence Ontology names them, gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Term(StrEnum):
    """Terms in the order of gravity that the Ensembl Variant Effect Predictor uses."""

    SPLICE_ACCEPTOR = "splice_acceptor_variant"
    SPLICE_DONOR = "splice_donor_variant"
    STOP_GAINED = "stop_gained"
    FRAMESHIFT = "frameshift_variant"
    STOP_LOST = "stop_lost"
    START_LOST = "start_lost"
    INFRAME_INSERTION = "inframe_insertion"
    INFRAME_DELETION = "inframe_deletion"
    MISSENSE = "missense_variant"
    PROTEIN_ALTERING = "protein_altering_variant"
    SPLICE_REGION = "splice_region_variant"
    STOP_RETAINED = "stop_retained_variant"
    SYNONYMOUS = "synonymous_variant"
    CODING = "coding_sequence_variant"
    BEFORE = "5_prime_UTR_variant"
    AFTER = "3_prime_UTR_variant"
    INTRON = "intron_variant"


_ORDER = {term: number for number, term in enumerate(Term)}


def gravest_first(terms: Iterable[Term]) -> tuple[str, ...]:
    """Each term once, gravest first.

    >>> gravest_first([Term.INTRON, Term.SPLICE_DONOR])
    ('splice_donor_variant', 'intron_variant')
    """
    return tuple(str(term) for term in sorted(set(terms), key=_ORDER.__getitem__))
