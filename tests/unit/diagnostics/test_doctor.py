"""Each check of the doctor, well and ill."""

from __future__ import annotations

import ctypes
import socket
from pathlib import Path

import pytest

from reviewdesk.diagnostics import doctor
from reviewdesk.domain.errors import KeychainLocked, StoreDamaged


def test_keychain_well_and_ill() -> None:
    assert doctor.check_keychain(lambda: "a service").ok

    def locked() -> str:
        raise KeychainLocked("The keychain is locked.", remedy="Unlock it.")

    ill = doctor.check_keychain(locked)
    assert (ill.ok, ill.message, ill.remedy) == (False, "The keychain is locked.", "Unlock it.")


def test_database_well_and_ill() -> None:
    assert doctor.check_database(lambda: "ok").ok
    assert doctor.check_database(lambda: "row 7 missing from index").message == "row 7 missing from index"

    def damaged() -> str:
        raise StoreDamaged("The database is damaged.", remedy="Restore.")

    assert doctor.check_database(damaged).remedy == "Restore."


def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_disk(tmp_path).check == "disk"
    monkeypatch.setattr(doctor, "LOW_DISK_BYTES", 1 << 62)
    ill = doctor.check_disk(tmp_path)
    assert not ill.ok and ill.remedy


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_qt().ok

    def missing(name: str, mode: int = 0) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    ill = doctor.check_qt()
    assert not ill.ok and ill.remedy == "Install libxcb-cursor0."


def test_network_reaches_a_real_port_and_names_a_closed_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = list(doctor.check_network([("Shop", f"http://127.0.0.1:{port}/v1")]))
        assert [(f.check, f.ok) for f in found] == [("network: Shop", True)]
    (closed,) = doctor.check_network([("Shop", f"http://127.0.0.1:{port}/v1")])
    assert not closed.ok and "does not answer" in closed.message


def test_time_zones() -> None:
    assert doctor.check_time_zones().ok
