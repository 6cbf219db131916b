"""Profiles: private folders, one id for ever, practice and real never mixed."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import InvalidInput, StoreUnusable
from reviewdesk.services.locks import FileLock
from reviewdesk.services.outbox import Process
from reviewdesk.services.profile import PROFILE_VARIABLE, Profile


def test_everything_lies_under_the_folder_and_is_private(tmp_path: Path) -> None:
    profile = Profile.open(tmp_path / "a" / "b")
    for folder in (profile.data, profile.config, profile.cache, profile.logs, profile.locks):
        assert folder.is_dir() and folder.is_relative_to(tmp_path / "a" / "b")
        if sys.platform != "win32":
            assert folder.stat().st_mode & 0o077 == 0
    assert profile.database.parent == profile.data


def test_a_folder_that_was_there_keeps_its_own_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Profile.open(tmp_path)
    if sys.platform != "win32":
        assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_the_environment_names_the_folder(tmp_path: Path) -> None:
    profile = Profile.open(environment={PROFILE_VARIABLE: str(tmp_path / "x")})
    assert profile.data.is_relative_to(tmp_path / "x")
    other = Profile.open(tmp_path / "y", environment={PROFILE_VARIABLE: str(tmp_path / "x")})
    assert other.data.is_relative_to(tmp_path / "y")


def test_without_a_folder_the_platforms_own_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform.startswith("linux"):
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(name, str(tmp_path / name))
        profile = Profile.open(environment={})
        assert profile.data == tmp_path / "XDG_DATA_HOME" / "reviewdesk"


def test_the_id_is_kept(tmp_path: Path) -> None:
    assert Profile.open(tmp_path).id == Profile.open(tmp_path).id
    assert Profile.open(tmp_path / "other").id != Profile.open(tmp_path).id


def test_the_id_is_one_even_when_many_begin_at_once(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(Profile.open(tmp_path).id)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12 and len(set(found)) == 1


def test_practice_and_real_profiles_are_never_mixed(tmp_path: Path) -> None:
    Profile.open(tmp_path / "real")
    Profile.open(tmp_path / "practice", practice=True)
    with pytest.raises(InvalidInput, match="real profile"):
        Profile.open(tmp_path / "real", practice=True)
    with pytest.raises(InvalidInput, match="--demo"):
        Profile.open(tmp_path / "practice")
    assert Profile.open(tmp_path / "practice", practice=True).practice


def test_a_database_without_a_mark_is_never_taken_for_practice(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reviewdesk.db").write_bytes(b"")
    with pytest.raises(InvalidInput):
        Profile.open(tmp_path, practice=True)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"id": 1}'])
def test_a_damaged_mark_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    mark = Profile.open(tmp_path).config / "profile.json"
    mark.write_text(content)
    with pytest.raises(StoreUnusable):
        Profile.open(tmp_path)
    assert mark.read_text() == content


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnusable, match="file"):
        Profile.open(tmp_path / "file")


def test_the_mark_holds_no_more_than_it_must(tmp_path: Path) -> None:
    profile = Profile.open(tmp_path)
    assert set(json.loads((profile.config / "profile.json").read_text())) == {"id", "practice"}


# --- locks ---------------------------------------------------------------------------------------------


def test_a_lock_has_one_owner_and_can_be_taken_again(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "x"), FileLock(tmp_path / "x")
    assert one.take() and one.take() and not other.take()
    with one:
        assert one.held
    assert not one.held and other.take()
    other.drop()
    other.drop()


def test_waiting_for_a_lock_ends(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "x"), FileLock(tmp_path / "x")
    one.take()
    clock = SystemClock()
    assert not other.take_within(clock, 0.1)
    stop = threading.Event()
    stop.set()
    assert not other.take_within(clock, 100, stop)
    threading.Timer(0.05, one.drop).start()
    assert other.take_within(clock, 10)
    other.drop()


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "x")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"1" if lock.take() else b"0")
        os.kill(os.getpid(), 9)
    assert os.read(reader, 1) == b"1"
    os.waitpid(child, 0)
    assert lock.take()
    lock.drop()
    os.close(reader)
    os.close(writer)


def test_a_process_is_alive_until_it_leaves_or_dies(tmp_path: Path) -> None:
    one, other = Process(tmp_path), Process(tmp_path)
    assert not other.alive(one.token)
    one.appear()
    one.appear()
    assert other.alive(one.token) and one.alive(one.token)
    one._lock.drop()  # killed
    assert not other.alive(one.token)
    assert not list(tmp_path.iterdir())
    assert not other.alive("../../etc/passwd") and not other.alive(None) and not other.alive("")
    other.leave()
