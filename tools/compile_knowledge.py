"""Build hook: puts the compiled knowledge into the wheel, so that an installed nof1 parses no YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface[Any]):
    """Writes ``src/nof1/knowledge/compiled.msgpack`` before the files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        sys.path.insert(0, str(Path(self.root) / "src"))
        from nof1.knowledge.compiled import BESIDE_PACKAGE, write
        from nof1.knowledge.edition import SHIPPED
        from nof1.knowledge.load import load

        write(load((SHIPPED,)), BESIDE_PACKAGE)
