"""Stores of other versions and files that are no store: one clear line, or brought up to date in one transaction."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import contents
import pytest

from nof1.fhir.indexing import INDEX_EDITION
from nof1.store import migrations, reindex, schema
from nof1.store.check import check
from nof1.store.database import Database, StoreError, Writer, opened
from nof1.store.migrations import said, say
from nof1.store.resources import put_many, read


def _filled(url: str) -> None:
    database = opened(url)
    with database.write() as w:
        put_many(w, [contents.item(kind, f"n{at}", f"w{at}", at) for kind in contents.KINDS for at in range(20)], now=1)
        put_many(w, [contents.item("Patient", "n1", "other")], now=2)
    database.close()


def test_every_older_version_has_a_way_up() -> None:
    assert set(migrations.STEPS) == set(range(1, schema.VERSION))


def test_a_newer_store_is_refused(url: str) -> None:
    _filled(url)
    database = opened(url)
    with database.write() as w:
        say(w, "version", str(schema.VERSION + 1))
    database.close()
    with pytest.raises(StoreError, match=rf"newer nof1.*{schema.VERSION + 1}.*{schema.VERSION}") as caught:
        opened(url)
    assert "\n" not in str(caught.value)


def _wider(w: Writer) -> None:
    w.run("ALTER TABLE counted ADD COLUMN note TEXT")
    w.run("UPDATE counted SET note = 'moved'")


def _failing(w: Writer) -> None:
    w.run("DELETE FROM counted")
    w.run("INSERT INTO absent VALUES (1)")


def test_an_older_store_is_brought_up_to_date_or_left_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(url)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 2)
    now = schema.VERSION
    with pytest.raises(Exception, match="absent"):
        opened(url, steps={now - 2: _wider, now - 1: _failing})
    monkeypatch.setattr(schema, "VERSION", now - 2)
    opened(url).close()  # the failure left nothing
    monkeypatch.setattr(schema, "VERSION", now)
    database = opened(url, steps={now - 2: _wider, now - 1: lambda w: w.run("UPDATE counted SET note = note || '!'")})
    with database.read() as r:
        assert set(r.rows("SELECT note FROM counted")) == {("moved!",)}
        assert said(r, "version") == str(now)
    database.close()
    opened(url, steps={}).close()


def test_codes_of_a_store_of_version_1_are_counted(url: str) -> None:
    _filled(url)
    database = opened(url)
    with database.write() as w:
        expected = w.rows(
            "SELECT parameter, code, system, kind, number FROM counted_code WHERE number <> 0 ORDER BY 1, 2, 3, 4"
        )
        for table in ("counted_code", "counted_text", "i_gram"):
            w.run(f"DROP TABLE {table}")
        say(w, "version", "1")
    database.close()
    database = opened(url)
    with database.read() as r:
        assert (
            r.rows("SELECT parameter, code, system, kind, number FROM counted_code WHERE number <> 0 ORDER BY 1, 2, 3, 4")
            == expected
        )
        assert r.row("SELECT count(*) FROM counted_text") != (0,)
    assert expected
    reindex.reindex(database)
    assert check(database) == []
    database.close()


def test_two_programs_that_open_an_empty_store_make_it_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        databases: list[Database] = list(pool.map(lambda _: opened(url), range(4)))
    for at, database in enumerate(databases):
        with database.write() as w:
            put_many(w, [contents.item("Patient", f"n{at}", "x")], now=1)
    for database in databases:
        assert check(database) == []
        with database.read() as r:
            assert all(read(r, "Patient", f"n{at}") for at in range(4))
        database.close()


def test_files_that_are_no_store(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database at all " * 100)
    with pytest.raises(StoreError, match=r"text\.db is no store or is damaged"):
        opened(str(text))
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE about (name TEXT, value TEXT)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="tables of another program"):
        opened(f"sqlite:///{tmp_path / 'other.db'}")
    assert text.read_text().startswith("no database")


def test_indexes_of_another_edition_are_made_anew(url: str) -> None:
    _filled(url)
    database = opened(url)
    with database.write() as w:
        say(w, "index_edition", str(INDEX_EDITION - 1))
        w.run("DELETE FROM i_token")
        w.run("UPDATE resource SET at = at + 1")
    assert check(database)
    database.close()
    with pytest.raises(StoreError, match=rf"edition {INDEX_EDITION - 1}.*nof1 record reindex"):
        opened(url)
    database = opened(url, is_any_edition=True)
    told: list[tuple[int, int]] = []
    assert reindex.reindex(database, lambda done, of_all: told.append((done, of_all))) == 60
    assert told == [(60, 60)]
    database.close()
    database = opened(url)
    assert check(database) == []
    database.close()


def test_indexes_that_were_half_made_are_not_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(url)
    database = opened(url)
    monkeypatch.setattr(reindex, "_TOGETHER", 7)

    def stop(done: int, _of_all: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex.reindex(database, stop)
    database.close()
    with pytest.raises(StoreError, match="being made anew"):
        opened(url)
    database = opened(url, is_any_edition=True)
    reindex.reindex(database)
    assert check(database) == []
    database.close()
