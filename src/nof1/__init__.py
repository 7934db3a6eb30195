"""nof1: a genome, a record and published knowledge in; what is right for this one person out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nof1.jobs.dosing import dose as dose
    from nof1.jobs.many_people import call as call
    from nof1.jobs.one_person import assess as assess
    from nof1.jobs.questions import compare as compare
    from nof1.jobs.questions import what_if as what_if
    from nof1.jobs.risks import risks as risks
    from nof1.jobs.scoring import score as score

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "call", "compare", "dose", "risks", "score", "what_if"]


def __getattr__(name: str) -> Any:
    """Loads the public functions when they are first asked for, so that importing the package costs nothing."""
    if name == "assess":
        from nof1.jobs.one_person import assess

        return assess
    if name == "call":
        from nof1.jobs.many_people import call

        return call
    if name == "dose":
        from nof1.jobs.dosing import dose

        return dose
    if name == "risks":
        from nof1.jobs.risks import risks

        return risks
    if name == "score":
        from nof1.jobs.scoring import score

        return score
    if name in ("compare", "what_if"):
        from nof1.jobs import questions

        return getattr(questions, name)
    raise AttributeError(f"module 'nof1' has no attribute {name!r}")
