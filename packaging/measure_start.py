"""Start of a packaged program to its first painted window: ``python3 packaging/measure_start.py PROGRAM [--times N]``.

Counts from the start of the process to the first painting of an inbox with rows (the six hundred reviews of the
practice shop in a profile of its own; the practice servers are not part of the start). Warm: the median of N starts
after one that does not count. Cold: each start after the kernel was made to forget its file caches, which only root
may (Linux); elsewhere restart the machine and take the first line. Uses the display there is, or none.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_FORGET = Path("/proc/sys/vm/drop_caches")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "program", nargs="+", help="the program, or several words such as python -m reviewdesk"
    )
    parser.add_argument("--times", type=int, default=7)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        profile = Path(folder) / "profile"
        mine = [*wanted.program, "--profile", str(profile)]
        fill = [*wanted.program, "--demo", "--profile", str(profile), "sync"]
        subprocess.run(fill, check=True, stdout=subprocess.DEVNULL)
        # From here on a profile like any other, whose accounts happen to be out of reach.
        mark = profile / "config" / "profile.json"
        mark.write_text(
            json.dumps(json.loads(mark.read_text("utf-8")) | {"practice": False}), encoding="utf-8"
        )
        start(mine)
        warm = [start(mine) for _ in range(wanted.times)]
        print(f"warm  {statistics.median(warm):.2f} s   ({min(warm):.2f} to {max(warm):.2f})")
        if not os.access(_FORGET, os.W_OK):
            print("cold  not measured: only root on Linux may empty the file caches")
            return 0
        cold = []
        for _ in range(max(3, wanted.times // 2)):
            os.sync()
            try:
                _FORGET.write_text("3")
            except OSError as error:
                print(f"cold  not measured: {error}")
                return 0
            cold.append(start(mine))
        print(f"cold  {statistics.median(cold):.2f} s   ({min(cold):.2f} to {max(cold):.2f})")
    return 0


def start(command: list[str]) -> float:
    """Seconds from the start of the process to its first painted window, as the program itself tells."""
    environment = {**os.environ, "REVIEWDESK_MARK_FIRST_PAINT": "1"}
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run(
        [*command, "gui"], env=environment, stderr=subprocess.PIPE, text=True, timeout=120, check=False
    )
    for line in done.stderr.splitlines():
        if line.startswith("first-paint "):
            return float(line.split()[1])
    raise SystemExit(f"no window was painted:\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
