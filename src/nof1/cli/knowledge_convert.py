"""``nof1 knowledge convert-model``: a population model in another program's format, as a file of nof1."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.options import FILE


@click.command("convert-model")
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, metavar="MODEL.yaml", help="The file to write; without it the model is printed.")
@click.option("--drug", default="", help="The drug, by the name of the knowledge; by default what the file says.")
@click.option(
    "--units-as-computed",
    is_flag=True,
    help="Tucuxi: numbers have the units in which Tucuxi computes (l, h, ug/l), whatever the file says.",
)
def convert_model(file: Path, out: Path | None, drug: str, units_as_computed: bool) -> None:
    """Convert a PKPDsim model (JSON5) or a Tucuxi drug file (XML) into a model of nof1, or say why it cannot be.

    Equations are translated, the structure is found by its numbers, and what is not carried over is told, line by line.
    The model is provisional: nobody has checked it but the author of the file.
    """
    from datetime import date

    from nof1.knowledge.foreign.brought import Asked
    from nof1.knowledge.foreign.detect import read_model, written

    brought = read_model(_read(file), Asked(file.name, drug, date.today().isoformat()), as_computed=units_as_computed)
    text = written(brought.model)
    if out is None:
        click.echo(text.decode(), nl=False)
    else:
        _write(out, text)
    for note in brought.notes:
        click.echo(f"note: {note}", err=True)
    if not brought.model.drug:
        click.echo("note: the file does not name the drug; write it into the model, or give --drug", err=True)
    if out is not None:
        click.echo(f"written: {out}")


def _read(file: Path) -> bytes:
    from nof1.errors import RequestError
    from nof1.knowledge.foreign.detect import MOST_BYTES

    try:
        with open(file, "rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{str(file)!r} cannot be read ({error.strerror}); name a file") from None


def _write(out: Path, text: bytes) -> None:
    """Write ``text`` whole or not at all; a file that stands there is kept, for it may have been worked on by hand."""
    from nof1.cli.files import write_all
    from nof1.errors import RequestError

    if out.exists():
        raise RequestError(f"--out {str(out)!r} is there already; remove it or choose another name")
    write_all(out.parent, {out.name: text})
