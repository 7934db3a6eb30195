"""``nof1 dose``: from doses given and levels measured to doses with their chances, for one person."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.files import write_file
from nof1.cli.options import FILE, ExampleCommand, asked, person_options
from nof1.cli.progress import counting
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.jobs.dosing import Answered

_NARROWEST, _WIDEST = 40, 120  # columns
_EXAMPLES = """
nof1 dose {modelled} --history history.json
nof1 dose {modelled} --history history.json --target {target} --json dose.json --html dose.html
nof1 dose {modelled} --record bundle.json --now 2026-11-22T20:00Z --html dose.html
nof1 dose {modelled} person.vcf.gz --history history.json --model {model}
nof1 dose my-model.yaml --history history.json
"""


@click.command("dose", cls=ExampleCommand, epilog=_EXAMPLES)
@click.argument("name", metavar="DRUG|MODEL.yaml")
@person_options
@click.option("--history", type=FILE, metavar="FILE", help="Doses, levels and facts of the person, as JSON.")
@click.option("--target", default="", metavar="NAME", help="The target, where the drug has several; else its usual one.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Only this model, by id or file. May be given again.")
@click.option(
    "--interval", "intervals", type=float, multiple=True, metavar="HOURS", help="Only this interval. May be given again."
)
@click.option("--now", default="", metavar="TIME", help="With --record: when the next dose may be given.")
@click.option(
    "--troughs", is_flag=True, help="With --record: levels were taken just before a dose, where no times of doses are known."
)
@click.option("--mic", type=float, metavar="MG/L", help="The MIC, for targets that are per MIC.")
@click.option(
    "--prior",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="How much the population counts beside the levels: below 1 the levels count more.",
)
@click.option("--draws", type=int, metavar="NUMBER", help="Draws of the posterior.")
@click.option("--seed", type=int, metavar="NUMBER", help="Where the draws begin; the same seed gives the same answer.")
@click.option("--json", "json_out", type=FILE, metavar="OUT", help="Write the answer as JSON.")
@click.option("--html", "html_out", type=FILE, metavar="OUT", help="Write the answer as a page.")
@click.option("--fhir", "fhir_out", type=FILE, metavar="OUT", help="Write the answer as a FHIR R4 bundle.")
@click.option("--quiet", is_flag=True, help="Print nothing but the paths of the files written.")
def command(**given: Any) -> None:
    """Show which doses of a drug suit one person, from doses given, levels measured and published population models.

    For each dose that exists: how likely the exposure is in, below and above the target, and what stands in the way of a
    draft. Decision support for professionals: not cleared by any authority, and a draft is a draft.
    """
    _check_apart(given)
    full = _answered(given)
    written = _write(full, given)
    if not given["quiet"]:
        from nof1.report.dose_plot import can_show
        from nof1.report.dose_text import dose_text

        width = min(max(shutil.get_terminal_size((100, 24)).columns, _NARROWEST), _WIDEST)
        click.echo(dose_text(full.document, width, can_show(sys.stdout.encoding)))
    for path in written:
        click.echo(str(path))


def _write(full: Answered, given: dict[str, Any]) -> list[Path]:
    """Write every file asked for, before a word is printed: a reader who looks at the first lines only gets them all."""
    import msgspec

    def json(value: Any) -> bytes:
        return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"

    found, texts = full.document, {}
    if given["json_out"]:
        texts["json"] = json(found)
    if given["html_out"]:
        from nof1.report.dose_page import dose_page

        texts["html"] = dose_page(found).encode()
    if given["fhir_out"]:
        from nof1.jobs.dosing import fhir_bundle

        texts["fhir"] = json(fhir_bundle(full))
    for name, text in texts.items():
        write_file(given[f"{name}_out"], f"--{name}", text)
    return [given[f"{name}_out"] for name in texts]


def _check_apart(given: dict[str, Any]) -> None:
    """Raises ``RequestError`` where two files written are one, or one that is read would be written over."""
    outs = [(f"--{name}", given[f"{name}_out"]) for name in ("json", "html", "fhir") if given[f"{name}_out"]]
    models = [name for name in (given["name"], *given["models"]) if Path(name).is_file()]
    read = [given["history"], *models, *given["genomes"], *given["record"]]
    taken = {Path(name).resolve() for name in read if name}
    for option, path in outs:
        if Path(path).resolve() in taken:
            raise RequestError(f"{option} {path} is read or written already; give it another name")
        taken.add(Path(path).resolve())


def _answered(given: dict[str, Any]) -> Answered:
    from nof1.jobs.dosing import DoseWishes, answered

    numbers = {name: given[name] for name in ("draws", "seed") if given[name] is not None}
    wishes = DoseWishes(
        given["target"],
        tuple(given["intervals"]),
        given["mic"],
        given["prior"],
        now=given["now"],
        are_troughs=given["troughs"],
        **numbers,
    )
    how = asked(given)
    with counting("records read:") as add:
        return answered(
            given["name"],
            given["genomes"],
            history=given["history"],
            models=given["models"],
            wishes=wishes,
            progress=add,
            **how,
        )
