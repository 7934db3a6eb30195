"""``nof1 what-if``: what would change if a drug were added, stopped or swapped, or a fact were another one."""

from __future__ import annotations

from typing import Any

import click

from nof1.cli.options import ExampleCommand, asked, names, person_options
from nof1.cli.progress import counting
from nof1.errors import RequestError

_EXAMPLES = """
nof1 what-if person.vcf.gz --record bundle.json --add {drug}
nof1 what-if --record bundle.json --add {drug},{drug2} --set egfr=25
nof1 what-if person.vcf.gz --record bundle.json --stop TAKEN
nof1 what-if person.vcf.gz --record bundle.json --swap TAKEN:{drug}
TAKEN stands for a drug that the record says is taken
"""


@click.command("what-if", cls=ExampleCommand, epilog=_EXAMPLES)
@person_options
@click.option("--add", default="", metavar="DRUGS", help="Drugs to add, separated by commas.")
@click.option("--stop", default="", metavar="DRUGS", help="Drugs to stop, of those taken, separated by commas.")
@click.option(
    "--swap", default="", metavar="OLD:NEW", help="Drugs to swap, one that is taken for another, separated by commas."
)
@click.option("--set", "facts", multiple=True, metavar="NAME=VALUE", help="A fact to suppose: a number, yes or no.")
@click.option("--drugs", default="", help="Drugs to look at besides those of the record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(**given: Any) -> None:
    """Tell how the advice for one person would differ; nothing is written and nothing is changed."""
    from nof1.decision.whatif import what_if
    from nof1.jobs.questions import change, fact, person_chart

    pairs = [_pair(text) for text in names(given["swap"])]
    facts = dict(fact(text) for text in given["facts"])
    added, stopped, also = names(given["add"]), names(given["stop"]), names(given["drugs"])
    with counting("records read:") as add:
        chart = person_chart(given["genomes"], drugs=also, progress=add, **asked(given))
    found = what_if(chart, change(chart, added, stopped, pairs, facts))
    if given["as_json"]:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    from nof1.report.compared import what_if_text

    click.echo(what_if_text(found))


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition(":")
    if not (old.strip() and sign and new.strip()):
        raise RequestError(f"--swap {text!r} names no pair; write OLD:NEW")
    return old.strip(), new.strip()
