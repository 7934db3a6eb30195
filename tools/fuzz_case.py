"""One case of the fuzzing: a file's bytes taken through a reader, and what counts as ending badly."""

from __future__ import annotations

import re
import signal
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from nof1.errors import InputError, KnowledgeError, Nof1Error

SECONDS = 2
LAST = {"answered": False}  # whether the last case ended with an answer rather than a refusal
Mutate = Callable[[bytes, Any, Sequence[bytes]], bytes]
_OBEYED = ("Cc", "Zl", "Zp", "Cs")  # categories of signs that a terminal does not show as they are
_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


class Hang(BaseException):
    """A case took longer than it may."""


class SilentReference(AssertionError):
    """A reader said "reference" where the file does not."""


@dataclass(frozen=True)
class Target:
    """A reader with its settings: files to start from, how they are damaged, and what is done with one."""

    seeds: Callable[[], Sequence[bytes]]
    mutate: Mutate
    run: Callable[[bytes, Path], None]


@dataclass(frozen=True)
class Finding:
    """What went wrong: its kind, and where or what, equal for cases with one cause."""

    kind: str
    where: str
    detail: str = ""


def judged(target: Target, data: bytes, folder: Path) -> Finding | None:
    """What is wrong with how ``target`` takes ``data``; ``None`` when it ends well."""
    LAST["answered"] = False
    try:
        with _at_most(SECONDS):
            target.run(data, folder)
        LAST["answered"] = True
    except KnowledgeError as error:
        return _unclear(error.problems)
    except InputError as error:
        return _unclear([str(error)])
    except SilentReference as error:
        return Finding(
            "silent reference", re.sub(r"[^a-z ]+", " ", str(error).split("(")[0].split(":")[0]).strip(), str(error)
        )
    except Hang:
        return Finding("hang", f"over {SECONDS} s", traceback.format_exc(limit=-4))
    except Nof1Error as error:
        return Finding("error", type(error).__name__, str(error))
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "nof1" in frame.filename]
        where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
        return Finding("exception", f"{type(error).__name__} in {where}", traceback.format_exc(limit=-6))
    return None


def _unclear(messages: Sequence[str]) -> Finding | None:
    """An error has to be one line that a terminal shows as it is."""
    for message in messages:
        odd = next((char for char in message if unicodedata.category(char) in _OBEYED or char in _TURNING), "")
        if odd:
            words = re.sub(r"'[^']*'|\"[^\"]*\"|\S*/\S*|\d+", "", message)
            return Finding("unclear error", re.sub(r"[^A-Za-z ]+", " ", words)[:60].strip(), repr(message[:300]))
    return None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
