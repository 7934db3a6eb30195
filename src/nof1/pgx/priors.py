"""Haplotypes of genes prepared beforehand, so that a fresh process need not work them out again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
import numpy as np

from nof1.knowledge.kept import kept
from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty
from nof1.pgx.haplotypes import Haplotypes
from nof1.pgx.naming import Naming

_encode = msgspec.msgpack.Encoder().encode
_ready: dict[str, Prior] = {}


class Prior(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arrays of ``Haplotypes`` as bytes, and the meanings their classes are numbers of (``Naming.classes``)."""

    vectors: bytes
    shares: bytes
    is_own: bytes
    classes: bytes
    people: list[int | float]
    meanings: list[tuple[str, str, str]]


def name_of(gene: Gene, certainty: Certainty) -> str:
    """The digest of all that the haplotypes of ``gene`` follow from: another gene, or other populations, differ in it."""
    return hashlib.blake2b(_digest(gene) + _digest(certainty), digest_size=12).hexdigest()


@kept
def _digest(what: Gene | Certainty) -> bytes:
    return hashlib.blake2b(_encode(what), digest_size=16).digest()


def packed(found: Haplotypes, naming: Naming) -> Prior:
    """``found`` under its ``naming``, to be written down."""
    return Prior(
        found.vectors.tobytes(),
        found.shares.tobytes(),
        found.is_own.tobytes(),
        found.classes.astype(np.int64).tobytes(),
        found.people.tolist(),
        list(naming.classes),
    )


def offer(priors: Mapping[str, Prior | None]) -> None:
    """Makes ``priors``, by the name of what they follow from, known to everybody who asks with ``prepared``."""
    _ready.update({name: prior for name, prior in priors.items() if prior is not None})


def prepared(gene: Gene, certainty: Certainty, naming: Naming) -> Haplotypes | None:
    """The haplotypes of ``gene`` as they were offered; ``None`` where they were not. ``naming`` takes their meanings."""
    prior = _ready.get(name_of(gene, certainty)) if _ready and len(naming.classes) == 1 else None
    if prior is None:
        return None
    naming.classes[:] = prior.meanings
    shares = np.frombuffer(prior.shares, np.float64).reshape(len(prior.people), -1)
    vectors = np.frombuffer(prior.vectors, np.int16).reshape(shares.shape[1], -1)
    classes = np.frombuffer(prior.classes, np.int64).astype(np.intp)
    return Haplotypes(vectors, shares, np.frombuffer(prior.is_own, np.bool_), classes, np.array(prior.people))
