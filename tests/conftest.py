"""What tests share: where reference data lies, and a clear line when it is absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from nof1.knowledge import tables

ROOT = Path(__file__).parent.parent
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times as fast


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data; skips with a clear line without it."""
    folder = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("reference data absent: set NOF1_REFERENCE_DATA to its folder to run this test")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _one_text_is_parsed_once() -> Iterator[None]:
    """Knowledge is loaded from its files a hundred times, one of them changed: what YAML makes of a text is kept."""
    parse = yaml.load
    kept = cache(lambda text: parse(text, tables._Loader))

    def load(stream: Any, Loader: Any) -> Any:  # noqa: N803
        return kept(stream) if Loader is tables._Loader else parse(stream, Loader)

    yaml.load = load
    yield
    yaml.load = parse
