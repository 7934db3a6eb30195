"""``nof1 compare``: the drugs of one class for one person, in bins."""

from __future__ import annotations

from typing import Any

import click

from nof1.cli.options import ExampleCommand, asked, names, person_options
from nof1.cli.progress import counting

_EXAMPLES = """
nof1 compare person.vcf.gz --class {class_}
nof1 compare person.g.vcf.gz --record bundle.json --class {class_},{class2}
nof1 compare --record bundle.json --class {class_} --json
"""


@click.command("compare", cls=ExampleCommand, epilog=_EXAMPLES)
@person_options
@click.option("--class", "classes", required=True, metavar="NAMES", help="Classes of drugs, separated by commas.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(**given: Any) -> None:
    """Put the drugs of a class into bins for one person: contraindicated, avoid, caution or dose change, usual, no data.

    Drugs of one bin are tied; the order says nothing about how well they work.
    """
    from nof1.jobs.questions import comparisons

    classes = names(given["classes"])
    with counting("records read:") as add:
        found = comparisons(given["genomes"], classes, progress=add, **asked(given))
    if given["as_json"]:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    from nof1.report.compared import comparison_text

    click.echo("\n\n".join(comparison_text(item) for item in found))
