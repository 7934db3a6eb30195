"""One call made elsewhere, as every reader gives it, and the file it is read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from nof1.errors import OutsideCallError


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """The alleles of one gene as written (empty for a no-call), and what the other side made of them.

    ``diplotype`` holds several possible ones separated by ``;``. ``tool`` with its version where the file gives it, empty
    for a table written by hand. ``filter`` and ``remarks``: what the tool says about its own call. ``reason``: why there
    is no result. ``is_listed``: the tool lists many genes, and one that nobody asked for is left out.
    """

    gene: str
    diplotype: str
    phenotype: str
    activity_score: str
    sample: str
    place: str
    tool: str = ""
    filter: str = ""
    reason: str = ""
    remarks: tuple[str, ...] = ()
    is_listed: bool = False

    @property
    def is_empty(self) -> bool:
        """The line says that there is no result."""
        return not (self.diplotype or self.phenotype or self.activity_score)


@dataclass(frozen=True, slots=True)
class Content:
    """The text of one file: ``json`` its decoded form (``None`` for other text), ``gene`` where known from elsewhere."""

    name: str
    text: str
    json: Any = None
    gene: str = ""
    lines: tuple[tuple[int, str], ...] = field(default=())

    @property
    def first(self) -> str:
        """The first line that is not empty."""
        return self.lines[0][1] if self.lines else ""

    def fail(self, number: int, problem: str) -> NoReturn:
        """Refuse the file because of line ``number``."""
        raise OutsideCallError(f"{self.name} line {number}: {problem}")


def cells_of(content: Content, number: int, line: str, least: int, tool: str) -> list[str]:
    """The cells of one line; ``OutsideCallError`` when there are fewer than ``least``: a line broken off."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < least:
        content.fail(number, f"{len(cells)} columns, {tool} writes at least {least}; the file is broken off, copy it again")
    return cells


def no_result(text: str) -> bool:
    """Whether ``text`` is a way to write that there is no result."""
    return text.strip().lower() in _NOTHING


_NOTHING = frozenset(
    {
        "", ".", "./.", "-", "n/a", "na", "not available", "no result", "no call", "no_call", "nocall", "none", "unknown",
        "unknown/unknown", "indeterminate", "indeterminate/indeterminate", "no_match", "no_match/no_match",
        "multiple/multiple", "not typed", "not determined",
    }
)  # fmt: skip
