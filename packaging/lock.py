"""Write the locked requirements: ``python packaging/lock.py [run|test|build]...`` (needs uv).

One set of files per Python version; without a name all of them. ``build`` is what makes the packages: it holds the
program's own requirements at the very versions of ``run``, so what is shipped is what was tested. Hashes are for
every platform; no file names an index.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
NAMES = ("run", "test", "build")


def main(arguments: Sequence[str]) -> int:
    names = list(arguments) or list(NAMES)
    if unknown := [name for name in names if name not in NAMES]:
        print(f"No such requirements: {', '.join(unknown)}. There are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    folder = ROOT / "packaging" / "requirements"
    folder.mkdir(exist_ok=True)
    for python in PYTHONS:
        version = python.replace(".", "")
        for name in names:
            out = folder / f"{name}-py{version}.txt"
            more = [] if name == "run" else ["--extra", name]
            if name == "build":
                more += ["--constraint", str(folder / f"run-py{version}.txt")]
            subprocess.run(
                [
                    "uv",
                    "pip",
                    "compile",
                    "--quiet",
                    "--universal",
                    "--generate-hashes",
                    "--no-header",
                    "--no-annotate",
                    "--python-version",
                    python,
                    *more,
                    "--output-file",
                    str(out),
                    str(ROOT / "pyproject.toml"),
                ],
                check=True,
            )
            print(out.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
