"""The official R4 examples, by type, from an unpacked package hl7.fhir.r4.examples that NOF1_R4_EXAMPLES names."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

Resource = dict[str, Any]


@pytest.fixture(scope="session")
def r4_examples() -> dict[str, list[Resource]]:
    """Resources by type, the smallest first; skips with a clear line without the package."""
    folder = os.environ.get("NOF1_R4_EXAMPLES", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("official examples absent: set NOF1_R4_EXAMPLES to the unpacked package hl7.fhir.r4.examples 4.0.1")
    found: dict[str, list[Resource]] = defaultdict(list)
    for path in sorted(Path(folder).glob("*.json"), key=lambda path: (path.stat().st_size, path.name)):
        content = json.loads(path.read_bytes())
        if path.name not in ("package.json", ".index.json") and "resourceType" in content:
            found[content["resourceType"]].append(content)
    return dict(found)
