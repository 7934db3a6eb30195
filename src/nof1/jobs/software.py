"""What made an answer."""

from __future__ import annotations

from nof1 import __version__


def software() -> str:
    """Name and version of this software."""
    return f"nof1 {__version__}"
