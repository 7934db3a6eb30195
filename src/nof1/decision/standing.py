"""What is known about one gene of one person, as rules are asked with it."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.model.evidence import Because


@dataclass(frozen=True, slots=True)
class Result:
    """One result that remains possible: the lookup value, the words to show, and its lowest and highest probability.

    ``chance`` is ``None`` where nothing was weighed. ``genetic``: the words before other drugs changed it; ``by``: which
    drugs did; ``note``: what must be said about the change. ``is_read``: what the genotypes say as they stand, whatever
    their quality.
    """

    lookup: str
    words: str
    chance: tuple[float, float] | None = None
    genetic: str = ""
    by: tuple[str, ...] = ()
    note: str = ""
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about one gene: results that remain possible, empty when nothing is known.

    ``why`` says what keeps an unknown gene unknown, ``needs`` what would settle it; ``because`` is the gene's own reason;
    ``caveats`` what must be said beside advice on the gene. ``is_called``: a call without an assigned phenotype;
    ``is_blocked``: a state of the record makes its result say nothing.
    """

    gene: str
    results: tuple[Result, ...]
    why: str
    caveats: tuple[str, ...]
    because: Because
    needs: tuple[str, ...]
    is_called: bool = False
    is_blocked: bool = False
