"""The whole server is killed while clients write and an import runs: what it acknowledged is there, whole, and audited."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from fault_load import CLIENTS, PER_BUNDLE, Client, Notes, accesses, bundles, groups, missing
from fuzz_cases import Case
from fuzz_client import Sender
from serving import free_port

from nof1.store.audit import verify
from nof1.store.check import check
from nof1.store.database import opened

NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]
BUNDLES = 30


def test_killed_while_clients_write(tmp_path: Path, address: str):
    Killing(tmp_path, address, seed=1).run(3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_killed_very_often_while_clients_write(tmp_path: Path, address: str, seed: int):
    killing = Killing(tmp_path, address, seed=seed)
    killing.run(55)
    print(f"\n{killing.told()}")


class Killing:
    """Kills of one store's server, and what was acknowledged before each."""

    def __init__(self, folder: Path, address: str, seed: int) -> None:
        self._folder, self._address, self._rng = folder, address, random.Random(seed)
        self._seq = self._event = self._versions = self._whole = self._early = 0
        self._words: list[str] = []

    def run(self, times: int) -> None:
        for at in range(times):
            self._words += bundles(self._folder / f"in{at}", f"r{at}", BUNDLES)
            notes = self._killed(at)
            self._verify(notes, is_thorough=at % 10 == 9 or at == times - 1)
        assert self._versions > 10 * times, "there was nothing to lose"
        self._verify_import()

    def told(self) -> str:
        return (
            f"{self._address.partition(':')[0][:10]}: {self._versions} versions and {self._whole} transactions acknowledged,"
            f" {self._seq} changes, {self._event} events, {self._early} kills before the first answer"
        )

    def _killed(self, at: int) -> Notes:
        """One run of server, clients and import, each ended at the same random moment."""
        port, notes = free_port(), Notes()
        with (self._folder / "server.log").open("ab") as log:
            begun = [
                subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
                for command in (
                    [*NOF1, "serve", "--port", str(port), "--database", self._address],
                    [
                        *NOF1,
                        "record",
                        "import",
                        str(self._folder / f"in{at}"),
                        "--database",
                        self._address,
                        "--workers",
                        "0",
                    ],
                )
            ]
            is_early = self._rng.random() < 0.1
            if is_early or not _is_up(port, begun[0]):
                assert is_early, (self._folder / "server.log").read_text()[-3000:]
                self._early += 1
            clients = [Client(port, f"r{at}-c{one}", notes, self._rng.randrange(10**9)) for one in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(self._rng.uniform(0.05, 1.2))
            for process in begun:
                os.killpg(process.pid, signal.SIGKILL)
            for process in begun:
                process.wait()
            for client in clients:
                client.join(30)
                assert not client.is_alive()
        assert set(notes.others) <= {0, 503}, notes.others
        return notes

    def _verify(self, notes: Notes, *, is_thorough: bool) -> None:
        _await_rollback(self._address)
        database = opened(self._address)
        try:
            assert missing(database, notes) == []
            with database.read() as r:
                found, self._seq = groups(r, self._seq)
            assert [f"{word}: {one}" for word, one in found.items() if one[0] != one[1]] == []
            assert set(notes.groups) <= set(found)
            with database.read_audit() as r:
                kept, self._event = accesses(r, self._event)
                assert not is_thorough or verify(r) is None
            assert notes.accesses - kept == {}, "an answer without its event"
            assert not is_thorough or check(database) == []
        finally:
            database.close()
        self._versions += len(notes.versions)
        self._whole += len(notes.groups)

    def _verify_import(self) -> None:
        """Imports to the end what was not: each bundle is there once and whole."""
        folders = [str(path) for path in sorted(self._folder.glob("in*"))]
        command = [*NOF1, "record", "import", *folders, "--database", self._address, "--workers", "0"]
        subprocess.run(command, check=True, capture_output=True)
        database = opened(self._address)
        try:
            with database.read() as r:
                found, _ = groups(r)
            assert {word: found.get(word) for word in self._words} == dict.fromkeys(self._words, (PER_BUNDLE, PER_BUNDLE))
            assert check(database) == []
        finally:
            database.close()


def _is_up(port: int, process: subprocess.Popen[bytes]) -> bool:
    sender, until = Sender(port), time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if sender.send(Case("", "GET", "/metadata")).status == 200:
            sender.close()
            return True
        time.sleep(0.02)
    return False


def _await_rollback(address: str) -> None:
    """PostgreSQL ends the work of clients that are gone by itself; what it decides is not yet seen before."""
    until = time.monotonic() + 30
    while address.startswith("postgresql") and time.monotonic() < until:
        with psycopg.connect(address, autocommit=True) as one:
            [number] = one.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nof1'"
            ).fetchone() or (0,)
        if not number:
            return
        time.sleep(0.02)
