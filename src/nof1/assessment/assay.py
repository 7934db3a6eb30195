"""What was tested and what was not: the assay behind a genome, as far as files and declarations tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nof1.model.findings import Indeterminate
from nof1.model.genome import CallCode, GenotypeBlock

CONFIRM_SOURCE = "tandy-connor-2018"
REGIONS_SOURCE = "grc-regions"
SEXES = ("male", "female")
_NOT_ENOUGH = "not enough data"

_STRAY = 0.1  # reference genotypes among those called that a list of variants may hold by chance
_HAPLOID = 3  # one-letter genotypes on X that show one copy
_X_ROWS, _Y_ROWS = 100, 20  # rows of an array before a share of them is judged
# shares of heterozygous X and of called Y rows; the snps library parts the sexes at 0.03 and 0.3, here with a gap between
_X_MALE, _X_FEMALE, _Y_FEMALE, _Y_MALE = 0.03, 0.1, 0.3, 0.5
_X_HETEROZYGOUS, _X_VARIANTS = 3, 20  # of a file that may list variants only
_VARIANT_FEMALE, _VARIANT_MALE = 0.2, 0.05


@dataclass(frozen=True, slots=True)
class AssayFacts:
    """What the readers know about the assay.

    ``arrays`` of ``files`` files are arrays; ``laboratory`` are the declared keys; ``declared`` counts positions made
    reference by each kind of declaration; ``sex`` is what the user says; ``counts`` (source and numbers, by the field
    names of the readers' counts) is what the sex chromosomes show.
    """

    files: int
    arrays: int
    laboratory: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, int] = field(default_factory=dict)
    sex: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)


def described(facts: AssayFacts, blocks: Iterable[GenotypeBlock], row: int, confirm_because: str) -> dict[str, Any]:
    """The ``assay`` section for person ``row`` of ``blocks`` (docs/reference/assessment.md#assay).

    ``confirm_because`` is why results of an array are to be confirmed, from the source cited for it.
    """
    seen = dict.fromkeys(CallCode, 0)
    references = 0
    for block in blocks:
        for code in CallCode:
            seen[code] += int((block.code[row] == code).sum())
        pair = block.genotype[row]
        references += int(((block.code[row] == CallCode.CALLED) & (pair[:, 0] == 0) & (pair[:, 1] <= 0)).sum())
    declared = {name: int(facts.declared.get(name, 0)) for name in ("callable", "assay", "absent")}
    kind = _kind(facts, seen, sum(declared.values()), references)
    answered = seen[CallCode.CALLED] + seen[CallCode.HOM_REF]
    missing = seen[CallCode.NO_CALL] + seen[CallCode.NOT_COVERED]
    section: dict[str, Any] = {
        "kind": kind,
        "laboratory": dict(facts.laboratory),
        "interrogated": answered,
        "not_interrogated": missing,
        "declared_reference": declared,
        "confirm": f"Confirm in an accredited laboratory: {confirm_because} [{CONFIRM_SOURCE}]." if facts.arrays else "",
        "identity": identity(facts.sex, facts.counts),
    }
    if kind in ("variants_only", "genotypes") and _is_silent(seen) and not sum(declared.values()):
        what = "lists variants only" if kind == "variants_only" else "lists few of the positions"
        section["headline"] = (
            f"The file {what}: {seen[CallCode.NOT_COVERED]} of {answered + missing} positions have no record "
            "and are unknown, so most phenotypes stay undetermined. Give a gVCF, or say what was looked at with "
            "--callable BED or --assay FILE."
        )
    return section


def _is_silent(seen: Mapping[CallCode, int]) -> bool:
    """Whether most positions have no record."""
    return 2 * seen[CallCode.NOT_COVERED] > sum(seen.values())


def _kind(facts: AssayFacts, seen: Mapping[CallCode, int], declared: int, references: int) -> str:
    if facts.arrays:
        return "array" if facts.arrays == facts.files else "mixed"
    if seen[CallCode.HOM_REF] > declared:
        return "gvcf"
    lists_variants = references <= _STRAY * seen[CallCode.CALLED]
    return "variants_only" if _is_silent(seen) and not declared and lists_variants else "genotypes"


def identity(declared: str, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Observed against declared sex: ``agree``, ``disagree``, ``not enough data`` or ``not declared``, with the counts."""
    observed = observed_sex(counts)
    if not declared:
        verdict = "not declared"
    elif observed in SEXES:
        verdict = "agree" if observed == declared else "disagree"
    else:
        verdict = _NOT_ENOUGH
    return {"declared_sex": declared, "observed_sex": observed, "verdict": verdict, "evidence": dict(counts)}


def observed_sex(counts: Mapping[str, Any]) -> str:
    """``male``, ``female``, ``unclear`` (the evidence contradicts itself) or ``not enough data``.

    >>> observed_sex({"x_called": 2000, "x_heterozygous": 500, "y_asked": 300, "y_called": 12})
    'female'
    """
    called, heterozygous = counts.get("x_called", 0), counts.get("x_heterozygous", 0)
    haploid, variant = counts.get("x_haploid", 0), counts.get("x_variant", 0)
    y_asked, y_called = counts.get("y_asked", 0), counts.get("y_called", 0)
    says: set[str] = set()
    if counts.get("whole_array") or y_asked:
        if called >= _X_ROWS:
            share = heterozygous / called
            says |= {"male"} if share <= _X_MALE else {"female"} if share >= _X_FEMALE else set()
        if y_asked >= _Y_ROWS:
            share = y_called / y_asked
            says |= {"male"} if share >= _Y_MALE else {"female"} if share <= _Y_FEMALE else set()
    else:
        if haploid >= _HAPLOID and not heterozygous:
            says.add("male")
        if heterozygous >= _X_HETEROZYGOUS and heterozygous >= _VARIANT_FEMALE * (heterozygous + variant + haploid):
            says.add("female")
        if variant >= _X_VARIANTS and heterozygous <= _VARIANT_MALE * (heterozygous + variant):
            says.add("male")
    if len(says) > 1:
        return "unclear"
    return says.pop() if says else _NOT_ENOUGH


def doubts(section: Mapping[str, Any]) -> tuple[Indeterminate, ...]:
    """What the assay section makes doubtful about the whole answer, to stand before anything else."""
    found = section["identity"]
    if found["verdict"] != "disagree":
        return ()
    shown = ", ".join(f"{name} {value}" for name, value in found["evidence"].items() if value and name != "source")
    return (
        Indeterminate(
            "identity of the sample",
            f"declared {found['declared_sex']}, but X and Y show {found['observed_sex']} ({shown}): "
            "the sample may be another person's",
            ("check the sample and the declared sex before using any result",),
        ),
    )
