"""Imports files of FHIR resources into a record store; killed at any time, the next run goes on where it stopped."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from nof1.errors import InputError, RecordError
from nof1.jobs.import_prepare import Prepared, kinds, packed, searches, unpacked
from nof1.jobs.import_units import Unit, files, fingerprint, units
from nof1.rest.matching import only_match
from nof1.rest.service import Service
from nof1.store.migrations import said, say
from nof1.store.resources import put_many

_AHEAD = 6_000  # resources prepared while others are stored, for each worker
_TOGETHER = 5_000  # resources in one transaction: pages of the indexes are touched once
_DONE = "done"
_Waiting = deque[tuple[Unit, "Future[bytes] | bytes"]]


@dataclass(slots=True)
class Imported:
    """What an import did. ``again``: files that an earlier run had finished.

    ``logical``: references by a search that matched nothing, kept as references by identifier. ``left_out``: place, reason.
    """

    stored: int = 0
    files: int = 0
    again: int = 0
    logical: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)


def import_files(
    service: Service,
    paths: Iterable[Path],
    *,
    workers: int = 1,
    is_again: bool = False,
    progress: Callable[[int], None] = lambda _number: None,
) -> Imported:
    """Stores every resource of ``paths``. ``workers``: processes that prepare; 0 for none beside this one.

    ``is_again``: also files that an earlier run had finished. Raises ``RecordError`` where there is nothing to read,
    ``StoreUnavailable`` where the store does not answer; what was stored by then stays, and the next run goes on.
    """
    result = Imported()
    waiting: _Waiting = deque()
    with _pool(workers) as submit, _Ending() as ending:
        for unit in _todo(service, files(paths), result, is_again):
            resolved = _resolved(service, asked := searches(unit.parts))
            missed = {said.partition("?")[0] for said, to in resolved.items() if not to}
            is_waiting = any(missed & kinds(before.parts) for before, _ in waiting) if missed else False
            if is_waiting or missed & ending.kinds:  # what is not stored yet may be what is meant
                if is_waiting:
                    _store(service, waiting, 0, result, progress, ending)
                ending.wait()
                resolved = _resolved(service, asked)
            waiting.append((unit, submit(unit, resolved)))
            if sum(len(one.parts) for one, _ in waiting) > _TOGETHER + workers * _AHEAD:
                _store(service, waiting, workers * _AHEAD, result, progress, ending)
        _store(service, waiting, 0, result, progress, ending)
    return result


class _pool:  # noqa: N801 (a context manager)
    """Gives the function that prepares a unit, here or in a process of its own."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Callable[[Unit, Mapping[str, str]], Future[bytes] | bytes]:
        if not self._workers:
            return lambda unit, resolved: packed(unit.parts, resolved)
        executor = self._executor = ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"))
        return lambda unit, resolved: executor.submit(packed, unit.parts, resolved)

    def __exit__(self, *_error: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


def _todo(service: Service, listed: list[Path], result: Imported, is_again: bool) -> Iterator[Unit]:
    """The units that no earlier run has stored."""
    for file in listed:
        with service.database.read() as r:
            done = "" if is_again else said(r, _key(file))
        if done == _DONE:
            result.again += 1
            continue
        result.files += 1
        yield from (unit for unit in units(file) if not done or unit.number > int(done))


def _key(file: Path) -> str:
    return f"import {fingerprint(file)}"


def _resolved(service: Service, asked: set[str]) -> dict[str, str]:
    """References that are searches, by what they match now; empty where nothing or more than one does."""
    found: dict[str, str] = {}
    if not asked:
        return found
    with service.database.read() as r:
        for one in asked:
            kind, _, query = one.partition("?")
            try:
                match = only_match(service, r, kind, query)
            except InputError:  # several, or no search at all
                match = None
            found[one] = f"{match.kind}/{match.id}" if match else ""
    return found


class _Ending:
    """Commits in a thread of its own, while the next resources are taken in. ``kinds``: their types, until ``wait``."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "nof1-commit")
        self._commit: Future[None] | None = None
        self._told: Callable[[], None] = lambda: None
        self.kinds: frozenset[str] = frozenset()

    def __enter__(self) -> _Ending:
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()

    def begin(self, transaction: ExitStack, kinds: Iterable[str], told: Callable[[], None]) -> None:
        """Ends ``transaction``; ``told`` is called in the thread of ``wait``, once it is committed."""
        self._commit, self._told, self.kinds = self._thread.submit(transaction.close), told, frozenset(kinds)

    def wait(self) -> None:
        """Returns once nothing is being committed; raises what the commit raised."""
        commit, self._commit = self._commit, None
        if commit is not None:
            self.kinds = frozenset()
            commit.result()
            self._told()


def _store(
    service: Service, waiting: _Waiting, ahead: int, result: Imported, progress: Callable[[int], None], ending: _Ending
) -> None:
    """One transaction: the resources of the units that waited longest, and that they are stored.

    ``ahead``: resources that go on waiting, being prepared meanwhile.
    """
    units: list[Unit] = []
    ready: list[Prepared] = []
    while waiting and (not ahead or sum(len(one.parts) for one, _ in waiting) > ahead):  # also units of nothing but faults
        unit, made = waiting.popleft()
        units.append(unit)
        ready.append(_ready(made))
    items = [item for one in ready for item in one.items]

    def told() -> None:
        for unit, one in zip(units, ready, strict=True):
            result.stored += len(one.items)
            result.logical += one.logical
            result.left_out += [*unit.broken, *one.left_out]
        progress(len(items))

    ending.wait()
    with ExitStack() as transaction:
        w = transaction.enter_context(service.database.write())
        put_many(w, items, now=service.now())
        for unit in units:
            if unit.number >= 0:  # a file that cannot be read to its end is read again the next time
                say(w, _key(unit.file), _DONE if unit.is_last else str(unit.number))
        ending.begin(transaction.pop_all(), (item.kind for item in items), told)


def _ready(made: Future[bytes] | bytes) -> Prepared:
    try:
        return unpacked(made.result() if isinstance(made, Future) else made)
    except BrokenProcessPool:
        raise RecordError(
            "import: a worker was ended from outside; run the same command again, it goes on from here"
        ) from None
