"""Build hook: puts compiled knowledge, haplotypes and the kernel into the wheel: an installed nof1 parses no YAML."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface[Any]):
    """Writes ``compiled.msgpack`` and ``priors.msgpack`` in ``src/nof1/knowledge`` before the files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version
        sys.path[:0] = [str(Path(self.root) / "src"), str(Path(self.root) / "tools")]
        import msgspec
        from build_kernel import build

        from nof1.jobs import priors
        from nof1.knowledge.compiled import BESIDE_PACKAGE, write, write_whole
        from nof1.knowledge.edition import SHIPPED
        from nof1.knowledge.load import load

        known = load((SHIPPED,))
        write(known, BESIDE_PACKAGE)
        made = priors.made_of(priors.weighed(known).values(), known.certainty)
        write_whole(msgspec.msgpack.encode(made), priors.BESIDE_PACKAGE)
        if build():  # then the wheel is of this platform alone
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data |= {"pure_python": False, "tag": f"py3-none-{platform}"}
