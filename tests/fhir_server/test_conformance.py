"""The peers' TestScripts against the running server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed: it evaluates the expressions of TestScripts")

from serving import Server
from testscripts import run

DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
SCRIPTS = sorted((DATA / "fhir/testscripts/mock_health").glob("*.json"))
ABSENT = f"no TestScripts at {DATA}: set NOF1_REFERENCE_DATA to the folder that holds fhir/"
ASIDE = ("_archived__smart",)  # SMART comes later


def scripts() -> list[Path]:
    return [path for path in SCRIPTS if not any(part in path.name for part in ASIDE)]


@pytest.mark.skipif(not SCRIPTS, reason=ABSENT)
@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.stem)
def test_script(path: Path, server: Server):
    script: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found = run(script, server)
    assert not found.failures, [(one.label, one.message) for one in found.failures]
    assert found.is_passed
