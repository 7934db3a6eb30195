"""Measures health records in a warm process and prints one line of JSON; bench/run.py starts it and makes rows of it.

``python bench/records.py one FOLDER GENOME CALLS`` one person with 400 resources and 15 drugs, and a what-if about them;
``python bench/records.py many FOLDER COUNT`` COUNT people, the records of FOLDER repeated under new names.
"""

from __future__ import annotations

import gc
import gzip
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 25)
RESOURCES, DRUGS, RUNS = 400, 15, 15
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CALLED = {
    "CYP2C19": ("*1/*1", "*1/*2", "*2/*2", "*1/*17"),
    "CYP2C9": ("*1/*1", "*1/*2", "*1/*3"),
    "CYP2D6": ("*1/*1", "*4/*10", "*1/*4", "*4/*4"),
    "CYP3A5": ("*3/*3", "*1/*3"),
    "DPYD": ("Reference/Reference",),
    "NUDT15": ("*1/*1", "*1/*3"),
    "SLCO1B1": ("*1/*1", "*1/*5", "*5/*5"),
    "TPMT": ("*1/*1", "*1/*3A"),
    "UGT1A1": ("*1/*1", "*1/*28", "*28/*28"),
}


def bundles(folder: Path) -> list[bytes]:
    return [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.json.gz"))]


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def milliseconds(do: Callable[[], Any], runs: int = RUNS) -> list[float]:
    do()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        do()
        times.append((time.perf_counter() - started) * 1e3)
    return [statistics.median(times), min(times), max(times)]


def busy(folder: Path, rxnorm: list[str]) -> bytes:
    """The bundle whose size is next to 400 resources, cut to 400, with 15 drugs taken."""
    content = min((json.loads(one) for one in bundles(folder)), key=lambda one: abs(len(one["entry"]) - RESOURCES))
    entries = [one for one in content["entry"] if not one["resource"]["resourceType"].startswith("Medication")]
    person = next(one["resource"] for one in entries if one["resource"]["resourceType"] == "Patient")
    orders = [
        {"resourceType": "MedicationRequest", "id": f"order-{code}", "status": "active", "intent": "order",
         "subject": {"reference": f"Patient/{person['id']}"}, "authoredOn": "2026-10-01",
         "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}}
        for code in rxnorm[:DRUGS]
    ]  # fmt: skip
    filler = [entries[-1]] * max(0, RESOURCES - DRUGS - len(entries))
    kept = [
        *entries[: RESOURCES - DRUGS],
        *({"resource": {**one["resource"], "id": f"more-{n}"}} for n, one in enumerate(filler)),
    ]
    return json.dumps({**content, "entry": [*kept, *({"resource": one} for one in orders)]}).encode()


def one(folder: Path, genome: str, calls: str) -> dict[str, Any]:
    import msgspec

    from nof1.assessment.assess import assess, called_genes, chart_of
    from nof1.decision.library import library
    from nof1.decision.whatif import what_if
    from nof1.jobs.one_person import gathered, wanted
    from nof1.jobs.questions import change
    from nof1.jobs.records import person_record
    from nof1.knowledge.compiled import knowledge

    known = knowledge()
    shelf = library(known)
    advised = [known.care.drugs[name] for name in sorted(known.drugs) if name in known.care.drugs]
    chosen = [term.rxnorm for term in advised if term.rxnorm][:: max(1, len(advised) // DRUGS)]
    raw = busy(folder, chosen)
    found = gathered([genome], wanted({"outside_calls": calls}), TODAY)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "record.json"
        path.write_bytes(raw)
        record = person_record(known, path, TODAY)
        assert record is not None
        person = type(found.person)(*(getattr(found.person, name) for name in found.person.__slots__[:-1]), record)

        def whole() -> object:
            again = type(person)(
                *(getattr(person, name) for name in person.__slots__[:-1]), person_record(known, path, TODAY)
            )
            return assess(known, again, today=TODAY.isoformat(), software="", settings={}, asked=found.ways.asked)

        both = milliseconds(whole)
    genes = milliseconds(lambda: called_genes(known, person, found.ways.asked))
    chart = chart_of(shelf, called_genes(known, person, found.ways.asked), record, TODAY, ())
    taken = [item.drug for item in chart.drugs if chart.concerns(item.drug)]
    new = next(name for name in sorted(known.drugs) if name not in taken)
    swap = milliseconds(lambda: what_if(chart, change(chart, [], [], [(taken[0], new)], {})))
    egfr = milliseconds(lambda: what_if(chart, change(chart, [], [], [], {"egfr": 25.0})))
    decode = milliseconds(lambda: msgspec.json.decode(raw))
    size = {"resources": sum(record.read.values()), "drugs": len(taken), "bytes": len(raw)}
    return {**size, "both": both, "genes": genes, "swap": swap, "egfr": egfr, "decode": decode}


def many(folder: Path, count: int) -> dict[str, Any]:
    import msgspec

    from nof1.genomics.outside.call import OutsideCall
    from nof1.jobs.record_people import Patient, advise_people

    templates = [(one, _name(one)) for one in bundles(folder)]
    chance = random.Random(1)
    spent = {"making": 0.0, "decode": 0.0, "decoded": 0}
    read = bytes_read = 0
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "record.json"

        def people() -> Iterator[Patient]:
            """A new person in one file each time; neither its making nor the floor counts as ours."""
            nonlocal bytes_read
            for number in range(count):
                started = time.perf_counter()
                template, old = templates[number % len(templates)]
                content = template.replace(old, f"person-{number}".encode())
                path.write_bytes(content)
                bytes_read += len(content)
                if number % 10 == 0:
                    gc.disable()
                    before = time.perf_counter()
                    msgspec.json.decode(path.read_bytes())
                    spent["decode"] += time.perf_counter() - before
                    spent["decoded"] += 1
                    gc.enable()
                picked = {gene: chance.choice(names) for gene, names in CALLED.items()}
                calls = {gene: [OutsideCall(gene, name, "", "", "", f"line {number}")] for gene, name in picked.items()}
                spent["making"] += time.perf_counter() - started
                yield Patient(f"person-{number}", path, calls)

        memory: list[float] = []
        drugs = problems = 0
        started = time.perf_counter()
        for number, told in enumerate(advise_people(people(), today=TODAY), 1):
            read += sum(told.read.values())
            drugs += len(told.drugs)
            problems += bool(told.problem)
            if number % max(1, count // 10) == 0:
                memory.append(round(memory_mb(), 1))
        seconds = time.perf_counter() - started - spent["making"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "people": count, "seconds": seconds, "resources": read, "bytes": bytes_read, "drugs": drugs, "problems": problems,
        "memory": memory, "peak": peak, "decode": spent["decode"] / spent["decoded"] * count,
    }  # fmt: skip


def _name(bundle: bytes) -> bytes:
    entries = json.loads(bundle)["entry"]
    return next(one["resource"]["id"] for one in entries if one["resource"]["resourceType"] == "Patient").encode()


if __name__ == "__main__":
    task, where, *rest = sys.argv[1:]
    print(json.dumps(one(Path(where), *rest) if task == "one" else many(Path(where), int(rest[0]))))
