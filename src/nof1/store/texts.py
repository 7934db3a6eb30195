"""Texts as the tables hold them: whole, unless so long that an index could not take them."""

from __future__ import annotations

import hashlib

# PostgreSQL takes rows of an index up to 2,704 bytes, and there are two texts in one
_LONGEST = 1000
_SURELY_SHORT = _LONGEST // 4


def kept(text: str) -> str:
    """A text as index rows hold it, and as it must be asked for: a very long one by its beginning and a digest of all.

    >>> kept("short"), len(kept("long" * 1000))
    ('short', 992)
    """
    if "\0" in text:  # PostgreSQL has no such sign in texts
        text = text.replace("\0", "\ufffd")
    if len(text) <= _SURELY_SHORT:
        return text
    whole = text.encode("utf-8", "replace")
    if len(whole) <= _LONGEST:
        return text
    digest = hashlib.blake2b(whole, digest_size=16).hexdigest()
    return whole[: _LONGEST - 40].decode("utf-8", "ignore") + digest
