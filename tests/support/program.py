"""The program as an administrator runs it: a process of its own, judged by its output and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewdesk.practice import PracticeShop
from tests.support.keyring_file import FILE_VARIABLE

__all__ = ["ROOT", "CommandLine", "Done"]


def _who() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


ROOT = Path(__file__).resolve().parents[2]
_OURS = ("REVIEWDESK_", "QT_", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND", "XDG_")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def check_json(self) -> Any:
        """The document of a command that may well find something wrong (the doctor on a bare machine)."""
        assert self.code in (0, 1) and "Traceback" not in self.err, self.err
        return self.json()

    def check(self, code: int) -> Done:
        """The same, after making sure of the exit code and that nobody was shown the insides."""
        assert self.code == code, f"exit {self.code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err + self.out
        if code:
            assert self.err.startswith(("error: ", "warning: ", "ok  ", "FAIL")), self.err
            assert any(line.startswith("error: ") for line in self.err.splitlines()), self.err
        return self


class CommandLine:
    """``python -m reviewdesk --profile FOLDER ...`` with a keychain of its own."""

    def __init__(self, folder: Path) -> None:
        self._warm: subprocess.Popen[str] | None = None
        self.profile = folder / "profile"
        self.keychain_file = folder / "keychain.json"
        home = folder / "home"
        home.mkdir(exist_ok=True)
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(_OURS) and key != "PYTHONDONTWRITEBYTECODE"
        } | {
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            # One warm cache for all these processes, beside the work tree.
            "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"reviewdesk-pycache-{_who()}"),
            "PYTHON_KEYRING_BACKEND": "tests.support.keyring_file.FileKeyring",
            FILE_VARIABLE: str(self.keychain_file),
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "reviewdesk", "--profile", str(self.profile), *arguments]
        return subprocess.Popen(
            command,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *arguments: str, timeout_s: float = 90, **environment: str) -> Done:
        """Run a command in the warm process beside this one and wait for its end."""
        asked = {
            "args": ["--profile", str(self.profile), *arguments],
            "env": {**self.environment, **environment},
        }
        process = self._warm_process()
        assert process.stdin is not None and process.stdout is not None
        # Whoever hangs is ended, and readline with it.
        guard = threading.Timer(timeout_s, process.kill)
        guard.start()
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            guard.cancel()
        assert line, f"{arguments} ended the process, or took more than {timeout_s} s"
        return Done(*json.loads(line))

    def _warm_process(self) -> subprocess.Popen[str]:
        if self._warm is None or self._warm.poll() is not None:
            self.end()
            self._warm = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        return self._warm

    def end(self) -> None:
        """End the warm process."""
        if self._warm is not None:
            self._warm.kill()
            self._warm.communicate()
            self._warm = None

    def alone(self, *arguments: str, timeout_s: float = 90, **environment: str) -> Done:
        """Run a command as a process of its own, from its very start."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} took more than {timeout_s} s\n{out}\n{err}") from None
        return Done(process.returncode, out, err)

    def killed(self, process: subprocess.Popen[str]) -> None:
        """kill -9."""
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.communicate(timeout=30)

    def add_shop(
        self,
        shop: PracticeShop,
        name: str = "Harbour DK",
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Done:
        """Add the first practice account under ``name``."""
        made = shop.accounts[0]
        chosen_secrets = {**made.secrets, **(secrets or {})}
        chosen = {**made.settings, "kinds": "product", "rate_limit": "10000/1", **(settings or {})}
        pairs = [part for key, value in chosen.items() for part in ("--set", f"{key}={value}")]
        keys = [part for key in chosen_secrets for part in ("--secret", key)]
        values = {f"REVIEWDESK_SECRET_{key.upper()}": value for key, value in chosen_secrets.items()}
        return self("account", "add", made.provider, "--name", name, *pairs, *keys, **values)

    def ids(self, query: str = "", limit: int = 1000) -> list[int]:
        rows = self("list", *([query] if query else []), "--limit", str(limit), "--json").check(0).json()
        return [row["id"] for row in rows]

    def id_of(self, native_id: str) -> int:
        for row in self("list", "--limit", "1000", "--json").check(0).json():
            if row["native_id"] == native_id:
                return int(row["id"])
        raise KeyError(native_id)
