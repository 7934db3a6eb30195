"""``nof1 risk``: risks of one person by published equations, from a health record or inputs by hand."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.files import write_files
from nof1.cli.options import FILE, ExampleCommand
from nof1.cli.response import day
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.model.risks import Risks

_EXAMPLES = """
nof1 risk all --record bundle.json
nof1 risk {risk_family} --record bundle.json --inputs inputs.json --html risks.html
nof1 risk {risk} --inputs inputs.json --json risks.json
nof1 risk {risk} --record bundle.json --if "{risk_input}"
"""


@click.command("risk", cls=ExampleCommand, epilog=_EXAMPLES)
@click.argument("equation", metavar="EQUATION|FAMILY|all")
@click.option(
    "--record",
    type=FILE,
    multiple=True,
    metavar="PATH",
    help="FHIR R4 of the person: a bundle, NDJSON, or a folder of them. May be given again.",
)
@click.option("--patient", default="", metavar="ID", help="The patient, where the record holds several.")
@click.option("--inputs", type=FILE, metavar="FILE", help="Inputs by name as JSON; they win over the record.")
@click.option("--if", "suppose", multiple=True, metavar="INPUT=VALUE", help="What if it were so? May be given again.")
@click.option("--today", default="", metavar="DATE", help="The day on which the record is read; today where not given.")
@click.option("--json", "json_out", type=FILE, metavar="OUT", help="Write the answer as JSON.")
@click.option("--html", "html_out", type=FILE, metavar="OUT", help="Write the answer as a page.")
@click.option("--quiet", is_flag=True, help="Print nothing but the paths of the files written.")
def command(**given: Any) -> None:
    """Show risks by a published equation, the variants of a family, or all: value, bounds where inputs are not known, what
    adds to it, what would change it, and why it is not given.

    Decision support for professionals: a risk is of people like this one, not a forecast for one person.
    """
    _check_apart(given)
    found = _found(given)
    written = _written(given, found)
    if not given["quiet"]:
        from nof1.report.dose_plot import can_show
        from nof1.report.risk_text import risk_text

        width = min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
        click.echo(risk_text(found, width, can_show(sys.stdout.encoding)))
    for path in written:
        click.echo(path)


def _written(given: dict[str, Any], found: Risks) -> list[str]:
    """The files that were asked for: written before a word is printed, for readers who have closed the pipe."""
    files: dict[str, tuple[Path, bytes]] = {}
    if given["json_out"]:
        import msgspec

        files["--json"] = given["json_out"], msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    if given["html_out"]:
        from nof1.report.risk_page import risk_page

        files["--html"] = given["html_out"], risk_page(found).encode()
    write_files(files)
    return [str(path) for path, _ in files.values()]


def _found(given: dict[str, Any]) -> Risks:
    from nof1.jobs.risks import risks

    return risks(
        given["equation"],
        record=list(given["record"]) or None,
        inputs=given["inputs"],
        suppose=_all_supposed(given["suppose"]),
        patient=given["patient"],
        today=day("--today", given["today"]),
    )


def _all_supposed(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in map(_supposed, texts):
        if name in found:
            raise RequestError(f"--if {name}: is supposed to be {found[name]!r} and {value!r}; ask for one at a time")
        found[name] = value
    return found


def _supposed(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise RequestError(f"--if {text!r}; write INPUT=VALUE, the value with its unit")
    return name.strip(), value.strip()


def _check_apart(given: dict[str, Any]) -> None:
    """Raises ``RequestError`` where two files written are one, or one that is read would be written over."""
    taken = {Path(name).resolve() for name in (*given["record"], given["inputs"]) if name}
    for name in ("json", "html"):
        path = given[f"{name}_out"]
        if path and Path(path).resolve() in taken:
            raise RequestError(f"--{name} {path} is read or written already; give it another name")
        taken |= {Path(path).resolve()} if path else set()
