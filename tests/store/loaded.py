"""Brings a world of resources into a store, a minute apart, each with the rows by which it is found."""

from __future__ import annotations

from typing import Any

import msgspec
import world as w

from nof1.fhir.indexing import indexed
from nof1.store import resources

START = w.span("2024-01-01T00:00:00Z")[0]


def load(database: Any, seed: int) -> w.World:
    """The world as it stands in the store at the end."""
    made = w.World()
    for at, (what, kind, name, content) in enumerate(w.steps(seed)):
        now = START + (at // 3) * 60_000_000
        with database.write() as writer:
            if what == "delete":
                resources.delete(writer, kind, name, now=now)
                del made.resources[kind, name]
                continue
            whole = {**(content or {}), "id": name}
            resources.put(writer, kind, name, msgspec.json.encode(whole), indexed(whole), now=now)
        made.resources[kind, name] = whole
        made.updated[kind, name] = now
        if (kind, name) not in made.order:
            made.order.append((kind, name))
    return made
