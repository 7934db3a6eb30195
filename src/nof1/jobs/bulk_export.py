"""Exports of the record as NDJSON, one file a type, whole or of some patients: in a folder, or as jobs of a server."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from nof1.errors import RequestError
from nof1.fhir.definitions import definitions
from nof1.jobs.background import Ended, is_settled
from nof1.store import resources, streams
from nof1.store.history import last_time
from nof1.store.session import Database, Reader

KEPT_S = 7 * 86_400.0
_STATE = "export.json"
_JOB = re.compile("[0-9a-f]{32}")
_FILE = re.compile(r"[A-Z][A-Za-z]{1,60}\.ndjson")


class Asked(msgspec.Struct, frozen=True):
    """What is exported. ``scope``: ``system``, ``patient``, ``group``; ``since``: microseconds; ``types``: none for all."""

    scope: str = "system"
    group: str = ""
    since: int = 0
    types: tuple[str, ...] = ()


class Export(msgspec.Struct):
    """A job: what was asked, how it stands, and its files (type, name, resources).

    ``started``: up to when it tells all (microseconds): what it does not tell was changed then or later.
    """

    id: str
    asked: Asked
    address: str
    started: int
    state: str = "running"
    files: list[tuple[str, str, int]] = []
    error: str = ""


def checked(asked: Asked) -> Asked:
    """``asked``, if it can be served. Raises ``RequestError``."""
    for kind in asked.types:
        if kind not in definitions().resources:
            raise RequestError(f"export: {kind[:40]!r} is no type of resource")
        if asked.scope != "system" and not streams.is_of_patients(kind):
            raise RequestError(f"export: {kind} does not belong to patients; export it from the whole system")
    return asked


def export(
    database: Database,
    folder: Path,
    asked: Asked,
    step: Callable[[str, int], None] = lambda _kind, _number: None,
    line: Callable[[bytes], bytes] = bytes,
) -> list[tuple[str, str, int]]:
    """Writes the files into ``folder``, from one snapshot; type, name and number of resources of each.

    ``step``: called after each type with its number. ``line``: called with each resource, gives what is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with database.read(is_long=True) as r:
        members = _members(r, asked)
        for kind in asked.types or tuple(streams.kinds(r)):
            if asked.scope != "system" and not streams.is_of_patients(kind):
                continue
            number = _written(folder / f"{kind}.ndjson", map(line, _bodies(r, kind, asked, members)))
            if number:
                written.append((kind, f"{kind}.ndjson", number))
            step(kind, number)
    return written


def _bodies(r: Reader, kind: str, asked: Asked, members: list[str] | None) -> Iterator[bytes]:
    if asked.scope == "system":
        return streams.bodies(r, kind, since=asked.since)
    return streams.of_patients(r, kind, members, since=asked.since)


def _members(r: Reader, asked: Asked) -> list[str] | None:
    """The patients of a group by id; ``None`` where all are meant."""
    if asked.scope != "group":
        return None
    found = resources.read(r, "Group", asked.group)
    if found is None or found.is_deleted:
        raise RequestError(f"export: there is no Group/{asked.group}")
    members = msgspec.json.decode(found.body).get("member", [])
    stated = [one.get("entity", {}).get("reference", "") for one in members if not one.get("inactive")]
    return [said.split("/")[1] for said in stated if said.startswith("Patient/")]  # also of one version of a patient


def _written(path: Path, lines: Iterator[bytes]) -> int:
    """Writes NDJSON whole or not at all; the number of lines. No file where there is none."""
    number, part = 0, path.with_suffix(".part")
    with part.open("wb") as out:
        for line in lines:
            out.write(msgspec.json.format(line, indent=-1) if b"\n" in line or b"\r" in line else line)
            out.write(b"\n")
            number += 1
        out.flush()
        os.fsync(out.fileno())
    part.replace(path) if number else part.unlink()
    return number


class Exports:
    """The export jobs of a server, in ``folder``; those that a stop interrupted are begun again.

    ``kept_s``: how long files of an ended job are kept; they hold all of a record, and who fetched them has them.
    """

    def __init__(self, database: Database, folder: Path, *, kept_s: float = KEPT_S) -> None:
        self._database, self._folder, self._kept_s = database, folder, kept_s
        self._pool = ThreadPoolExecutor(1, "nof1-export")
        self._lock = threading.Lock()
        self._is_ending = threading.Event()
        self._forget_old()
        for path in sorted(folder.glob(f"*/{_STATE}")):
            job = self.job(path.parent.name)
            if job is not None and job.state == "running":
                self._pool.submit(self._run, job)

    def start(self, asked: Asked, address: str, now: int) -> str:
        """Begins a job; its id. Raises ``RequestError`` where it cannot be served."""
        job = Export(secrets.token_hex(16), checked(asked), address, now)
        with self._database.read() as r:
            _members(r, asked)
        self._forget_old()
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / job.id).mkdir(mode=0o700)  # for nobody else on this machine
        self._keep(job, is_new=True)
        self._pool.submit(self._run, job)
        return job.id

    def job(self, name: str) -> Export | None:
        """The job called ``name``."""
        path = self._folder / name / _STATE
        if not _JOB.fullmatch(name) or not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=Export)
        except (OSError, msgspec.DecodeError):  # a loss of power came between
            return None

    def expires(self, name: str) -> float:
        """Until when the files of an ended job are kept, seconds since 1970."""
        return (self._folder / name / _STATE).stat().st_mtime + self._kept_s

    def file(self, name: str, file: str) -> Path | None:
        """A file of a finished job."""
        path = self._folder / name / file
        return path if _JOB.fullmatch(name) and _FILE.fullmatch(file) and path.exists() else None

    def cancel(self, name: str) -> bool:
        """Ends and forgets a job; whether there was one."""
        if self.job(name) is None:
            return False
        with self._lock:
            (self._folder / name / _STATE).unlink(missing_ok=True)
            shutil.rmtree(self._folder / name, ignore_errors=True)  # what a job that runs still writes, it takes away itself
        return True

    def close(self) -> None:
        """Ends; the job that runs and those that wait are begun again at the next start."""
        self._is_ending.set()
        self._pool.shutdown(cancel_futures=True)

    def _forget_old(self) -> None:
        for path in self._folder.glob(f"*/{_STATE}"):
            name = path.parent.name
            job = self.job(name)
            if job is not None and job.state != "running" and self.expires(name) < time.time():
                self.cancel(name)

    def _run(self, job: Export) -> None:
        if self.job(job.id) is None:
            return

        def work() -> None:
            with self._database.read() as r:  # what is stored later is never of an earlier time
                job.started = last_time(r) or job.started
            job.files = export(self._database, self._folder / job.id, job.asked, line=self._line)

        if is_settled(job, work):
            self._keep(job)

    def _line(self, body: bytes) -> bytes:
        if self._is_ending.is_set():
            raise Ended
        return body

    def _keep(self, job: Export, is_new: bool = False) -> None:
        folder = self._folder / job.id
        with self._lock:
            if is_new or (folder / _STATE).exists():
                part = folder / f"{_STATE}.part"
                part.write_bytes(msgspec.json.encode(job))
                part.replace(folder / _STATE)
            else:  # it was cancelled meanwhile
                shutil.rmtree(folder, ignore_errors=True)
