"""What is wrong with a resource: where, in words, and as FHIR's type of issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]")
_SHOWN = 60  # characters of a value in a message
_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]{0,60}")


class Problem(NamedTuple):
    """``path``: from the type, ``Observation.component[1].code``. ``code``: an issue type of FHIR, such as ``required``.

    ``is_error``: or a warning. The message is one line that names the value and the way out.
    """

    path: str
    message: str
    code: str
    is_error: bool = True


def under(step: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of a part, seen from the whole: ``step`` is the part's name (``component[1]``), '' for the whole itself."""
    for one in problems:
        yield one._replace(path=joined(step, one.path))


def joined(*steps: str) -> str:
    """A path out of its steps; empty ones are left out.

    >>> joined("Observation", "", "component[1].code")
    'Observation.component[1].code'
    """
    return ".".join(filter(None, steps))


def place(start: str, keys: Iterable[str | int]) -> str:
    """The path of decoded keys and positions below ``start``.

    >>> place("Patient", ["name", 0, "given"])
    'Patient.name[0].given'
    """
    text = start
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{named(key)}"
    return text


def named(key: object) -> str:
    """A member's name for a path; one that could not be an element's is quoted and cut."""
    return key if isinstance(key, str) and _PLAIN_NAME.fullmatch(key) else shown(key)


def shown(value: object) -> str:
    """A value for a message: quoted when text, cut when long, control signs and broken characters replaced.

    >>> shown("a\\nb"), shown(3), shown(None), shown([1])
    ("'a\ufffdb'", '3', 'null', 'a list')
    """
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return f"'{_NOT_SHOWN.sub(chr(0xFFFD), cut)}'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"{value:.6g}" if isinstance(value, float) else str(value) if abs(value) < 10**20 else "a very large number"
    return {"list": "a list", "tuple": "a list", "dict": "an object"}.get(type(value).__name__, "a value that is no JSON")
