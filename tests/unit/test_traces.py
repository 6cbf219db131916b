"""The search for somebody sees a database as it was at one moment, also while the log is carried over."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from tests.support import traces as helper


def test_a_log_that_is_emptied_while_it_is_copied_brings_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, scratch = tmp_path / "data", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    db = apsw.Connection(str(folder / "some.db"))
    db.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES ('Petra Muster')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete=ON; UPDATE t SET x = 'nobody'")
    copied: list[str] = []

    def copying(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        copied.append(source.name)
        if len(copied) == 1:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    monkeypatch.setattr(helper, "shutil", type("Shutil", (), {"copyfile": staticmethod(copying)}))
    found = helper.traces(folder, ["Petra Muster"], scratch)
    db.close()
    assert copied.count("some.db") > 1
    assert not [place for place in found if place.startswith("some.db/")], found
