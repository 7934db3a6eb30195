"""Compiles ``src/nof1/kernel/kernel.c`` where there is a C compiler; nof1 works without, more slowly.

python tools/build_kernel.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "nof1" / "kernel" / "kernel.c"
FLAGS = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden")


def build() -> bool:
    """Whether ``kernel.so`` was made beside its source."""
    names = (os.environ.get("CC", ""), "cc", "gcc", "clang")
    compiler = next((found for name in names if name and (found := shutil.which(name))), None)
    if compiler is None or sys.platform == "win32":
        print("nof1: no C compiler: genome files are read by NumPy alone, more slowly", file=sys.stderr)
        return False
    with tempfile.TemporaryDirectory(dir=SOURCE.parent) as folder:
        made = Path(folder) / "kernel.so"
        done = subprocess.run([compiler, *FLAGS, "-o", str(made), str(SOURCE)], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = done.stderr.strip().splitlines()[:1]
            print(f"nof1: {compiler} could not compile the kernel ({reason}): NumPy does its work", file=sys.stderr)
            return False
        os.replace(made, SOURCE.with_name("kernel.so"))
    return True


if __name__ == "__main__":
    sys.exit(0 if build() else 1)
