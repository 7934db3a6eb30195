"""A program that writes until it is killed; notes each write in a file once the store has acknowledged it.

Started with the address of a store, the file, a word that no other run has, and a seed; waits for a line before it begins.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import contents

from nof1.store.audit import Audit
from nof1.store.database import Database, opened
from nof1.store.resources import delete, put, put_many


def main(url: str, notes: str, run: str, seed: int) -> None:
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for kind in contents.KINDS:  # what is compiled on first use
        contents.item(kind, "a", "x")
    sys.stdin.readline()
    database = opened(url)
    audit = Audit(database)
    for at in range(2):
        threading.Thread(target=_events, args=(audit, file, f"{run}-{at}"), daemon=True).start()
    _write(database, file, run, random.Random(seed))


def _events(audit: Audit, file: int, run: str) -> None:
    at = 0
    while True:
        at += 1
        seq = audit.add(f"event {run} {at}".encode(), at).result()
        os.write(file, f"event {seq} {run} {at}\n".encode())


def _write(database: Database, file: int, run: str, rng: random.Random) -> None:
    step = 0
    while True:
        step += 1
        name, kind = f"{run}-{rng.randrange(5)}", rng.choice(contents.KINDS)
        match rng.randrange(4):
            case 0 | 1:
                content = contents.body(kind, run, step)
                with database.write() as w:
                    stored = put(w, kind, name, content, contents.of(content, name), now=step)
                os.write(file, f"version {kind} {name} {stored.vid} PUT\n".encode())
            case 2:
                with database.write() as w:
                    gone = delete(w, kind, name, now=step)
                if gone:
                    os.write(file, f"version {kind} {name} {gone.vid} DELETE\n".encode())
            case _:
                number = rng.choice([3, 150])  # as a transaction, and as an import: VALUES and COPY on PostgreSQL
                items = [contents.item(kind, f"{run}-{step}-{at}", "all", at) for at in range(number)]
                with database.write() as w:
                    put_many(w, items, now=step)
                os.write(file, f"all {kind} {run}-{step} {number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
