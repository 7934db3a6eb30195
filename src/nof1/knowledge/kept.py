"""What is worked out from one piece of knowledge (a gene, a guideline), kept for the next one who asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Subject = TypeVar("Subject")
Made = TypeVar("Made")
_MOST = 4096


def kept(make: Callable[[Subject], Made]) -> Callable[[Subject], Made]:
    """``make``, asked once for each piece of knowledge; the piece itself tells, not what is in it.

    >>> twice = kept(lambda words: [*words, *words])
    >>> words = ["a"]
    >>> twice(words) is twice(words), twice(["a"]) is twice(words)
    (True, False)
    """
    known: dict[int, tuple[Subject, Made]] = {}

    @wraps(make)
    def ask(subject: Subject) -> Made:
        found = known.get(id(subject))
        if found is None or found[0] is not subject:
            if len(known) >= _MOST:
                known.clear()
            found = known[id(subject)] = subject, make(subject)
        return found[1]

    return ask
