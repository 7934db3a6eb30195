"""``nof1 demo``: the whole way on synthetic example people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import nof1
from nof1.cli.assess import write_report
from nof1.cli.files import write_file
from nof1.cli.options import FILE
from nof1.cli.progress import tell
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.jobs.secondary_ahead import Unasked


@click.command("demo")
@click.option("--out", type=FILE, default=Path("nof1-demo"), show_default=True, help="Folder for the reports.")
def command(out: Path) -> None:
    """Assess the synthetic example people; the last line printed is the path of the report to open."""
    from nof1.jobs.one_person import assess
    from nof1.report.dose_plot import can_show
    from nof1.report.text import summary

    page = out
    shown: Path | None = None
    people = sorted(path for path in examples().iterdir() if path.is_dir())
    for number, folder in enumerate(people, start=1):
        genomes = sorted(folder.glob("*.vcf"))
        is_told = (folder / "record.json").exists()
        calls, record, asked = folder / "outside_calls.tsv", folder / "record.json", folder / "ask.yaml"
        made = assess(
            genomes,
            outside_calls=calls if calls.exists() else None,
            record=record if is_told else None,
            secondary=_unasked(folder, out / folder.name),
            **_asked(asked),
        )
        page = write_report(made, out / folder.name)
        files = " and ".join([*([f"{len(genomes)} genome file(s)"] if genomes else []), *(["a record"] if is_told else [])])
        tell(f"{number} of {len(people)}: {folder.name}, {files} from {folder}")
        tell(summary(made) if is_told else f"  {page}")
        for history in sorted(folder.glob("dose-*.json")):
            tell(_dosed(history, genomes, out / folder.name, is_fine=can_show(sys.stdout.encoding or "")))
        if is_told and genomes and not shown:
            shown = page
    tell(str(shown or page))


def _dosed(history: Path, genomes: list[Path], out: Path, is_fine: bool) -> str:
    """Doses of the course in ``history``, written as a page beside the report: headline, drawing, the best doses."""
    from nof1.jobs.dosing import dose
    from nof1.report.dose_page import dose_page
    from nof1.report.dose_text import dose_glance

    made = dose(history.stem.removeprefix("dose-"), genomes, history=history)
    page = out / f"{history.stem}.html"
    write_file(page, "--out", dose_page(made).encode())
    return f"{dose_glance(made, is_fine=is_fine)}\n  {page}\n"


def _unasked(folder: Path, out: Path) -> Unasked | None:
    """With the example's table of assertions, compiled beside the report, and its curator's file; the opt-in is recorded."""
    table = folder / "assertions.tsv"
    if not table.exists():
        return None
    from nof1.jobs.secondary_ahead import BUILD, Unasked
    from nof1.jobs.variant_tables import add

    made = add("clinvar", table, into=out, edition="example", build=BUILD)
    curation = folder / "curation.yaml"
    return Unasked(tables=[str(made.path)], curation=curation if curation.exists() else None)


def _asked(path: Path) -> dict[str, Any]:
    """What an example wants: classes of drugs compared, and the day it is about."""
    import yaml

    found = yaml.safe_load(path.read_text()) if path.exists() else {}
    return {"classes": list(found.get("compare", ())), "today": found.get("today")}


def examples() -> Path:
    """The folder of example people, in an installed package or beside the source."""
    package = Path(nof1.__file__).parent
    for place in (package / "examples", package.parents[1] / "examples"):
        if place.is_dir():
            return place
    raise RequestError("the example people are not installed; install nof1 from its wheel or run from its source folder")
