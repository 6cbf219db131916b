"""Write the locked requirements: ``python packaging/lock.py`` (needs uv). One pair of files per Python version.

Hashes are for every platform; no file names an index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    folder = ROOT / "packaging" / "requirements"
    folder.mkdir(exist_ok=True)
    for python in PYTHONS:
        for name, extra in (("run", ()), ("test", ("--extra", "test"))):
            out = folder / f"{name}-py{python.replace('.', '')}.txt"
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
                    *extra,
                    "--output-file",
                    str(out),
                    str(ROOT / "pyproject.toml"),
                ],
                check=True,
            )
            print(out.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
