"""The page on records names every kind of thing that is left out, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = re.compile(r'(?:leave|Broken|_refused)\(\s*"(\w+)"|Measured\(\s*None,\s*"(\w+)"|kind = "(\w+)"|else "(cancelled)"')
FROM_STATUS = {"refuted", "entered_in_error", "not_done", "health_unknown"}  # the record's own words


def test_every_kind_is_documented() -> None:
    found = set(FROM_STATUS)
    for path in (ROOT / "src/nof1/record").glob("*.py"):
        for match in WRITTEN.finditer(path.read_text()):
            found |= {name for name in match.groups() if name}
    page = (ROOT / "docs/reference/record.md").read_text().partition("## Left out")[2]
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert documented == found
