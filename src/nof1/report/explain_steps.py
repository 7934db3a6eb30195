"""A decoded tree of reasons as indented lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def steps_of(because: dict[str, Any], depth: int, seen: set[str]) -> Iterator[str]:
    """The step and all it rests on; a step with reasons of its own that was shown before is only named."""
    line = _line(because)
    below = because.get("rests_on") or ()
    if below and line in seen:
        yield f"{'  ' * depth}{line} (reasons: above)"
        return
    seen.add(line)
    yield "  " * depth + line
    for step in below:
        yield from steps_of(step, depth + 1, seen)


def _line(because: dict[str, Any]) -> str:
    source = because.get("source")
    cited = f"  <{source['source']}{'#' + source['place'] if source.get('place') else ''}>" if source else ""
    status = f" [{because['status']}]" if because.get("status") else ""
    value = f": {because['value']}" if because.get("value") else ""
    return " ".join(f"{because['claim']}{value}".split()) + cited + status
