"""Build hook: puts compiled knowledge and prepared haplotypes into the wheel: an installed nof1 parses no YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface[Any]):
    """Writes ``compiled.msgpack`` and ``priors.msgpack`` in ``src/nof1/knowledge`` before the files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        sys.path.insert(0, str(Path(self.root) / "src"))
        import msgspec

        from nof1.jobs import priors
        from nof1.knowledge.compiled import BESIDE_PACKAGE, write, write_whole
        from nof1.knowledge.edition import SHIPPED
        from nof1.knowledge.load import load

        known = load((SHIPPED,))
        write(known, BESIDE_PACKAGE)
        made = priors.made_of(priors.weighed(known).values(), known.certainty)
        write_whole(msgspec.msgpack.encode(made), priors.BESIDE_PACKAGE)
