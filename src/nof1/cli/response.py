"""``nof1 response``: how one person's outcomes answered to their drugs, out of a health record."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from nof1.cli.files import write_all
from nof1.cli.options import FILE, ExampleCommand, names
from nof1.errors import RequestError

_EXAMPLES = """
nof1 response --record bundle.json
nof1 response --record bundle.json --drug {response_drug} --outcome {outcome} --json response.json
nof1 response --record bundle.json --drug {drug} --outcome {outcome2} --suspect 2026-03-01 --answer {question}=no
"""


@click.command("response", cls=ExampleCommand, epilog=_EXAMPLES)
@click.option(
    "--record",
    type=FILE,
    multiple=True,
    required=True,
    metavar="PATH",
    help="FHIR R4 of the person: a bundle, NDJSON, or a folder of them. May be given again.",
)
@click.option("--patient", default="", metavar="ID", help="The patient, where the record holds several.")
@click.option(
    "--drug", "drugs", default="", metavar="NAMES", help="Drugs, separated by commas. Without it every one of the record."
)
@click.option(
    "--outcome", "outcomes", default="", metavar="NAMES", help="Outcomes, separated by commas. Without it every one."
)
@click.option("--suspect", default="", metavar="DATE", help="Day on which a suspected reaction to the one drug was noticed.")
@click.option(
    "--answer", "answers", multiple=True, metavar="QUESTION=ANSWER", help="yes, no, unknown or not_done. May be given again."
)
@click.option("--scale", default="", metavar="NAME", help="Scale of suspected reactions, where there are several.")
@click.option("--level", default=0.95, show_default=True, metavar="SHARE", help="Of the intervals.")
@click.option("--json", "out", type=FILE, metavar="OUT", help="Write JSON to this file too.")
def command(**given: Any) -> None:
    """Set drugs against outcomes: what changed with a drug, what was expected, what else changed, a suspected reaction.

    Without --drug and --outcome, the pairs of which it is stored what the drug should do to the outcome.
    """
    from nof1.jobs.individual import respond
    from nof1.report.response import followed_text, pairs_note, scored_text

    found = respond(
        given["record"],
        drugs=names(given["drugs"]),
        outcomes=names(given["outcomes"]),
        suspect=day("--suspect", given["suspect"]),
        answers=dict(_answer(text) for text in given["answers"]),
        scale=given["scale"],
        level=given["level"],
        patient=given["patient"],
    )
    texts = [followed_text(item) for item in found.followed]
    if found.suspected is not None:
        texts.append(scored_text(found.suspected.drug, found.suspected.onset, found.suspected.scored))
    if note := pairs_note(len(found.followed), given["level"]):
        texts.append(note)
    if given["out"] is not None:
        write_json(given["out"], found)
    click.echo("\n\n".join([*texts, *found.silent]))


def day(option: str, text: str) -> date | None:
    """The day that an option names; ``None`` for none."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise RequestError(f"{option} {text!r} is no day; write it as 2026-01-31") from None


def write_json(path: Path, found: object) -> None:
    """Write ``found`` as JSON, whole or not at all."""
    import msgspec

    write_all(path.parent, {path.name: msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"})


def _answer(text: str) -> tuple[str, Any]:
    from nof1.response.reaction import Answer

    name, sign, value = text.partition("=")
    known = [str(item) for item in Answer]
    if not (sign and name.strip() and value.strip() in known):
        raise RequestError(f"--answer {text!r}; write QUESTION=ANSWER with one of {', '.join(known)}")
    return name.strip(), Answer(value.strip())
