"""Three letters at a time: by these a text is found of which only a piece from its middle is known.

Long texts are not taken apart, they would have nearly all there are; they stand under the empty text, to be looked through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SIZE = 3
_MOST_PIECES = 8
LONG = ""
_LONGEST = 100


def grams(text: str) -> Iterable[str]:
    """What a normalised text is found by; nothing for one that is too short to contain a piece of three letters.

    >>> sorted(grams("anna")), list(grams("an")), list(grams("a" * 101))
    (['ann', 'nna'], [], [''])
    """
    if len(text) > _LONGEST:
        return (LONG,)
    return {text[at : at + _SIZE] for at in range(len(text) - _SIZE + 1)}


def pieces(part: str) -> Sequence[str]:
    """Some of what every text that contains ``part`` is found by, if it is not a long one; nothing where part is too short.

    >>> pieces("john"), pieces("jo")
    (['joh', 'ohn'], [])
    """
    every = [part[at : at + _SIZE] for at in range(len(part) - _SIZE + 1)]
    step = max(1, len(every) // _MOST_PIECES)
    return every[::step][:_MOST_PIECES]
