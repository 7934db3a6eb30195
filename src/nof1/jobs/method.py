"""How diplotypes are found, and under which reference populations."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.errors import RequestError
from nof1.jobs.priors import prepare
from nof1.knowledge.schema import Gene, Knowledge
from nof1.knowledge.weighing import Certainty
from nof1.pgx.table import GeneCaller, gene_caller

METHODS = ("certain", "named-allele")


@dataclass(frozen=True, slots=True)
class Method:
    """A method's name and the populations asked, as indexes into the knowledge's and as codes."""

    name: str
    asked: tuple[int, ...]
    populations: tuple[str, ...]
    declared: bool
    certainty: Certainty
    absent_is_reference: bool = False

    def caller(self, gene: Gene) -> GeneCaller:
        """The caller of one gene."""
        return gene_caller(gene, self.certainty if self.name == "certain" else None, self.asked, self.absent_is_reference)

    def described(self) -> dict[str, str]:
        """The method as printed among the settings."""
        codes = ", ".join(self.populations)
        asked = codes if self.declared else f"none declared: {codes}, each by itself"
        return {"method": self.name} | ({"population": asked} if self.name == "certain" else {})


def chosen(known: Knowledge, method: str = METHODS[0], population: str = "", absent: str = "unknown") -> Method:
    """The method asked for; ``population``: codes or names separated by commas, all when empty; ``absent``: what a position
    without a record means.

    Raises ``RequestError`` for a method or population nobody knows.
    """
    if method not in METHODS:
        raise RequestError(f"method is {method!r}; choose {' or '.join(METHODS)}")
    if method == "certain":
        prepare(known)
    every = known.certainty.populations
    if method != "certain" and population:
        raise RequestError(f"population is {population!r}, which method {method} does not use; leave one of them out")
    if not population:
        return Method(
            method,
            tuple(range(len(every))),
            tuple(item.code for item in every),
            False,
            known.certainty,
            absent == "reference",
        )
    asked: dict[int, None] = {}
    for name in population.split(","):
        asked[_index(known.certainty, name.strip())] = None
    return Method(
        method, tuple(asked), tuple(every[index].code for index in asked), True, known.certainty, absent == "reference"
    )


def _index(certainty: Certainty, name: str) -> int:
    for index, item in enumerate(certainty.populations):
        if name.lower() in {other.lower() for other in (item.code, item.name, *item.includes, *item.published_as)}:
            return index
    shown = ", ".join(f"{item.code} ({item.name}: {' '.join(item.includes)})" for item in certainty.populations)
    raise RequestError(f"population {name!r} is not known; choose {shown}; or leave it out: each is then asked by itself")
