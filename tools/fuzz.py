"""Fuzzes every reader: ``python tools/fuzz.py [--engine atheris|hypothesis] [--target NAME ...] [--inputs N]``.

Each target runs in a child process, which a file shared with the parent keeps in view: a crash of the interpreter or of the
VCF library, and a hang that no alarm ends, are findings like any other. What is found is made small and written to
``build/fuzz/findings/TARGET/``; what is mended is moved from there to ``tests/fuzz/corpus/TARGET/`` under a name that says
what it is, and replayed by the tests from then on.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import mmap
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
OUT = ROOT / "build" / "fuzz"
ENGINES = ("atheris", "hypothesis")
STATE_BYTES = 1 << 20
PATIENCE = 30  # seconds without a case before the parent ends a child
KEPT = 3  # examples of one cause


class State:
    """What a child is doing, in a file that outlives it.

    Three numbers: cases begun, cases that ended with an answer rather than a refusal, and the length of the present case;
    then its bytes.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(STATE_BYTES))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), STATE_BYTES)

    @property
    def done(self) -> int:
        """Cases begun."""
        return int(struct.unpack_from("<Q", self._map, 0)[0])

    @property
    def data(self) -> bytes:
        """The bytes of the present case."""
        (size,) = struct.unpack_from("<Q", self._map, 16)
        return bytes(self._map[24 : 24 + size])

    @property
    def answered(self) -> int:
        """Cases that ended with an answer."""
        return int(struct.unpack_from("<Q", self._map, 8)[0])

    def answer(self) -> None:
        """Note that the present case ended with an answer."""
        struct.pack_into("<Q", self._map, 8, self.answered + 1)

    def begin(self, data: bytes) -> None:
        """Note a case before it runs."""
        data = data[: STATE_BYTES - 24]
        self._map[24 : 24 + len(data)] = data
        struct.pack_into("<QQQ", self._map, 0, self.done + 1, self.answered, len(data))


class Bench:
    """Runs the cases of one target and keeps what it finds."""

    def __init__(self, name: str, folder: Path) -> None:
        import fuzz_targets

        self._targets = fuzz_targets
        self.name, self.target, self.folder = name, fuzz_targets.TARGETS[name], folder
        self.state = State(folder / "state")
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        tempfile.tempdir = str(self.work)
        self.starts = [*self.target.seeds(), *(path.read_bytes() for path in sorted((CORPUS / name).glob("*")))]
        self._kept: dict[tuple[str, str], int] = {}

    def case(self, data: bytes) -> None:
        """Run one case."""
        self.state.begin(data)
        found = self._targets.finding(self.name, data, self.work)
        if found is not None and found.kind == "hang":  # a busy machine is not a hang: only what hangs again is
            found = self._targets.finding(self.name, data, self.work)
        if found is None:
            if self._targets.LAST["answered"]:
                self.state.answer()
            return
        cause = (found.kind, found.where)
        if self._kept.setdefault(cause, 0) < KEPT:
            self._kept[cause] += 1
            save(self.name, found.kind, found.where, found.detail, self.smaller(data, cause))

    def smaller(self, data: bytes, cause: tuple[str, str]) -> bytes:
        """The same finding in fewer lines and bytes, as far as a few seconds go."""
        until = time.monotonic() + (0 if cause[0] == "hang" else 20)
        mark = b"\n" if b"\n" in data and data[:2] not in (b"\x1f\x8b", b"PK") else b""
        for cut in (self._without_lines, self._without_bytes) if mark else (self._without_bytes,):
            changed = True
            while changed and time.monotonic() < until:
                changed = False
                for shorter in cut(data):
                    found = self._targets.finding(self.name, shorter, self.work)
                    if found is not None and (found.kind, found.where) == cause:
                        data, changed = shorter, True
                        break
                    if time.monotonic() > until:
                        break
        return data

    @staticmethod
    def _without_lines(data: bytes) -> Iterator[bytes]:
        lines = data.split(b"\n")
        size = max(len(lines) // 2, 1)
        while size:
            for start in range(0, len(lines), size):
                yield b"\n".join(lines[:start] + lines[start + size :])
            size //= 2

    @staticmethod
    def _without_bytes(data: bytes) -> Iterator[bytes]:
        size = max(len(data) // 2, 1)
        while size >= max(len(data) // 64, 1):
            for start in range(0, len(data), size):
                yield data[:start] + data[start + size :]
            size //= 2


def save(target: str, kind: str, where: str, detail: str, data: bytes) -> None:
    """Write one finding: its bytes, and beside them what it is."""
    folder = OUT / "findings" / target
    folder.mkdir(parents=True, exist_ok=True)
    words = "".join(char if char.isalnum() else "_" for char in f"{kind} {where}")[:80]
    number = len(list(folder.glob(f"{words}-*.txt")))
    (folder / f"{words}-{number}").write_bytes(data)
    (folder / f"{words}-{number}.txt").write_text(f"{kind}: {where}\n{detail}\n", encoding="utf-8", errors="replace")


def with_hypothesis(bench: Bench, inputs: int, seed: int) -> None:
    """A start and a list of changes, drawn by hypothesis."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    changes = st.lists(st.integers(0, 2**32 - 1), min_size=0, max_size=6)

    @seeded(seed)
    @settings(
        max_examples=inputs, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(st.integers(0, len(bench.starts) - 1), changes)
    def run(start: int, numbers: list[int]) -> None:
        data = bench.starts[start]
        for number in numbers:
            data = bench.target.mutate(data, random.Random(number), bench.starts)
        bench.case(data)

    run()


def with_atheris(bench: Bench, inputs: int, seed: int) -> None:
    """libFuzzer, led by the coverage of our own code; every second change is its own."""
    import atheris

    held = bench.folder / "corpus"
    held.mkdir(exist_ok=True)
    for number, data in enumerate(bench.starts):
        (held / str(number)).write_bytes(data)

    def change(data: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        if rng.random() < 0.3:
            return bytes(atheris.Mutate(data, most))
        for _ in range(rng.choice([1, 1, 2, 3])):
            data = bench.target.mutate(data, rng, bench.starts)
        return data[:most]

    options = [f"-runs={inputs}", f"-seed={seed % 2**31 or 1}", "-max_len=65536", "-timeout=60", "-rss_limit_mb=4096",
               "-verbosity=0", "-print_final_stats=0"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(held)], bench.case, custom_mutator=change)
    atheris.Fuzz()


def child(engine: str, name: str, inputs: int, seed: int, folder: Path) -> None:
    """Fuzz one target in this process."""
    if engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["nof1.genomics", "nof1.pgx", "nof1.knowledge"]):
            bench = Bench(name, folder)
        with_atheris(bench, inputs, seed)
    else:
        with_hypothesis(Bench(name, folder), inputs, seed)


def fuzz(engine: str, name: str, inputs: int, seed: int) -> tuple[int, int]:
    """Fuzz one target in children until ``inputs`` cases are done; returns how many were, and how many had an answer."""
    done = dead = answered = 0
    while done < inputs and dead < 25:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as place:
            state = State(Path(place, "state"))
            command = [sys.executable, __file__, "--child", place, "--engine", engine, "--target", name,
                       "--inputs", str(inputs - done), "--seed", str(seed + dead)]  # fmt: skip
            with open(Path(place, "log"), "wb") as log:
                process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
            hung = _watched(process, state)
            done += state.done
            answered += state.answered
            told = Path(place, "log").read_text(errors="replace")[-1500:]
            if process.returncode and state.done and "Traceback" not in told:  # ours are written with one
                save(name, "hang" if hung else "crash", f"exit {process.returncode}", told, state.data)
            elif process.returncode:
                sys.exit(f"{name}: {told}")
            elif engine == "hypothesis" or state.done == 0:
                break
            dead += 1
    return done, answered


def _watched(process: subprocess.Popen[bytes], state: State) -> bool:
    """Wait for a child; one that stays at the same case is ended. Whether it was."""
    last, since = -1, time.monotonic()
    while process.poll() is None:
        time.sleep(0.2)
        if state.done != last:
            last, since = state.done, time.monotonic()
        elif time.monotonic() - since > PATIENCE * (1 if last else 4):
            process.kill()
            process.wait()
            return True
    return False


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fuzz every reader.")
    parser.add_argument("--engine", choices=ENGINES, help="atheris where it is installed, otherwise hypothesis")
    parser.add_argument("--target", action="append", help="only these targets")
    parser.add_argument("--inputs", type=int, default=10_000, help="for each target")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    engine = given.engine or ENGINES[0 if importlib.util.find_spec("atheris") else 1]
    if given.child:
        child(engine, given.target[0], given.inputs, given.seed, given.child)
        return
    import fuzz_targets

    for name in given.target or fuzz_targets.TARGETS:
        start = time.monotonic()
        done, answered = fuzz(engine, name, given.inputs, given.seed)
        found = len(list((OUT / "findings" / name).glob("*.txt")))
        line = {"target": name, "engine": engine, "seed": given.seed, "inputs": done, "answered": answered,
                "findings kept so far": found}  # fmt: skip
        print(json.dumps(line | {"seconds": round(time.monotonic() - start)}), flush=True)
        OUT.mkdir(parents=True, exist_ok=True)
        with open(OUT / "counts.jsonl", "a", encoding="utf-8") as counts:
            counts.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
