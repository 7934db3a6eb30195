"""``nof1 explain``: why an assessment says what it says."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.options import FILE, ExampleCommand
from nof1.errors import InputError

_EXAMPLES = """
nof1 explain nof1-report/assessment.json {gene}
nof1 explain nof1-report/assessment.json {drug}
"""


@click.command("explain", cls=ExampleCommand, epilog=_EXAMPLES)
@click.argument("assessment", type=FILE, metavar="ASSESSMENT.json")
@click.argument("item", metavar="ITEM")
def command(assessment: Path, item: str) -> None:
    """Print reasons as a tree: claim, value, source, status.

    ITEM is a gene, a drug, the id of a recommendation or an interaction, "effective GENE" for what a gene amounts to
    under the drugs taken, or "finding GENE" for a secondary finding.
    """
    import msgspec

    from nof1.report.explain import tree

    try:
        decoded = msgspec.json.decode(assessment.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{assessment}: cannot be read as JSON ({error}); give an assessment.json of nof1 assess"
        ) from error
    if not isinstance(decoded, dict) or "schema_version" not in decoded:
        raise InputError(f"{assessment}: is no assessment (no schema_version); give an assessment.json of nof1 assess")
    click.echo(tree(decoded, item))
