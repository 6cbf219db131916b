"""A large full export: in pages, in bounded memory, and how fast (``REVIEWDESK_VOLUME=500000`` for the promised size)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.feed_files import csv_line, put, xml_record

ROWS = int(os.environ.get("REVIEWDESK_VOLUME", "12000"))
MEMORY_MB = 300
ROWS_A_SECOND = 10_000
YARDSTICK_S = 0.3
"""CPU seconds that three million rounds of a bare loop take on an idle machine of 2.5 GHz."""
TEXT = "Très bon produit, livraison rapide, emballage soigné ; je recommande, merci à l'équipe. " * 2
TURN = (("2026-03-04 09:00:00", "ecommercant", "Merci beaucoup pour votre avis !"),)

PROGRAM = """
import json, sys, time
from reviewdesk.providers.registry import PROVIDERS
from tests.support.contexts import context

def peak():
    if sys.platform == "linux":
        # Not ru_maxrss: that one begins with what the process that started this one had.
        status = open("/proc/self/status").read()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)

provider = PROVIDERS["verified-reviews"](context({"transport": "folder", "path": sys.argv[1]}))
wall, work, got, largest = time.perf_counter(), time.process_time(), 0, 0
for page in provider.fetch({}, full=False):
    got += len(page.reviews)
    largest = max(largest, len(page.reviews))
work_s, wall_s = time.process_time() - work, time.perf_counter() - wall
begun, number = time.process_time(), 0
for each in range(3_000_000):
    number += each * 2
told = {"got": got, "largest": largest, "mb": peak()}
print(json.dumps(told | {"s": wall_s, "cpu_s": work_s, "yardstick_s": time.process_time() - begun}))
"""

STORED = """
import json, sys, time
from pathlib import Path
from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from tests.support.core import make_profile

def peak():
    if sys.platform == "linux":
        # Not ru_maxrss: that one begins with what the process that started this one had.
        status = open("/proc/self/status").read()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)

core = Core.open(make_profile(Path(sys.argv[2])), clock=SystemClock(), secrets=MemorySecrets())
core.accounts.add("verified-reviews", "Feed", {"transport": "folder", "path": sys.argv[1]}, {}, test=False)
wall, work = time.perf_counter(), time.process_time()
(report,) = core.sync.run(None, False)
work_s, wall_s = time.process_time() - work, time.perf_counter() - wall
begun, number = time.process_time(), 0
for each in range(3_000_000):
    number += each * 2
yardstick = time.process_time() - begun
shown = core.inbox.count(core.inbox.parse(""))
told = {"ok": report.ok, "got": report.new, "shown": shown, "mb": peak(), "s": wall_s, "cpu_s": work_s}
print(json.dumps(told | {"yardstick_s": yardstick}))
core.stop()
"""


def write(folder: Path, ending: str) -> None:
    path = put(folder, f"all_reviews_product_x_2026-03-04.{ending}", "")
    with path.open("w", encoding="utf-8") as file:
        if ending == "xml":
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n<reviews>\n')
        for number in range(ROWS):
            if ending == "xml":
                file.write(xml_record(number, review=f"<![CDATA[{TEXT}{number}]]>"))
            else:
                file.write(csv_line(number, text=f"{TEXT}{number}", turns=TURN if number % 4 == 0 else ()))
        if ending == "xml":
            file.write("</reviews>\n")
    os.utime(path, (1, 1))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("ending", ["csv", "xml"])
def test_a_full_export_is_read_in_pages_and_in_bounded_memory(tmp_path: Path, ending: str) -> None:
    write(tmp_path, ending)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    print(
        ending,
        told,
        f"{told['got'] / told['s']:.0f} rows/s, {told['got'] / told['cpu_s']:.0f} rows per CPU second",
    )
    assert (told["got"], told["largest"]) == (ROWS, min(ROWS, 1000))
    assert told["mb"] < MEMORY_MB
    if ROWS >= 500_000:
        # The promised figure is one of an idle machine: what else runs on this one slows the yardstick as well.
        slower = max(1.0, told["yardstick_s"] / YARDSTICK_S)
        assert slower * told["got"] / told["cpu_s"] >= ROWS_A_SECOND


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_full_export_goes_into_the_database_in_bounded_memory(tmp_path: Path) -> None:
    """From the file to the inbox: read, decoded, stored with its index entries, one process all the time."""
    feed, profile = tmp_path / "feed", tmp_path / "profile"
    feed.mkdir()
    write(feed, "csv")
    done = subprocess.run(
        [sys.executable, "-c", STORED, str(feed), str(profile)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    print(
        told, f"{told['got'] / told['s']:.0f} rows/s, {told['got'] / told['cpu_s']:.0f} rows per CPU second"
    )
    assert (told["ok"], told["got"], told["shown"]) == (True, ROWS, ROWS)
    assert told["mb"] < MEMORY_MB
