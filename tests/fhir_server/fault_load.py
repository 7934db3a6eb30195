"""Clients that write to a server until it is gone, and note what it acknowledged; what must then be found in its store."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from fuzz_cases import Case
from fuzz_client import Sender

from nof1.store.resources import vread
from nof1.store.session import Database, Reader

Json = dict[str, Any]
_FHIR = (("content-type", "application/fhir+json"), ("prefer", "return=representation"))
_GROUP = re.compile(rb"group-([a-z0-9\-]+)-of-(\d+)-end")
CLIENTS, PER_BUNDLE = 4, 8


class Version(NamedTuple):
    """A version that was acknowledged. ``word``: what stands in it and nowhere else, empty for a deletion."""

    kind: str
    id: str
    vid: int
    word: str


@dataclass
class Notes:
    """What was acknowledged in a run: versions, groups that are whole, accesses as the audit names them."""

    versions: list[Version] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    accesses: Counter[tuple[str, str]] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Client(threading.Thread):
    """Writes one request after the other, each with a word of its own, until no answer comes any more."""

    def __init__(self, port: int, name: str, notes: Notes, seed: int) -> None:
        super().__init__(daemon=True)
        self._sender, self._own, self._notes = Sender(port), name, notes
        self._rng = random.Random(seed)
        self._step = 0
        self._last: dict[str, int] = {}

    def run(self) -> None:
        while self._one():
            self._step += 1
        self._sender.close()

    def _one(self) -> bool:
        word, name = f"{self._own}-{self._step}", f"{self._own}-{self._rng.randrange(4)}"
        match self._rng.randrange(10):
            case 0 | 1 | 2:
                return self._stored("update", "PUT", f"/Patient/{name}", _patient(word, name), word)
            case 3 | 4 | 5:
                return self._stored("create", "POST", "/Patient", _patient(word), word)
            case 6 | 7:
                body = json.dumps(transaction(word, "transaction")).encode()
                told = self._sender.send(Case("", "POST", "", _FHIR, body))
                if told.status == 200:
                    self._note(("transaction", f"Patient/g-{word}"), group=word)
                return self._is_going_on(told.status)
            case 8 if name in self._last:
                told = self._sender.send(Case("", "DELETE", f"/Patient/{name}"))
                last = self._last.pop(name)
                if told.status == 204:
                    vid = last + 1
                    self._note(("delete", f"Patient/{name}"), Version("Patient", name, vid, ""))
                return self._is_going_on(told.status)
            case _:
                told = self._sender.send(Case("", "GET", f"/Patient/{name}"))
                if told.status == 200:
                    self._note(("read", f"Patient/{name}"))
                return told.status in (404, 410) or self._is_going_on(told.status)

    def _stored(self, what: str, method: str, target: str, resource: Json, word: str) -> bool:
        told = self._sender.send(Case("", method, target, _FHIR, json.dumps(resource).encode()))
        if told.status in (200, 201):
            found = json.loads(told.body)
            vid = int(found["meta"]["versionId"])
            if what == "update":
                self._last[found["id"]] = vid
            self._note((what, f"Patient/{found['id']}"), Version("Patient", found["id"], vid, word))
        elif (
            what == "update"
        ):  # whether it was stored before the connection was lost is not known, nor which version is next
            self._last.pop(str(resource["id"]), None)
        return self._is_going_on(told.status)

    def _note(self, access: tuple[str, str], version: Version | None = None, group: str = "") -> None:
        with self._notes.lock:
            self._notes.accesses[access] += 1
            self._notes.versions += [version] if version else []
            self._notes.groups += [group] if group else []

    def _is_going_on(self, status: int) -> bool:
        if status not in (200, 201, 204):
            self._notes.others[status] += 1
        return status != 0


def _patient(word: str, name: str = "") -> Json:
    return {"resourceType": "Patient", **({"id": name} if name else {}), "name": [{"family": f"word-{word}-end"}]}


def transaction(word: str, kind: str) -> Json:
    """A bundle whose resources all carry ``word`` and their number, and refer to its patient."""
    said, urn = f"group-{word}-of-{PER_BUNDLE}-end", f"urn:uuid:{word}"
    person = {"resourceType": "Patient", "id": f"g-{word}", "name": [{"family": said}]}
    entries = [{"fullUrl": urn, "resource": person, "request": {"method": "PUT", "url": f"Patient/g-{word}"}}]
    for at in range(PER_BUNDLE - 1):
        note = {"resourceType": "Basic", "code": {"text": said}, "subject": {"reference": urn}}
        entries.append({"fullUrl": f"{urn}-{at}", "resource": note, "request": {"method": "POST", "url": "Basic"}})
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def bundles(folder: Path, run: str, number: int) -> list[str]:
    """Writes bundles to import into ``folder``; their words."""
    folder.mkdir(parents=True)
    words = [f"{run}-i{at}" for at in range(number)]
    for word in words:
        (folder / f"{word}.json").write_text(json.dumps(transaction(word, "transaction")))
    return words


# ---------------------------------------------------------------------------------------------- what is in the store


def missing(database: Database, notes: Notes) -> list[str]:
    """Acknowledged versions that are not there with their content."""
    found = []
    with database.read() as r:
        for one in notes.versions:
            stored = vread(r, one.kind, one.id, one.vid)
            is_there = stored and (stored.is_deleted if not one.word else f"word-{one.word}-end".encode() in stored.body)
            if not is_there:
                found.append(f"{one} -> {stored}")
    return found


def groups(r: Reader, after: int = 0) -> tuple[dict[str, tuple[int, int]], int]:
    """Of each group how many resources there are and should be, in changes after ``after``; the last change."""
    counted: Counter[tuple[str, int]] = Counter()
    last = after
    for seq, body in r.each("SELECT seq, body FROM version WHERE seq > ? ORDER BY seq", (after,)):
        last = seq
        if body and (said := _GROUP.search(bytes(body))):
            counted[said[1].decode(), int(said[2])] += 1
    return {word: (number, whole) for (word, whole), number in counted.items()}, last


def accesses(r: Reader, after: int = 0) -> tuple[Counter[tuple[str, str]], int]:
    """What the audit has after an event: interaction and reference of each access that went well; the last event."""
    found: Counter[tuple[str, str]] = Counter()
    last = after
    for seq, body in r.each("SELECT seq, body FROM audit WHERE seq > ? ORDER BY seq", (after,)):
        last = seq
        event = json.loads(bytes(body))
        what = event.get("entity", [{}])[0].get("what", {}).get("reference", "")
        if event["outcome"] == "0":
            found[event["subtype"][0]["code"], what] += 1
    return found, last
