"""Options that several verbs share, and examples filled in from the knowledge."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.genomics.vcf import Quality
    from nof1.knowledge.schema import Knowledge

FILE = click.Path(path_type=Path)
_PERSON = ("sample", "record", "patient", "sex", "specimen", "method", "population")
_FILES = ("build", "strand", "absent", "callable_bed", "assay", "outside_calls")
_ASKED = (*_PERSON, *_FILES)


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say how genome files are read."""
    for option in reversed(
        [
            click.option("--build", default="", help="Build of files whose header does not say: GRCh38 or GRCh37."),
            click.option(
                "--strand",
                type=click.Choice(["", "forward", "reverse", "per-row"]),
                default="",
                metavar="STRAND",
                help="Strand of an array's letters where its header does not say: forward, reverse or per-row.",
            ),
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
                "--assay", type=FILE, help="A laboratory's list of positions looked at: without a record they are reference."
            ),
            click.option(
                "--outside-calls",
                type=FILE,
                multiple=True,
                metavar="FILE",
                help="Calls made elsewhere: a table of gene and diplotype, or a tool's own file. May be given again.",
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


def person_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Who is asked about: genome files, a health record, how both are read. ``asked`` turns the values into keywords."""
    for option in reversed(
        [
            click.argument("genomes", nargs=-1, type=FILE, metavar="[GENOME]..."),
            click.option("--sample", default="", help="The person, where the genome files hold several."),
            click.option(
                "--record",
                type=FILE,
                multiple=True,
                metavar="PATH",
                help="FHIR R4 of the person: a bundle, NDJSON, or a folder of them. May be given again.",
            ),
            click.option("--patient", default="", metavar="ID", help="The patient, where the record holds several."),
            click.option("--sex", default="", metavar="SEX", help="Declared sex, male or female: checked against X and Y."),
            click.option(
                "--specimen",
                type=click.Choice(["germline", "tumour"]),
                default="germline",
                show_default=True,
                help="What the DNA was taken from; that of a tumour says nothing about the person's own genes.",
            ),
        ]
    ):
        function = option(function)
    return method_options(reading_options(function))


def asked(given: dict[str, Any]) -> dict[str, Any]:
    """Keywords of ``nof1.assess`` from the values of ``person_options``, which are taken out of ``given``."""
    numbers = quality(given.pop("min_gq"), given.pop("min_dp"), given.pop("accept_filter"))
    return {"quality": numbers, **{name: given.pop(name) for name in _ASKED}}


def method_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say how diplotypes are found."""
    method = click.option(
        "--method",
        type=click.Choice(["certain", "named-allele"]),
        default="certain",
        show_default=True,
        help="certain weighs what was not seen; named-allele takes what was seen as all there is.",
    )
    population = click.option(
        "--population",
        default="",
        metavar="CODES",
        help="Reference population of the person, where known; without it every population is asked by itself.",
    )
    return method(population(function))


def quality(min_gq: float, min_dp: int, accept_filter: tuple[str, ...]) -> Quality:
    """The thresholds the options ask for."""
    if math.isnan(min_gq):
        raise RequestError("--min-gq is not a number; write the lowest GQ to use, or 0")
    from nof1.genomics.vcf import Quality

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
        classes = sorted(name for name, item in known.care.classes.items() if "compare" in item.uses) or ["CLASS"]
        text = self.epilog.format(
            drug=drugs[0],
            drug2=drugs[-1],
            gene=genes[0],
            gene2=genes[-1],
            population=known.certainty.populations[0].code,
            class_=classes[0],
            class2=classes[-1],
            **_response_names(known),
            **_modelled(known),
            **_risk_names(known),
        )
        formatter.write_paragraph()
        formatter.write("Examples:\n")
        for line in text.strip().splitlines():
            formatter.write(f"  {line.strip()}\n")


def _response_names(known: Knowledge) -> dict[str, str]:
    """A drug with an expected course and its outcome, another outcome, and a question of a scale of reactions."""
    rows, outcomes = known.responses.expected, known.responses.outcomes.values()
    scales = list(known.responses.scales.values())
    first = next((row for row in rows if row.drugs), None)
    return {
        "response_drug": first.drugs[0] if first else "DRUG",
        "outcome": first.outcome if first else "OUTCOME",
        "outcome2": next((row.id for row in outcomes if row.better == "lower" and row.scale == "log"), "OUTCOME"),
        "question": scales[0].questions[0].id if scales else "QUESTION",
    }


def _risk_names(known: Knowledge) -> dict[str, str]:
    """An equation of risk, its family, and one of its measured inputs with a value."""
    for equation in known.risks.values():
        numbers = [item for item in equation.inputs if item.reference is not None and item.unit not in ("1", "a")]
        if equation.measure == "risk" and numbers:
            value = f"{numbers[0].name}={numbers[0].reference:g} {numbers[0].unit}"
            return {"risk": equation.id, "risk_family": equation.family, "risk_input": value}
    return {"risk": "EQUATION", "risk_family": "FAMILY", "risk_input": "INPUT=VALUE"}


def _modelled(known: Knowledge) -> dict[str, str]:
    """A drug that has models and targets, with one of each."""
    dosing = {drug: file for drug, file in known.kinetics.dosing.items() if file.targets}
    models = [item for item in known.kinetics.models.values() if item.drug in dosing] or list(known.kinetics.models.values())
    if not models:
        return {"modelled": "DRUG", "model": "MODEL", "target": "TARGET"}
    targets = dosing[models[-1].drug].targets if models[-1].drug in dosing else []
    return {"modelled": models[-1].drug, "model": models[-1].id, "target": targets[0].id if targets else "TARGET"}


def require_server() -> None:
    """Raises ``RequestError`` where the extra is not installed."""
    from importlib.util import find_spec

    if missing := [name for name in ("jsonschema_rs", "granian", "jsonpatch") if find_spec(name) is None]:
        raise RequestError(f"{missing[0]} is not installed: the record store needs pip install 'nof1[server]'")
