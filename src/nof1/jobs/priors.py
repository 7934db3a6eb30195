"""Prepared haplotypes on disk: beside the package or in the user's cache, made anew where what they follow from changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec

from nof1.knowledge.compiled import cache_folder, write_whole
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.kept import kept
from nof1.knowledge.schema import Gene, Knowledge
from nof1.knowledge.weighing import Certainty
from nof1.pgx import haplotypes
from nof1.pgx.priors import Prior, name_of, offer, packed
from nof1.pgx.table import gene_caller

BESIDE_PACKAGE = SHIPPED.parent / "priors.msgpack"
_ROOM = Path(haplotypes.__file__).parent


class Priors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Priors by the name of what they follow from, and the digest of the code that made them."""

    code: str
    genes: dict[str, Prior | None]


def prepare(known: Knowledge) -> None:
    """Offers the haplotypes of every gene of ``known`` that has frequencies to those who weigh."""
    _offered(known)


@kept
def _offered(known: Knowledge) -> frozenset[str]:
    genes = weighed(known)
    code = _code()
    for path in (BESIDE_PACKAGE, _cached(code, genes)):
        found = _read(path)
        if found is not None and found.code == code and genes.keys() <= found.genes.keys():
            offer(found.genes)
            return frozenset(genes)
    made = made_of(genes.values(), known.certainty)
    write_whole(msgspec.msgpack.encode(made), _cached(code, genes))
    offer(made.genes)
    return frozenset(genes)


def weighed(known: Knowledge) -> dict[str, Gene]:
    """The genes of ``known`` that have frequencies, by the name of what their haplotypes follow from."""
    return {name_of(gene, known.certainty): gene for gene in known.genes.values() if gene.frequencies is not None}


def made_of(genes: Iterable[Gene], certainty: Certainty) -> Priors:
    """The priors of ``genes``, worked out."""
    found: dict[str, Prior | None] = {}
    for gene in genes:
        weigher = gene_caller(gene, certainty).weigher
        every = weigher.every if weigher is not None else None
        found[name_of(gene, certainty)] = packed(every, weigher.naming) if weigher and every is not None else None
    return Priors(_code(), found)


@lru_cache(maxsize=1)
def _code() -> str:
    """The digest of the code that works haplotypes out."""
    state = hashlib.blake2b(digest_size=6)
    for path in sorted(_ROOM.glob("*.py")):
        state.update(path.read_bytes())
    return state.hexdigest()


def _cached(code: str, genes: Iterable[str]) -> Path:
    names = hashlib.blake2b("".join(sorted(genes)).encode(), digest_size=6).hexdigest()
    return cache_folder() / f"priors-{names}-{code}.msgpack"


def _read(path: Path) -> Priors | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Priors)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
