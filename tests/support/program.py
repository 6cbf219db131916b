"""The program as an administrator runs it: a process of its own, judged by its output and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
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

    def __init__(self, folder: Path, *, keychain: bool = True) -> None:
        self.profile = folder / "profile"
        self.keychain_file = folder / "keychain.json"
        home = folder / "home"
        home.mkdir(exist_ok=True)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)} | {
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "tests.support.keyring_file.FileKeyring"
            if keychain
            else "keyring.backends.fail.Keyring",
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
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} took more than {timeout_s} s\n{out}\n{err}") from None
        return Done(process.returncode, out, err)

    def many(self, commands: Sequence[Sequence[str]]) -> list[Done]:
        """Several quick commands in one process, one after the other."""
        code = (
            "import json, sys, io, contextlib\n"
            "from reviewdesk.cli import main\n"
            "done = []\n"
            "for words in json.loads(sys.argv[1]):\n"
            "    out, err = io.StringIO(), io.StringIO()\n"
            "    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):\n"
            "        code = main(words)\n"
            "    done.append([code, out.getvalue(), err.getvalue()])\n"
            "print(json.dumps(done))\n"
        )
        wanted = json.dumps([["--profile", str(self.profile), *words] for words in commands])
        done = subprocess.run(
            [sys.executable, "-c", code, wanted],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [Done(*parts) for parts in json.loads(done.stdout)]

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
