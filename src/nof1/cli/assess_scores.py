"""Options of ``nof1 assess`` that name polygenic scores: off without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.options import FILE, names
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.jobs.assessed_scores import ScoresAsked

_BESIDE = ("score_panel", "score_reference", "score_components", "score_loadings")


def score_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which scores, and what they are compared with."""
    for option in reversed(
        [
            click.option(
                "--scores",
                default="",
                metavar="NAMES",
                help="Polygenic scores to work out, separated by commas: scores that were added (nof1 knowledge add "
                "scores), or scoring files. None without this option; adults only.",
            ),
            click.option(
                "--adult", is_flag=True, help="With --scores: declares an adult where no record tells the date of birth."
            ),
            click.option("--score-panel", type=FILE, help="Frequencies of a reference panel, for what was not seen."),
            click.option("--score-reference", type=FILE, help="People of a panel: population, components, their scores."),
            click.option("--score-components", type=FILE, help="Components of the person, on the reference's axes."),
            click.option("--score-loadings", type=FILE, help="Loadings of variants, to work these components out."),
        ]
    ):
        function = option(function)
    return function


def scores_asked(given: dict[str, Any]) -> ScoresAsked | None:
    """What the options ask for; ``None`` without ``--scores``, which the others need."""
    wanted = names(given["scores"])
    if not wanted:
        lost = next((name for name in (*_BESIDE, "adult") if given[name]), "")
        if lost:
            raise RequestError(f"--{lost.replace('_', '-')} is for polygenic scores; name them with --scores")
        return None
    from nof1.jobs.assessed_scores import ScoresAsked

    return ScoresAsked(wanted, given["adult"], *(given[name] for name in _BESIDE))
