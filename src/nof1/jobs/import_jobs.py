"""Imports as jobs of a server: only from one folder, one after the other, begun again where a stop interrupted them."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from nof1.errors import RequestError
from nof1.jobs.background import Ended, is_settled
from nof1.jobs.bulk_import import import_files
from nof1.rest.service import Service

_JOB = re.compile("[0-9a-f]{32}")
_TOLD = 100  # of what is left out


class Import(msgspec.Struct):
    """A job: its sources, how it stands, how much is stored, and what is left out (place, reason)."""

    id: str
    sources: list[str]
    state: str = "running"
    stored: int = 0
    left_out: list[tuple[str, str]] = []
    more_left_out: int = 0
    error: str = ""


class Imports:
    """The import jobs of a server. ``source``: the folder that may be imported from, ``None`` for nowhere."""

    def __init__(self, service: Service, source: Path | None, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._source = source.resolve() if source else None
        self._pool = ThreadPoolExecutor(1, "nof1-import")
        self._is_ending = threading.Event()
        for path in sorted(folder.glob("*.json")):
            job = msgspec.json.decode(path.read_bytes(), type=Import)
            if job.state == "running":
                self._pool.submit(self._run, job)

    def start(self, sources: Sequence[str]) -> str:
        """Begins a job; its id. Raises ``RequestError`` for a source that is not in the folder."""
        for source in sources:
            self._path(source)
        if not sources:
            raise RequestError("import: name at least one source, a file or folder of the import folder")
        job = Import(secrets.token_hex(16), list(sources))
        self._keep(job)
        self._pool.submit(self._run, job)
        return job.id

    def job(self, name: str) -> Import | None:
        """The job called ``name``."""
        path = self._folder / f"{name}.json"
        if not _JOB.fullmatch(name) or not path.exists():
            return None
        return msgspec.json.decode(path.read_bytes(), type=Import)

    def close(self) -> None:
        """Ends; a job that runs goes on at the next start, from where it is then."""
        self._is_ending.set()
        self._pool.shutdown(cancel_futures=True)  # what is being stored is still stored: a moment

    def _path(self, source: str) -> Path:
        if self._source is None:
            raise RequestError(
                "import: this server has no import folder; start it with --import-folder, or use nof1 record import"
            )
        try:
            path = (self._source / source).resolve()
            is_there = path.is_relative_to(self._source) and path.exists()
        except (OSError, ValueError):  # no name of a file: too long, with a sign that none can have
            is_there = False
        if not is_there:
            raise RequestError(f"import: there is no {source[:80]!r} in the import folder of this server")
        return path

    def _run(self, job: Import) -> None:
        def add(number: int) -> None:
            job.stored += number
            self._keep(job)
            if self._is_ending.is_set():
                raise Ended

        def work() -> None:
            job.stored = 0
            found = import_files(self._service, [self._path(source) for source in job.sources], workers=0, progress=add)
            job.stored = found.stored
            job.left_out, job.more_left_out = found.left_out[:_TOLD], max(0, len(found.left_out) - _TOLD)

        if is_settled(job, work):
            self._keep(job)

    def _keep(self, job: Import) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{job.id}.part"
        part.write_bytes(msgspec.json.encode(job))
        part.replace(self._folder / f"{job.id}.json")
