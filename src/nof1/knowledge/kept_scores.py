"""Keeps scoring files that a user has brought: checked, by id and digest, several versions side by side."""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.scores import read_score
from nof1.model.scores import FATE_WORDS, Fate, ScoreAbout, ScoringFile

_ARRAYS = ("line", "own", "harmonised", "effect", "other", "weights", "refused", "frequency")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST = re.compile(r"[0-9a-f]{0,64}")
_FORMAT = 2
_NAMED = 8
_LEFT_ALONE = 3600  # seconds: somebody may still be writing it


@dataclass(frozen=True, slots=True)
class KeptScore:
    """Where a scoring file is kept, whether it was new, and rows that cannot be scored, by why."""

    about: ScoreAbout
    rows: int
    path: Path
    is_new: bool
    refused: dict[str, int] = field(default_factory=dict)


def scores_folder() -> Path:
    """The user's folder of scores: ``nof1/scores`` in XDG_DATA_HOME, by default ``~/.local/share``."""
    root = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(root) / "nof1" / "scores"


def add_scores(path: Path, into: Path | None = None, build: str = "") -> KeptScore:
    """Check a scoring file and keep it in columns under its id and digest; a file that is kept already is left as it is.

    ``build``: of its own positions, where the header does not say. Raises ``RequestError``; nothing is written then.
    """
    made = read_score(path, build)
    about = made.about
    if not _SAFE.fullmatch(about.id):
        raise RequestError(f"{path}: its id {about.id[:60]!r} cannot name a file; use letters, digits, points and hyphens")
    folder = (into or scores_folder()) / about.id
    target = folder / f"{about.digest[:16]}{'.' + about.build if build else ''}.npz"
    if _is_kept(target):
        return KeptScore(about, len(made), target, False, _refused(made))
    said = {"format": _FORMAT, "about": asdict(about), "others": {str(row): codes for row, codes in made.others.items()}}
    arrays = {name: getattr(made, name) for name in _ARRAYS}
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    arrays["names"] = np.frombuffer("\n".join(made.names).encode(), np.uint8)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _written(target, arrays)
    except OSError as error:
        raise RequestError(f"{str(folder)!r} cannot be written ({error.strerror}); choose another folder") from None
    return KeptScore(about, len(made), target, True, _refused(made))


def _refused(made: ScoringFile) -> dict[str, int]:
    """Rows that no genome can be scored on, by why."""
    codes, counts = np.unique(made.refused[made.refused > 0], return_counts=True)
    return {FATE_WORDS[Fate(code)]: int(count) for code, count in zip(codes, counts, strict=True)}


def _is_kept(target: Path) -> bool:
    """Whether it is there and can be read; one that is damaged or of an earlier form is written anew."""
    try:
        _loaded(target)
    except RequestError:
        return False
    return True


def _written(target: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Under another name first: whoever is stopped in the middle leaves nothing that is taken for a score."""
    part = ""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
            part = file.name
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)
        os.replace(part, target)
        _clear(target)
    except OSError:
        if part:
            Path(part).unlink(missing_ok=True)
        raise


def _clear(target: Path) -> None:
    """Remove what somebody who was stopped left behind, more than an hour before ``target`` was written."""
    made = target.stat().st_mtime
    for left in target.parent.glob("*.part"):
        with suppress(OSError):
            if made - left.stat().st_mtime > _LEFT_ALONE:
                left.unlink()


def kept_score(name: str, within: Path | None = None, genome: str = "") -> ScoringFile:
    """The kept score of an id, or of ``id@digest`` (its first letters) where several versions are kept.

    ``genome``: the build of the genome, where it is known; of several versions the only one with positions on it counts.
    Raises ``RequestError`` where there is none, or more than one.
    """
    identity, _, digest = name.partition("@")
    root = within or scores_folder()
    is_name = _SAFE.fullmatch(identity) and _DIGEST.fullmatch(digest)
    found = sorted((root / identity).glob(f"{digest}*.npz")) if is_name else []
    if not found:
        raise RequestError(f"no score {name!r} is kept, and no such file; give a scoring file, or add it first{_near(root)}")
    made = [_loaded(path) for path in found]
    fit = [one for one in made if genome and one.places(genome) is not None]
    if len(made) > 1 and len(fit) != 1:
        listed = ", ".join(f"{identity}@{path.stem[:8]} ({_told(one)})" for path, one in zip(found, made, strict=True))
        raise RequestError(f"several versions of {identity} are kept: {listed}; name one of them")
    return made[0] if len(made) == 1 else fit[0]


def _near(root: Path) -> str:
    """Which scores are kept, the first few, for somebody who named another."""
    kept = sorted({path.parent.name for path in root.glob("*/*.npz")})
    return f" (kept are {', '.join(kept[:_NAMED])}{', ...' if len(kept) > _NAMED else ''})" if kept else ""


def _loaded(path: Path) -> ScoringFile:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as kept:
            said = json.loads(kept["said"].tobytes())
            if said["format"] != _FORMAT:
                raise ValueError(said["format"])
            arrays = {name: kept[name] for name in _ARRAYS}
            names = tuple(kept["names"].tobytes().decode().split("\n"))
            about = said["about"]
            about["notes"] = tuple(about["notes"])
            others = {int(row): tuple(codes) for row, codes in said["others"].items()}
            return ScoringFile(about=ScoreAbout(**about), others=others, names=names, **arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RequestError(f"{path}: the kept score cannot be read ({error}); add its file again") from None


def _told(made: ScoringFile) -> str:
    """Builds of a kept score and the file it came from."""
    about = made.about
    builds = " and ".join(dict.fromkeys(name for name in (about.harmonised, about.build) if name))
    return f"{builds}, {about.file}"


def opened(name: Path | str, build: str = "", within: Path | None = None, genome: str = "") -> ScoringFile:
    """A scoring file by path, or a kept one by id; a file of that name comes first.

    ``build`` of a file's own positions where it does not say; ``genome``: build of the genome, to choose among versions.
    """
    path, identity = Path(name), str(name).partition("@")[0]
    is_kept = bool(_SAFE.fullmatch(identity)) and ((within or scores_folder()) / identity).is_dir()
    if path.is_file() or "/" in str(name) or (path.suffix and not is_kept):
        return read_score(path, build)
    return kept_score(str(name), within, genome)
