"""Keeps scoring files that a user has brought: checked, by id and digest, several versions side by side."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.scores import read_score
from nof1.model.scores import ScoreAbout, ScoringFile

_ARRAYS = ("line", "own", "harmonised", "effect", "other", "weights", "refused", "frequency")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptScore:
    """Where a scoring file is kept, and whether it was new."""

    about: ScoreAbout
    rows: int
    path: Path
    is_new: bool


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
    if target.exists():
        return KeptScore(about, len(made), target, False)
    said = {"format": _FORMAT, "about": asdict(about), "others": {str(row): codes for row, codes in made.others.items()}}
    arrays = {name: getattr(made, name) for name in _ARRAYS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            text = np.frombuffer(json.dumps(said).encode(), np.uint8)
            names = np.frombuffer("\n".join(made.names).encode(), np.uint8)
            np.savez(file, said=text, names=names, **arrays)
        os.replace(file.name, target)
        os.chmod(target, 0o644)
    except OSError as error:
        raise RequestError(f"{str(folder)!r} cannot be written ({error.strerror}); choose another folder") from None
    return KeptScore(about, len(made), target, True)


def kept_score(name: str, within: Path | None = None) -> ScoringFile:
    """The kept score of an id, or of ``id@digest`` (its first letters) where several versions are kept.

    Raises ``RequestError`` where there is none, or more than one.
    """
    identity, _, digest = name.partition("@")
    folder = (within or scores_folder()) / identity
    found = sorted(folder.glob(f"{digest}*.npz")) if _SAFE.fullmatch(identity) else []
    if not found:
        raise RequestError(f"no score {name!r} is kept, and no such file; give a scoring file, or add it first")
    if len(found) > 1:
        listed = ", ".join(f"{identity}@{path.stem[:8]}" for path in found)
        raise RequestError(f"several versions of {identity} are kept: {listed}; name one of them")
    return _loaded(found[0])


def _loaded(path: Path) -> ScoringFile:
    try:
        with np.load(path, allow_pickle=False) as kept:
            said = json.loads(kept["said"].tobytes())
            if said["format"] != _FORMAT:
                raise ValueError(said["format"])
            arrays = {name: kept[name] for name in _ARRAYS}
            names = tuple(kept["names"].tobytes().decode().split("\n"))
    except (OSError, ValueError, KeyError) as error:
        raise RequestError(f"{path}: the kept score cannot be read ({error}); remove it and add the file again") from None
    about = said["about"]
    about["notes"] = tuple(about["notes"])
    others = {int(row): tuple(codes) for row, codes in said["others"].items()}
    return ScoringFile(about=ScoreAbout(**about), others=others, names=names, **arrays)


def opened(name: Path | str, build: str = "", within: Path | None = None) -> ScoringFile:
    """A scoring file by path, or a kept one by id."""
    path = Path(name)
    if path.exists() or path.suffix or "/" in str(name):
        return read_score(path, build)
    return kept_score(str(name), within)
