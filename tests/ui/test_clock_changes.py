"""A moment that somebody means and the moment at which it goes out, where clocks are changed in between.

The time zone is the process's own, so the questions are asked in a process of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

BERLIN = ZoneInfo("Europe/Berlin")
_ASK = """
import json, sys
from PySide6.QtCore import QCoreApplication, QLocale
from reviewdesk.ui.when import moment_sentence, moment_words, parse_when
from reviewdesk.ui.snooze import moments

QLocale.setDefault(QLocale("en_GB"))
application = QCoreApplication([])
told = []
for typed, now in json.loads(sys.argv[1]):
    at = parse_when(typed, now)
    told.append((at, moment_words(at, now), moment_sentence(at, now), [m.until_s for m in moments(now)]))
print(json.dumps(told))
"""
_BEFORE_SPRING = datetime(2027, 3, 26, 12, 0, tzinfo=BERLIN)
_BEFORE_AUTUMN = datetime(2027, 10, 29, 12, 0, tzinfo=BERLIN)
_ROWS = (
    # typed, when, the moment that is meant, the hour that is shown, the zone that is named, whether clocks change
    ("mon 9", _BEFORE_SPRING, datetime(2027, 3, 29, 9, 0, tzinfo=BERLIN), "09:00", "CEST", True),
    ("sat 14:30", _BEFORE_SPRING, datetime(2027, 3, 27, 14, 30, tzinfo=BERLIN), "14:30", "CET", False),
    ("in 3 days", _BEFORE_SPRING, datetime(2027, 3, 29, 12, 0, tzinfo=BERLIN), "12:00", "CEST", True),
    ("in 72 hours", _BEFORE_SPRING, datetime(2027, 3, 29, 12, 0, tzinfo=BERLIN), "12:00", "CEST", True),
    ("in 5 hours", _BEFORE_SPRING, datetime(2027, 3, 26, 17, 0, tzinfo=BERLIN), "17:00", "CET", False),
    ("28 mar 2:30", _BEFORE_SPRING, datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN), "03:30", "CEST", True),
    ("mon 9", _BEFORE_AUTUMN, datetime(2027, 11, 1, 9, 0, tzinfo=BERLIN), "09:00", "CET", True),
    ("31 oct 2:30", _BEFORE_AUTUMN, datetime(2027, 10, 31, 2, 30, tzinfo=BERLIN), "02:30", "CEST", False),
)


@pytest.fixture(scope="module")
def told() -> list[list[object]]:
    asked = [(typed, now.timestamp()) for typed, now, *_ in _ROWS]
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(asked)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "TZ": "Europe/Berlin", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[object]] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="the zone is chosen by TZ")
@pytest.mark.parametrize("number", range(8), ids=lambda n: f"{_ROWS[n][0]} at {_ROWS[n][1]:%d %b}")
def test_the_hour_that_is_said_is_the_hour_in_which_it_goes_out(
    told: list[list[object]], number: int
) -> None:
    _, now, meant, hour, zone, changed = _ROWS[number]
    at, words, sentence, offered = told[number]
    assert at == meant.timestamp()
    assert hour in str(words)
    assert f"{hour} ({zone})" in str(sentence)
    assert ("The clocks are changed before it." in str(sentence)) is changed
    # What the menu offers is in working hours of that day, too.
    assert isinstance(offered, list)
    assert {datetime.fromtimestamp(m, BERLIN).hour for m in offered} <= {9, 17}, now
