"""``nof1 demo``: the whole way on synthetic example people."""

from __future__ import annotations

from pathlib import Path

import click

import nof1
from nof1.cli.assess import write_report
from nof1.cli.options import FILE
from nof1.errors import RequestError


@click.command("demo")
@click.option("--out", type=FILE, default=Path("nof1-demo"), show_default=True, help="Folder for the reports.")
def command(out: Path) -> None:
    """Assess the synthetic example people; the last line printed is the path of the report to open."""
    from nof1.jobs.one_person import assess
    from nof1.report.text import summary

    page = out
    people = sorted(path for path in examples().iterdir() if path.is_dir())
    for number, folder in enumerate(people, start=1):
        genomes = sorted(folder.glob("*.vcf"))
        calls, record, asked = folder / "outside_calls.tsv", folder / "record.json", folder / "ask.yaml"
        made = assess(
            genomes,
            outside_calls=calls if calls.exists() else None,
            record=record if record.exists() else None,
            classes=_classes(asked),
        )
        page = write_report(made, out / folder.name)
        also = " and a record" if record.exists() else ""
        click.echo(f"{number} of {len(people)}: {folder.name}, {len(genomes)} genome file(s){also} from {folder}")
        if number == len(people):
            click.echo(summary(made))
        else:
            click.echo(f"  {page}")
    click.echo(str(page))


def _classes(path: Path) -> list[str]:
    """Classes of drugs that an example wants compared."""
    import yaml

    return list(yaml.safe_load(path.read_text())["compare"]) if path.exists() else []


def examples() -> Path:
    """The folder of example people, in an installed package or beside the source."""
    package = Path(nof1.__file__).parent
    for place in (package / "examples", package.parents[1] / "examples"):
        if place.is_dir():
            return place
    raise RequestError("the example people are not installed; install nof1 from its wheel or run from its source folder")
