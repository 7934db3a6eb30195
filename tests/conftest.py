"""What tests share: where reference data lies, and a clear line when it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data; skips with a clear line without it."""
    folder = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("reference data absent: set NOF1_REFERENCE_DATA to its folder to run this test")
    return folder
