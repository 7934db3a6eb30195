"""Exports of the record as NDJSON, one file a type, whole or of some patients: in a folder, or as jobs of a server."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from nof1.errors import Nof1Error, RequestError
from nof1.fhir.definitions import definitions
from nof1.store import resources, streams
from nof1.store.session import Database, Reader

_STATE = "export.json"
_JOB = re.compile("[0-9a-f]{32}")
_FILE = re.compile(r"[A-Z][A-Za-z]+\.ndjson")


class Asked(msgspec.Struct, frozen=True):
    """What is exported. ``scope``: ``system``, ``patient``, ``group``; ``since``: microseconds; ``types``: none for all."""

    scope: str = "system"
    group: str = ""
    since: int = 0
    types: tuple[str, ...] = ()


class Export(msgspec.Struct):
    """A job: what was asked, since when (microseconds), how it stands, and its files (type, name, resources)."""

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
    database: Database, folder: Path, asked: Asked, step: Callable[[str, int], None] = lambda _kind, _number: None
) -> list[tuple[str, str, int]]:
    """Writes the files into ``folder``, from one snapshot; type, name and number of resources of each."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with database.read() as r:
        members = _members(r, asked)
        for kind in asked.types or tuple(streams.kinds(r)):
            if asked.scope != "system" and not streams.is_of_patients(kind):
                continue
            number = _written(folder / f"{kind}.ndjson", _bodies(r, kind, asked, members))
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
    return [said.removeprefix("Patient/") for said in stated if said.startswith("Patient/")]


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
    """The export jobs of a server, in ``folder``; those that a stop interrupted are begun again."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self._pool = ThreadPoolExecutor(1, "nof1-export")
        self._lock = threading.Lock()
        for path in sorted(folder.glob(f"*/{_STATE}")):
            job = msgspec.json.decode(path.read_bytes(), type=Export)
            if job.state == "running":
                self._pool.submit(self._run, job)

    def start(self, asked: Asked, address: str, now: int) -> str:
        """Begins a job; its id. Raises ``RequestError`` where it cannot be served."""
        job = Export(secrets.token_hex(16), checked(asked), address, now)
        with self._database.read() as r:
            _members(r, asked)
        (self._folder / job.id).mkdir(parents=True)
        self._keep(job)
        self._pool.submit(self._run, job)
        return job.id

    def job(self, name: str) -> Export | None:
        """The job called ``name``."""
        path = self._folder / name / _STATE
        if not _JOB.fullmatch(name) or not path.exists():
            return None
        return msgspec.json.decode(path.read_bytes(), type=Export)

    def file(self, name: str, file: str) -> Path | None:
        """A file of a finished job."""
        path = self._folder / name / file
        return path if _JOB.fullmatch(name) and _FILE.fullmatch(file) and path.exists() else None

    def cancel(self, name: str) -> bool:
        """Ends and forgets a job; whether there was one."""
        if self.job(name) is None:
            return False
        with self._lock:
            shutil.rmtree(self._folder / name)
        return True

    def close(self) -> None:
        """Waits for the job that runs; those that wait are begun again at the next start."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, job: Export) -> None:
        try:
            job.files = export(self._database, self._folder / job.id, job.asked)
            job.state = "done"
        except (Nof1Error, OSError) as error:
            job.state, job.error = "failed", str(error)
        self._keep(job)

    def _keep(self, job: Export) -> None:
        folder = self._folder / job.id
        with self._lock:
            if folder.exists():
                part = folder / f"{_STATE}.part"
                part.write_bytes(msgspec.json.encode(job))
                part.replace(folder / _STATE)
