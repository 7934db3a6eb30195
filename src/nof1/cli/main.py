"""The ``nof1`` command: groups the verbs and turns errors into one line and an exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from nof1 import __version__
from nof1.errors import Nof1Error

EXIT_DONE, EXIT_FAULT, EXIT_INPUT, EXIT_KNOWLEDGE = 0, 1, 2, 3
VERBS = {
    "assess": "nof1.cli.assess",
    "compare": "nof1.cli.compare",
    "what-if": "nof1.cli.what_if",
    "dose": "nof1.cli.dose",
    "response": "nof1.cli.response",
    "risk": "nof1.cli.risk",
    "trial": "nof1.cli.trial",
    "pgx": "nof1.cli.pgx",
    "score": "nof1.cli.score",
    "annotate": "nof1.cli.annotate",
    "knowledge": "nof1.cli.knowledge",
    "explain": "nof1.cli.explain",
    "serve": "nof1.cli.serve",
    "record": "nof1.cli.record",
    "demo": "nof1.cli.demo",
}
RESERVED = ("cds", "cohort")


class _Verbs(click.Group):
    """Loads a verb's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in RESERVED:
            raise click.UsageError(f"{cmd_name!r} is reserved for a later edition; this one has {', '.join(VERBS)}")
        if cmd_name not in VERBS:
            return None
        command = import_module(VERBS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a reader who has closed the pipe is no fault: what was asked for is done, and nobody reads on."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(prog)s %(version)s")
def nof1() -> None:
    """A genome and a health record in, cited advice on drugs for this one person out.

    Decision support for health professionals; not a medical device, not cleared and not CE-marked.

    Exit codes: 0 done, 1 a fault of this software, 2 input or request, 3 knowledge.
    """


def run() -> None:
    """Entry point: exit code 0, or one line on standard error and the code of the error.

    Signs that a terminal's encoding does not have are written as their numbers.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run with ``arguments`` and return the exit code."""
    try:
        nof1.main(arguments, prog_name="nof1", standalone_mode=False)
    except Nof1Error as error:
        click.echo(f"nof1: {error}", err=True)
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort as stop:
        if isinstance(stop.__cause__, EOFError):  # click takes the end of any file for the user's
            return _fault(stop.__cause__)
        click.echo("nof1: interrupted", err=True)
        return 130
    except click.ClickException as error:
        click.echo(f"nof1: {error.format_message()}", err=True)
        return EXIT_INPUT
    except Exception as error:
        return _fault(error)
    return EXIT_DONE


def _fault(error: BaseException) -> int:
    """Tell of an error that nobody raised on purpose."""
    if os.environ.get("NOF1_TRACE"):
        traceback.print_exception(error)
    click.echo(
        f"nof1: a fault of this software ({type(error).__name__}: {error}); run again with NOF1_TRACE=1 and report it",
        err=True,
    )
    return EXIT_FAULT
