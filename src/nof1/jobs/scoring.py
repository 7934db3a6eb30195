"""Reads genomes, scoring files and what they are compared with, and returns polygenic scores: ``nof1.score``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nof1.decision.situation import years
from nof1.errors import RequestError
from nof1.genomics.array_text import is_array
from nof1.genomics.contigs import canonical_build
from nof1.genomics.genomes import Reading
from nof1.genomics.vcf import GenomeFile
from nof1.jobs.score_cohort import CohortScores, score_set
from nof1.jobs.score_person import PersonScores, score_people
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.kept_scores import opened
from nof1.knowledge.score_panel import Loadings, read_components, read_loadings, read_panel, read_people
from nof1.model.scores import Floats, FrequencyPanel, ReferencePeople, ScoringFile
from nof1.risk.matching import MatchingPolicy

BUILDS = ("GRCh38", "GRCh37")


@dataclass(frozen=True, slots=True)
class ScoreWishes:
    """How scores are worked out.

    ``are_adults``: the people are declared to be adults; or ``born`` says it. ``score_build``: of the scoring files' own
    positions where their headers do not say. ``hemizygous``: copies (1 or 2) that an allele on the only copy of a chromosome
    counts. ``placing_share``: a most similar population below this share is of low confidence.
    """

    are_adults: bool = False
    born: date | None = None
    today: date | None = None
    sex: str = ""
    sample: str = ""
    score_build: str = ""
    hemizygous: int = 1
    policy: MatchingPolicy = field(default_factory=MatchingPolicy)
    placing_share: float = 0.5
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Beside:
    """What scores are compared with: frequencies, people of a reference, components of the people, or loadings for them."""

    panel: FrequencyPanel | None = None
    people: ReferencePeople | None = None
    components: tuple[tuple[str, ...], Floats] | None = None
    loadings: Loadings | None = None


def score(
    genomes: Sequence[Path | str],
    scores: Sequence[Path | str],
    *,
    panel: Path | str | None = None,
    reference: Path | str | None = None,
    components: Path | str | None = None,
    loadings: Path | str | None = None,
    reading: Reading | None = None,
    wishes: ScoreWishes | None = None,
    progress: Callable[[int], None] | None = None,
) -> PersonScores | CohortScores:
    """Polygenic scores of the people in ``genomes`` (VCF, gVCF, BCF, raw data of an array, or one PLINK .bed
    or .pgen).

    ``scores``: scoring files, or ids of kept ones. ``panel``: frequencies for what is not seen. ``reference``: people of a
    reference panel with components and scores; ``components`` of the people asked about, or ``loadings`` to work them out.
    Raises ``RequestError`` unless the people are adults, and as the readers do.
    """
    wishes = wishes or ScoreWishes()
    require_adults(wishes)
    paths = [Path(path) for path in genomes]
    if not paths or not scores:
        raise RequestError("polygenic scores need a genome file and at least one scoring file")
    if wishes.hemizygous not in (1, 2) or wishes.policy.ambiguous not in ("exclude", "forward"):
        raise RequestError("hemizygous is 1 or 2 copies, ambiguous is exclude or forward")
    _refuse_others(paths)
    genome = _stated_build(paths, (reading or Reading()).build)
    files = [opened(name, wishes.score_build, genome=genome) for name in scores]
    _require_different(files)
    beside = _beside(panel, reference, components, loadings)
    if any(map(is_set, paths)):
        _require_alone(paths, wishes, beside)
        return score_set(paths[0], files, beside.panel, wishes, (reading or Reading()).build)
    builds = [build for build in BUILDS if all(file.places(build) is not None for file in files)]
    _require_build(paths, files, builds, beside.panel)
    return score_people(paths, files, builds, beside, reading or Reading(), wishes, progress)


def is_set(path: Path) -> bool:
    """Whether a file is the genotypes of a PLINK set."""
    return path.suffix == ".pgen" or (path.suffix == ".bed" and _is_plink(path))


def require_adults(wishes: ScoreWishes) -> None:
    """Raise ``RequestError`` unless the people are known or declared to be adults (age as the site's policy has it)."""
    policy = knowledge().care.policy
    adult = policy.adult_age if policy else None
    if wishes.born is not None and adult is not None:
        if wishes.today is None:
            raise RequestError("the age of the person needs today's date")
        if wishes.born > wishes.today:
            raise RequestError(f"born {wishes.born} is in the future of {wishes.today}; correct the date")
        age = years(wishes.born, wishes.today)
        if age < adult:
            raise RequestError(f"the person is {age} years old; polygenic scores are given to adults only ({adult:g} years)")
        return
    if not wishes.are_adults:
        raise RequestError("polygenic scores are given to adults only: say so with --adult, or give --born DATE")


_NOT_READ = {
    ".bim": "is the list of variants of a PLINK set; give its .bed",
    ".fam": "is the list of people of a PLINK set; give its .bed",
    ".pvar": "is the list of variants of a PLINK 2 set; give its .pgen",
    ".psam": "is the list of people of a PLINK 2 set; give its .pgen",
    ".bgen": "BGEN is not read; make a PLINK 2 set: plink2 --bgen FILE ref-first --sample FILE --make-pgen --out SET",
}


def _refuse_others(paths: Sequence[Path]) -> None:
    """``RequestError`` for a file of a kind that has a better one beside it, or must be turned into one."""
    for path in paths:
        if path.suffix in _NOT_READ:
            raise RequestError(f"{path}: {_NOT_READ[path.suffix]}")


def _stated_build(paths: Sequence[Path], declared: str) -> str:
    """The build that a genome file states, or the user; empty where neither does."""
    texts = [path for path in paths if path.suffix != ".pgen" and not _is_plink(path) and not is_array(path)]
    stated = next((build for path in texts if (build := GenomeFile(path).build)), "")
    return stated or (canonical_build(declared) if declared else "")


def _require_alone(paths: Sequence[Path], wishes: ScoreWishes, beside: Beside) -> None:
    """``RequestError`` for what a PLINK set cannot be given with."""
    if len(paths) > 1:
        raise RequestError(f"{paths[0]}: give one PLINK set at a time, without other genome files")
    if wishes.sample or wishes.sex:
        raise RequestError(f"{paths[0]}: all people of a set are scored, by the sex it states; leave --sample and --sex out")
    if beside.people is not None:
        raise RequestError(f"{paths[0]}: people of a PLINK set are not compared with a reference; leave --reference out")


def _is_plink(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"\x6c\x1b"
    except OSError as error:
        raise RequestError(f"{path}: cannot be opened ({error.strerror}); check the path") from None


def _require_different(files: Sequence[ScoringFile]) -> None:
    ids = [file.about.id for file in files]
    twice = next((name for name in ids if ids.count(name) > 1), "")
    if twice:
        raise RequestError(f"two scoring files are named {twice}; give them different ids, or ask one at a time")


def _beside(
    panel: Path | str | None, reference: Path | str | None, components: Path | str | None, loadings: Path | str | None
) -> Beside:
    if (components or loadings) and not reference:
        raise RequestError("components and loadings place a person among reference people; give --reference too")
    if reference and not (components or loadings):
        raise RequestError("reference people are compared by components; give --components or --loadings too")
    return Beside(
        read_panel(Path(panel)) if panel else None,
        read_people(Path(reference)) if reference else None,
        read_components(Path(components)) if components else None,
        read_loadings(Path(loadings)) if loadings else None,
    )


def _require_build(
    paths: Sequence[Path], files: Sequence[ScoringFile], builds: Sequence[str], panel: FrequencyPanel | None
) -> None:
    """Raise ``RequestError`` where scores, genome and panel do not meet on one build."""
    if not builds:
        listed = "; ".join(f"{file.about.id} has {_builds_of(file)}" for file in files)
        raise RequestError(f"the scores have no build in common ({listed}); give files harmonised to one build")
    for path in paths:
        if is_array(path):
            continue
        build = GenomeFile(path).build
        if build and build not in builds:
            raise RequestError(
                f"{path}: is on {build}, the scores have positions on {' and '.join(builds)} only; give scoring files "
                f"harmonised to {build}"
            )
        if build and panel is not None and panel.build not in ("", build):
            raise RequestError(f"{path}: is on {build}, the panel {panel.name} on {panel.build}; give a panel on {build}")


def _builds_of(file: ScoringFile) -> str:
    return (
        " and ".join(build for build in BUILDS if file.places(build) is not None) or file.about.build or "none that is known"
    )
