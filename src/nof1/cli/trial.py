"""``nof1 trial``: a trial in one person, designed and analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nof1.cli.files import write_all
from nof1.cli.options import FILE, ExampleCommand
from nof1.cli.response import day, write_json
from nof1.errors import RequestError

_DESIGN = """
nof1 trial design --blocks 4 --days 7 --washout 2 --a {drug} --b placebo --out schedule.json
nof1 trial design --blocks 3 --days 14 --start 2026-12-01 --seed 7 --out schedule.csv
"""
_ANALYSE = """
nof1 trial analyse diary.csv --design schedule.json
nof1 trial analyse diary.csv --design schedule.json --carry-over 1.5 --json result.json
"""


@click.group("trial")
def command() -> None:
    """Compare two treatments in one person: periods in randomised blocks, and what the outcomes say."""


@command.command("design", cls=ExampleCommand, epilog=_DESIGN)
@click.option(
    "--blocks", type=int, required=True, metavar="NUMBER", help="Blocks of one period of each treatment, 2 or more."
)
@click.option("--days", type=int, required=True, metavar="NUMBER", help="Days of a period.")
@click.option(
    "--washout", type=int, default=0, show_default=True, metavar="NUMBER", help="First days of a period that do not count."
)
@click.option("--a", "first", default="A", show_default=True, metavar="NAME", help="The one treatment.")
@click.option("--b", "second", default="B", show_default=True, metavar="NAME", help="The other one.")
@click.option("--start", default="", metavar="DATE", help="First day of the trial.")
@click.option(
    "--seed", type=click.IntRange(0), metavar="NUMBER", help="For the same draw again; drawn and written without it."
)
@click.option("--out", type=FILE, required=True, metavar="FILE", help="The schedule: .json or .csv.")
def design(**given: Any) -> None:
    """Draw the order of the treatments and write the schedule. It is for whoever hands out the treatments only."""
    import secrets

    import numpy as np

    from nof1.jobs.trial_files import schedule_text
    from nof1.report.response import schedule_lines
    from nof1.response.n_of_1 import design as draw

    out: Path = given["out"]
    if out.suffix.lower() not in (".json", ".csv"):
        raise RequestError(f"--out {str(out)!r}; write a name that ends in .json or .csv")
    seed = secrets.randbelow(2**32) if given["seed"] is None else given["seed"]
    plan = draw(given["blocks"], given["days"], given["washout"], np.random.default_rng(seed))
    named, first = (given["first"], given["second"]), day("--start", given["start"])
    write_all(out.parent, {out.name: schedule_text(plan, seed, first, named, out.suffix.lower() == ".csv")})
    click.echo(schedule_lines(plan, named, first))


@command.command("analyse", cls=ExampleCommand, epilog=_ANALYSE)
@click.argument("diary", type=FILE, metavar="DIARY.csv")
@click.option(
    "--design", "plan", type=FILE, required=True, metavar="FILE", help="The schedule that nof1 trial design wrote."
)
@click.option(
    "--carry-over",
    type=click.FloatRange(0),
    default=0.0,
    metavar="DAYS",
    help="Time constant of a carry-over; none without it.",
)
@click.option(
    "--prior-mean", type=float, metavar="NUMBER", help="Mean of the differences of other people, to draw this one towards."
)
@click.option("--prior-sd", type=float, metavar="NUMBER", help="Their standard deviation.")
@click.option("--level", default=0.95, show_default=True, metavar="SHARE", help="Of the intervals.")
@click.option("--unit", default="", metavar="TEXT", help="Unit of the outcome, for the text.")
@click.option("--json", "out", type=FILE, metavar="OUT", help="Write JSON to this file too.")
def analyse(**given: Any) -> None:
    """Tell the difference between the treatments with its interval. DIARY.csv has the columns day, period, outcome."""
    import numpy as np

    from nof1.jobs.trial_files import read_outcomes, read_schedule
    from nof1.report.response import result_text
    from nof1.response.n_of_1 import analyse as analysed
    from nof1.response.n_of_1 import shrunk

    if not 0.5 <= given["level"] < 1:
        raise RequestError(f"--level {given['level']:g}; write a share from 0.5 to below 1, such as 0.95")
    if (given["prior_mean"] is None) != (given["prior_sd"] is None):
        raise RequestError("--prior-mean and --prior-sd go together; give both or neither")
    plan = read_schedule(given["plan"])
    days, outcomes = read_outcomes(given["diary"], plan)
    result = analysed(plan, days, outcomes, np.random.default_rng(0), given["carry_over"], given["level"])
    if given["prior_mean"] is not None:
        result = shrunk(result, given["prior_mean"], given["prior_sd"])
    if given["out"] is not None:
        write_json(given["out"], result)
    click.echo(result_text(result, given["unit"]))
