"""Options that several verbs share, and examples filled in from the knowledge."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from nof1.errors import RequestError
from nof1.genomics.vcf import Quality

FILE = click.Path(path_type=Path)


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say how genome files are read."""
    for option in reversed(
        [
            click.option("--build", default="", help="Genome build of files whose header does not say, e.g. GRCh38."),
            click.option(
                "--absent",
                type=click.Choice(["unknown", "reference"]),
                default="unknown",
                show_default=True,
                help="What a position without a record means. 'reference' is a declaration that everything was looked at.",
            ),
            click.option(
                "--callable",
                "callable_bed",
                type=FILE,
                help="BED of regions looked at: inside, a position without a record is reference.",
            ),
            click.option(
                "--outside-calls",
                type=FILE,
                help="Calls made elsewhere: gene, diplotype, phenotype, score, tab-separated.",
            ),
            click.option(
                "--min-gq",
                type=click.FloatRange(0),
                default=20.0,
                show_default=True,
                help="Lowest GQ used, where given.",
            ),
            click.option(
                "--min-dp", type=click.IntRange(0), default=8, show_default=True, help="Lowest DP used, where given."
            ),
            click.option(
                "--accept-filter", multiple=True, metavar="NAME", help="A FILTER value to accept besides PASS and '.'."
            ),
        ]
    ):
        function = option(function)
    return function


def quality(min_gq: float, min_dp: int, accept_filter: tuple[str, ...]) -> Quality:
    """The thresholds the options ask for."""
    if math.isnan(min_gq):
        raise RequestError("--min-gq is not a number; write the lowest GQ to use, or 0")
    return Quality(min_gq, min_dp, frozenset(accept_filter))


def names(text: str) -> list[str]:
    """Names separated by commas.

    >>> names("a, b,,c")
    ['a', 'b', 'c']
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    if text and not found:
        raise RequestError(f"{text!r} names nothing; write names separated by commas")
    return found


class ExampleCommand(click.Command):
    """A command whose examples name a gene and a drug that the knowledge has."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples with names that exist."""
        if not self.epilog:
            return
        from nof1.knowledge.compiled import knowledge

        known = knowledge()
        drugs = sorted(known.drugs) or ["DRUG"]
        genes = [symbol for symbol, gene in known.genes.items() if gene.positions] or ["GENE"]
        text = self.epilog.format(drug=drugs[0], drug2=drugs[-1], gene=genes[0], gene2=genes[-1])
        formatter.write_paragraph()
        formatter.write("Examples:\n")
        for line in text.strip().splitlines():
            formatter.write(f"  {line.strip()}\n")
