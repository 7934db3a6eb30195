"""Random work on a store gives what the same work on plain lists gives, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import contents
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nof1.store.check import check
from nof1.store.database import Conflict, Database, opened
from nof1.store.history import changes, history, number
from nof1.store.resources import Stored, delete, number_of, put, put_many, read, vread

_KINDS = st.sampled_from(contents.KINDS)
_NAMES = st.sampled_from(["a", "b", "c"])
_WORDS = st.sampled_from(["", "x", "Ünïcode", "y" * 300, "Ω" * 700, "long" * 3000, "o'connor \\ \t % ? 100%"])
_MATCH = st.sampled_from([None, None, None, "last", "wrong", 0])
_PUT = st.tuples(st.just("put"), _KINDS, _NAMES, _WORDS, st.integers(0, 60), _MATCH)
_DELETE = st.tuples(st.just("delete"), _KINDS, _NAMES, _MATCH)
_MANY = st.tuples(st.just("many"), st.lists(st.tuples(_KINDS, _NAMES, _WORDS, st.integers(0, 60)), max_size=12))
_BROKEN = st.tuples(st.just("broken"), st.lists(_PUT | _DELETE, min_size=1, max_size=3))
_WORK = st.lists(_PUT | _PUT | _DELETE | _MANY | _BROKEN, max_size=12)


class Broken(Exception):
    """Ends a transaction."""


@dataclass
class Model:
    """All versions in order: (kind, id, vid, updated, content or None)."""

    log: list[tuple[str, str, int, int, bytes | None]] = field(default_factory=list)
    clock: int = 0

    def versions(self, kind: str, name: str) -> list[tuple[str, str, int, int, bytes | None]]:
        return [one for one in self.log if one[:2] == (kind, name)]

    def found(self, kind: str, name: str) -> int:
        """The version of what exists now, 0 for nothing."""
        own = self.versions(kind, name)
        return own[-1][2] if own and own[-1][4] is not None else 0

    def expected(self, kind: str, name: str, match: Any) -> int | None:
        found = self.found(kind, name)
        return found if match == "last" else found + 7 if match == "wrong" else match

    def add(self, kind: str, name: str, now: int, content: bytes | None) -> None:
        self.clock = max(self.clock, now)
        self.log.append((kind, name, len(self.versions(kind, name)) + 1, self.clock, content))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def reused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("model") / "record.db")
    else:
        make: Callable[[], str] = request.getfixturevalue("new_database")
        url = make()
    database = opened(url)
    yield database
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(work=_WORK, times=st.lists(st.integers(0, 10**15), min_size=1, max_size=5))
@example(work=[("put", "Patient", "a", "x", 1, None), ("broken", [("put", "Patient", "a", "y" * 300, 2, None)])], times=[5])
@example(work=[("many", [("Patient", "a", "x", 1), ("Patient", "b", "", 1), ("Patient", "a", "x", 2)])], times=[9, 1])
def test_same_as_plain_lists(reused: Database, work: list[Any], times: list[int]) -> None:
    contents.empty(reused)
    model = Model()
    for at, step in enumerate(work):
        _step(reused, model, step, times[at % len(times)])
    _compare(reused, model)
    assert check(reused) == []


def _step(database: Database, model: Model, step: Any, now: int) -> None:
    before = list(model.log), model.clock
    try:
        with database.write() as w:
            _do(w, model, step, now)
    except (Conflict, Broken):
        model.log, model.clock = before


def _do(w: Any, model: Model, step: Any, now: int) -> None:
    match step:
        case ("put", kind, name, word, number, match):
            content, expected = contents.body(kind, word, number), model.expected(kind, name, match)
            if expected is not None and expected != model.found(kind, name):
                with pytest.raises(Conflict, match=rf"{kind}/{name}: .*({expected}|not to exist)"):
                    put(w, kind, name, content, contents.of(content, name), now=now, if_match=expected)
                raise Broken
            stored = put(w, kind, name, content, contents.of(content, name), now=now, if_match=expected)
            model.add(kind, name, now, content)
            _same(stored, model.log[-1])
        case ("delete", kind, name, match):
            expected, found = model.expected(kind, name, match), model.found(kind, name)
            if expected is not None and expected != found:
                with pytest.raises(Conflict):
                    delete(w, kind, name, now=now, if_match=expected)
                raise Broken
            stored_or_none = delete(w, kind, name, now=now, if_match=expected)
            assert (stored_or_none is not None) == bool(found)
            if stored_or_none:
                model.add(kind, name, now, None)
                _same(stored_or_none, model.log[-1])
        case ("many", parts):
            items = [contents.item(*part) for part in parts]
            written = put_many(w, items, now=now)
            for one in items:
                model.add(one.kind, one.id, now, one.body)
            for stored, logged in zip(written, model.log[len(model.log) - len(items) :], strict=True):
                _same(stored, logged)
        case ("broken", parts):
            for part in parts:
                _do(w, model, part, now)
            raise Broken


def _same(stored: Stored, logged: tuple[str, str, int, int, bytes | None]) -> None:
    assert stored[:4] == logged[:4]
    content = logged[4]
    assert stored.is_deleted == (content is None)
    if content is None:
        assert stored.body == b""
        return
    raw = dict[str, msgspec.Raw]
    came, kept = (msgspec.json.decode(one, type=raw) for one in (content, stored.body))
    assert {key: bytes(value) for key, value in kept.items() if key not in ("id", "meta")} == {
        key: bytes(value) for key, value in came.items() if key != "meta"
    }
    meta = msgspec.json.decode(kept["meta"])
    assert (msgspec.json.decode(kept["id"]), meta["versionId"]) == (stored.id, str(stored.vid))
    assert meta["profile"] == msgspec.json.decode(came["meta"])["profile"]


def _compare(database: Database, model: Model) -> None:
    with database.read() as r:
        everything = history(r, count=10**6)
        for stored, logged in zip(everything, model.log[::-1], strict=True):
            _same(stored, logged)
        assert changes(r, 0, count=10**6) == everything[::-1]
        assert [one.seq for one in everything] == sorted({one.seq for one in everything}, reverse=True)
        assert _paged(r, 3) == everything
        for kind in contents.KINDS:
            own = [one for one in everything if one.kind == kind]
            assert _paged(r, 2, kind) == own
            assert number(r, kind) == len(own)
            assert number_of(r, kind) == sum(bool(model.found(kind, name)) for name in "abc")
            for name in "abcd":
                _compare_one(r, kind, name, [one for one in own if one.id == name])
        for since in {one.updated + step for one in everything for step in (0, 1)}:
            assert history(r, since=since, count=10**6) == [one for one in everything if one.updated >= since]
            assert number(r, since=since) == sum(one.updated >= since for one in everything)


def _compare_one(r: Any, kind: str, name: str, own: list[Stored]) -> None:
    assert read(r, kind, name) == (own[0] if own else None)
    assert _paged(r, 1, kind, name) == own
    for stored in own:
        assert vread(r, kind, name, stored.vid) == stored
    assert vread(r, kind, name, len(own) + 1) is None
    assert vread(r, kind, name, 0) is None


def _paged(r: Any, size: int, kind: str = "", name: str = "") -> list[Stored]:
    found: list[Stored] = []
    before = None
    while page := history(r, kind, name, before=before, count=size):
        found += page
        before = page[-1].seq
    return found


def test_reading_leaves_no_names_behind(tmp_path: Path) -> None:
    database = opened(str(tmp_path / "record.db"))
    with database.read() as r:
        assert read(r, "Patient", "a") is None
        assert history(r, "Patient") == []
        assert r.rows("SELECT kind, name FROM kind") == [(0, "")]
    database.close()
