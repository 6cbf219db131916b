"""Times of records from three time zones over a change of the clocks (O2): the reader's own time, and the original.

The time zone is the process's own, so each reader is a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ASK = """
import json, sys
from PySide6.QtCore import QCoreApplication, QLocale
from reviewdesk.providers.decode import When
from reviewdesk.providers.sitejabber.records import moment
from reviewdesk.ui.outbox.words import clock_words
from reviewdesk.ui.reading.words import full_time, when_words

QLocale.setDefault(QLocale("en_GB"))
application = QCoreApplication([])
told = []
for written in json.loads(sys.argv[1]):
    at = moment(When(written), When(""))
    told.append((at, full_time(at), when_words(at, at + 400 * 86400), clock_words(at, at)))
print(json.dumps(told))
"""

# As a provider writes them, with its own offset, and each an hour of the real world after the one before.
BERLIN = ("2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00")
NEW_YORK = ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00")
LORD_HOWE = ("2027-04-04T01:45:00+11:00", "2027-04-04T02:15:00+10:30")
RECORDS = BERLIN + NEW_YORK + LORD_HOWE
UTC = (
    "2027-03-28 00:30:00", "2027-03-28 01:30:00",
    "2026-11-01 05:30:00", "2026-11-01 06:30:00",
    "2027-04-03 14:45:00", "2027-04-03 15:45:00",
)  # fmt: skip
SHOWN = {
    "Europe/Berlin": (
        "28 March 2027, 01:30", "28 March 2027, 03:30",
        "1 November 2026, 06:30", "1 November 2026, 07:30",
        "3 April 2027, 16:45", "3 April 2027, 17:45",
    ),
    "America/New_York": (
        "27 March 2027, 20:30", "27 March 2027, 21:30",
        "1 November 2026, 01:30", "1 November 2026, 01:30",
        "3 April 2027, 10:45", "3 April 2027, 11:45",
    ),
    "Australia/Lord_Howe": (
        "28 March 2027, 11:30", "28 March 2027, 12:30",
        "1 November 2026, 16:30", "1 November 2026, 17:30",
        "4 April 2027, 01:45", "4 April 2027, 02:15",
    ),
}  # fmt: skip


@pytest.mark.parametrize("zone", list(SHOWN))
def test_each_reader_sees_their_own_time_and_the_original(zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(RECORDS)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "TZ": zone, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    moments = [at for at, *_ in told]
    for first in range(0, len(moments), 2):
        assert moments[first + 1] - moments[first] == 3600, "an hour went by, whatever the clocks showed"
    for (_, full, short, clock), utc, local in zip(told, UTC, SHOWN[zone], strict=True):
        mine, original = full.split("\n")
        # Whether the weekday has a comma behind it changes with the version of Qt.
        assert mine.endswith(f" {local}:00") and original == f"{utc} UTC"
        # The short forms beside a review and in the outbox show the same hour.
        assert short.endswith(local[-5:]) and clock == local[-5:]
    # Where the clocks were set back two moments look alike, and the original tells them apart.
    assert len({full for _, full, *_ in told}) == len(RECORDS)
