"""A curator's file of decisions on variants, and a site's file of policy: their shapes, read and checked."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal

from nof1.errors import RequestError
from nof1.knowledge.check_variants import policy_problems
from nof1.knowledge.criteria import PointsFile
from nof1.knowledge.secondary import SitePolicy
from nof1.knowledge.shape import Spec
from nof1.knowledge.tables import read_yaml

_BASES = re.compile(r"[ACGT]+")
_CHROMOSOME = re.compile(r"chr(?:[1-9]|1\d|2[0-2]|X|Y|M)")
_CODE = re.compile(r"[A-Z]{2,3}\d")


class CuratedAllele(Spec, frozen=True):
    """The allele a decision is on, as files of genomes write it, on GRCh38."""

    chromosome: str
    position: int
    ref: str
    alt: str

    @property
    def text(self) -> str:
        """``chr:position:ref:alt``."""
        return f"{self.chromosome}:{self.position}:{self.ref}:{self.alt}"


class Decision(Spec, frozen=True):
    """One evidence code, added or withdrawn: who (``by``), when (``decided``), why. ``source``: what it rests on."""

    code: str
    action: Literal["add", "withdraw"]
    by: str
    decided: str
    why: str
    source: str = ""


class Signed(Spec, frozen=True):
    """A class that a curator signs for this allele at this site."""

    classification: Literal["pathogenic", "likely pathogenic", "uncertain significance", "likely benign", "benign"]
    by: str
    decided: str
    why: str


class CuratedVariant(Spec, frozen=True):
    """Everything decided on one allele of one gene, in the order it was written."""

    allele: CuratedAllele
    gene: str
    decisions: list[Decision] = []
    signed: Signed | None = None


class CurationFile(Spec, frozen=True):
    """``curation.yaml``. ``build`` is GRCh38; decisions are kept, never overwritten."""

    schema: int
    build: Literal["GRCh38"]
    variants: list[CuratedVariant]


def read_curation(path: Path, points: PointsFile, today: date) -> dict[str, CuratedVariant]:
    """The decisions in ``path`` by allele (``chr:position:ref:alt``).

    Raises ``RequestError`` with everything that is wrong: shape, codes, withdrawn codes, dates, missing who or why.
    """
    _must_be_there(path, "curation")
    problems: list[str] = []
    file = read_yaml(path, CurationFile, problems.append)
    found: dict[str, CuratedVariant] = {}
    for row in file.variants if file is not None else []:
        if row.allele.text in found:
            problems.append(f"{row.allele.text} is written twice; put all decisions on it under one entry")
        found[row.allele.text] = row
        problems.extend(f"{row.allele.text}: {text}" for text in _problems(row, points, today))
    if problems:
        raise RequestError(f"curation file {path.name}: {'; '.join(problems)}")
    return found


def read_policy(path: Path) -> SitePolicy:
    """The site's policy in ``path``. Raises ``RequestError`` with everything that is wrong."""
    _must_be_there(path, "policy")
    problems: list[str] = []
    policy = read_yaml(path, SitePolicy, problems.append)
    if policy is not None:
        problems.extend(policy_problems(policy))
    if policy is None or problems:
        raise RequestError(f"policy file {path.name}: {'; '.join(problems)}")
    return policy


def _must_be_there(path: Path, what: str) -> None:
    if not path.is_file():
        raise RequestError(f"{what} file {str(path)!r}: is {'a folder' if path.is_dir() else 'not there'}; name a YAML file")


def _problems(row: CuratedVariant, points: PointsFile, today: date) -> list[str]:
    found = []
    allele = row.allele
    if not _CHROMOSOME.fullmatch(allele.chromosome) or allele.position < 1:
        found.append("write the place as chr1 to chr22, chrX, chrY or chrM and a position from 1")
    if not (_BASES.fullmatch(allele.ref) and _BASES.fullmatch(allele.alt)) or allele.ref == allele.alt:
        found.append("ref and alt are bases A, C, G, T, and differ")
    if not row.decisions and row.signed is None:
        found.append("decides nothing; add decisions or signed")
    codes = {item.code: item for item in points.codes}
    for decision in row.decisions:
        bare = _CODE.match(decision.code)
        known = codes.get(bare[0]) if bare else None
        if known is None:
            found.append(
                f"{decision.code!r} is no evidence code; write one of {', '.join(codes)}, with _Strength if changed"
            )
        elif known.withdrawn and decision.action == "add":
            found.append(f"{decision.code!r} is no longer to be used; leave it out")
        found.extend(_who(decision.code, decision.by, decision.decided, decision.why, today))
    if row.signed is not None:
        found.extend(_who("signed", row.signed.by, row.signed.decided, row.signed.why, today))
    return found


def _who(what: str, by: str, decided: str, why: str, today: date) -> list[str]:
    found = []
    if not by.strip() or not why.strip():
        found.append(f"{what}: who (by) and why must be written")
    try:
        when = date.fromisoformat(decided)
    except ValueError:
        return [*found, f"{what}: decided is {decided!r}; write YYYY-MM-DD"]
    if when > today:
        found.append(f"{what}: decided is {decided}, after today ({today.isoformat()})")
    return found
