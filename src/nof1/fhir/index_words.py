"""The words of a narrative, by which ``_text`` finds its resource."""

from __future__ import annotations

import html
import re
from typing import Any

from nof1.fhir.definitions import NARRATIVE
from nof1.fhir.index_rows import Rows
from nof1.fhir.index_values import normalised

_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_MOST = 1_000  # different words of one narrative; what comes after them is not found
_LONGEST = 60


def narrative(resource: dict[str, Any], rows: Rows) -> None:
    """Adds each word of the narrative once.

    >>> rows = Rows({})
    >>> narrative({"text": {"div": "<div>Ann M&uuml;ller, <b>Ann</b></div>"}}, rows)
    >>> [word for _, word, _, _ in rows.strings]
    ['ann', 'muller']
    """
    text = resource.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    if isinstance(div, str):
        words = dict.fromkeys(_WORD.findall(normalised(html.unescape(_TAG.sub(" ", div)))))
        rows.strings += [(NARRATIVE, word[:_LONGEST], word[:_LONGEST], 0) for word in list(words)[:_MOST]]
