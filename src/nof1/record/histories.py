"""Whether the words of a diagnosis speak of the past or of the family."""

from __future__ import annotations

import re

from nof1.model.terms import phrase

_FAMILY = re.compile(
    r"^\W*(?:family|fam\.?|maternal|paternal)\s+(?:medical\s+)?(?:history|hist\b|hx\b|h/o\b)"
    r"|^\W*(?:fh\s*(?::|of\b)|fm?hx\b)"
    r"|[,(:-]\s*family\s+(?:history|hx)\b",
    re.IGNORECASE,
)
_MEDICAL = re.compile(r"^(?:pmhx?|(?:past )?medical (?:history|hx)) (?:of )?")
_EARLIER = r"(?:personal|past|prior|previous|remote|old|known|significant|surgical)"
_BEFORE = re.compile(rf"^(?:(?:{_EARLIER} )*(?:history|hx|h o|s p|status post)(?: of)?|prior|previous|old) (?:an? |the )?")
_BEHIND = re.compile(r" (?:(?:by|personal|past) )?(?:history|hx)(?: of)?$")


def is_of_family(said: str) -> bool:
    """Whether it is about relatives.

    >>> is_of_family("FH: stroke"), is_of_family("History of stroke")
    (True, False)
    """
    return _FAMILY.search(said) is not None


def in_history(said: str) -> tuple[str, bool]:
    """What a history names, as a phrase, and whether that is past; an empty phrase where the text is no history.

    A "past medical history" holds what somebody has as well as what somebody had.

    >>> in_history("H/O: stroke"), in_history("Past medical history: stroke"), in_history("stroke")
    (('stroke', True), ('stroke', False), ('', False))
    """
    spoken = phrase(said)
    if (listed := _MEDICAL.sub("", spoken)) != spoken:
        return listed, False
    bare = _BEHIND.sub("", _BEFORE.sub("", spoken))
    return ("", False) if bare == spoken else (bare, True)
