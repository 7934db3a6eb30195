"""The whole error tree.

::

    Nof1Error
    +- InputError          the caller's data or request     CLI exit 2   HTTP 422
    |  +- GenomeError      a genome file, or a record in it
    |  +- RecordError      a health record, or a file of one
    |  +- OutsideCallError a table of calls made elsewhere
    |  +- UnitError        a unit, or a conversion between two, that cannot be
    |  +- RequestError     an option, a name, a combination that cannot be served
    +- NotInKnowledge      no such gene, drug or source     CLI exit 2   HTTP 404
    +- KnowledgeError      a knowledge file is wrong        CLI exit 3   never per request

Everything else is a fault of ours (CLI exit 1, HTTP 500). Missing data is no error: it is an ``Indeterminate``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]")


class Nof1Error(Exception):
    """Root of every error raised on purpose; its text is one line that a user can act on.

    What a file brings into the text and a terminal would obey (line ends, control signs, turned writing) is shown as U+FFFD.
    """

    exit_code = 1

    def __init__(self, text: str = "") -> None:
        super().__init__(_NOT_SHOWN.sub("\ufffd", text))


class InputError(Nof1Error):
    """The caller's data or request is wrong."""

    exit_code = 2


class GenomeError(InputError):
    """A genome file, or a record in it, cannot be used."""


class RecordError(InputError):
    """A health record, or a file of one, cannot be used."""


class OutsideCallError(InputError):
    """A table of calls made elsewhere cannot be used."""


class UnitError(InputError):
    """A unit's text is not UCUM, or a value cannot be converted between two units."""


class RequestError(InputError):
    """An option, a name or a combination of them that cannot be served."""


class NotInKnowledge(InputError):
    """A gene, drug or source that the loaded knowledge does not have."""


class KnowledgeError(Nof1Error):
    """One or more knowledge files are wrong; every problem is listed at once.

    ``problems`` holds one line for each: file, row, value and remedy.
    """

    exit_code = 3

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(_NOT_SHOWN.sub("\ufffd", line) for line in problems)
        count = len(self.problems)
        head = f"knowledge: {count} problem{'s' if count != 1 else ''}"
        Exception.__init__(self, "\n".join([head, *(f"  {line}" for line in self.problems)]))
