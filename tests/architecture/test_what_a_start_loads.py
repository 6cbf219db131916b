"""What is loaded before the first list is painted, and before ``list`` prints: a start pays for every import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reviewdesk.domain.models import AccountState
from reviewdesk.providers import registry
from reviewdesk.services.profile import Profile
from reviewdesk.store import accounts, reviews
from reviewdesk.store.database import Store, Tx
from tests.support.clock import FakeClock
from tests.support.stores import NOW, record

# Each of these has cost a start between 5 and 100 ms at some time.
_HEAVY = (
    *(
        "httpx",
        "httpcore",
        "ssl",
        "anyio",
        "paramiko",
        "cryptography",
        "asyncssh",
        "openpyxl",
        "msgspec",
        "segno",
    ),
    *(
        "enchant",
        "keyring",
        "werkzeug",
        "qtawesome",
        "sqlite3",
        "xml.sax",
        "http.client",
        "urllib.request",
        "tomllib",
    ),
)
_OURS_LATER = (
    *("domain.capabilities", "domain.checks", "domain.templates", "practice", "providers.base"),
    *("services.accounts", "services.backups", "services.care", "services.checks", "services.export"),
    *("services.invitations", "services.outbox", "services.products", "services.replies", "services.sample"),
    *(
        "services.dictionaries",
        "services.scheduler",
        "services.spelling",
        "services.sync",
        "services.workers",
    ),
    "store.salvage",
)
_PANES_LATER = (
    *(
        "accounts.wizard",
        "accounts.page",
        "activity",
        "casework",
        "choosing",
        "composer",
        "data",
        "first_run",
    ),
    *("invitations", "messages", "outbox", "palette", "picker", "products", "publishing", "reading", "rooms"),
    *("saved_replies", "settings", "summons", "views"),
)

_WINDOW = """
import enum
import sys
making = enum.EnumMeta.__call__
def noting(cls, value, names=None, **options):
    if names is None:
        return making(cls, value, **options)
    enumerations.append(f"enumeration:{value}")
    return making(cls, value, names, **options)
enumerations = []
enum.EnumMeta.__call__ = noting
from reviewdesk import app
told = app._process_age
def at_first_paint():
    print(*sorted(sys.modules), *enumerations, sep="\\n")
    return told()
app._process_age = at_first_paint
from reviewdesk.__main__ import main
sys.exit(main(["--profile", sys.argv[1]]))
"""
_LIST = """
import sys
from reviewdesk.__main__ import main
code = main(["--profile", sys.argv[1], "list", "--limit", "1"])
print(*sorted(sys.modules), sep="\\n")
sys.exit(code)
"""


@pytest.fixture
def stored_profile(tmp_path: Path) -> Path:
    """A profile with a paused account and a few reviews."""
    folder = tmp_path / "profile"
    profile = Profile.open(folder)

    def fill(tx: Tx) -> None:
        account = accounts.insert(tx, name="Acme", provider="trustpilot", settings={})
        accounts.update(tx, account.id, state=AccountState.PAUSED, last_success=NOW)
        reviews.store_page(tx, account.id, reviews=[record(f"r{n}", created_at=NOW - n) for n in range(30)])

    store = Store.open(profile.database, clock=FakeClock(NOW), on_change=lambda _: None)
    store.write_now(fill)
    store.close()
    return folder


def _loaded(program: str, profile: Path) -> set[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REVIEWDESK")},
        "QT_QPA_PLATFORM": "offscreen",
        "REVIEWDESK_MARK_FIRST_PAINT": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-c", program, str(profile)],
        capture_output=True, text=True, timeout=120, check=False, env=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


def _among(loaded: set[str], names: tuple[str, ...]) -> set[str]:
    return {name for name in names if any(m == name or m.startswith(f"{name}.") for m in loaded)}


def test_the_first_painted_list_loads_only_what_it_needs(stored_profile: Path) -> None:
    loaded = _loaded(_WINDOW, stored_profile)

    assert {"PySide6.QtWidgets", "reviewdesk.ui.inbox.list"} <= loaded
    assert _among(loaded, _HEAVY) == set()
    assert _among(loaded, tuple(f"reviewdesk.{name}" for name in _OURS_LATER)) == set()
    assert _among(loaded, tuple(f"reviewdesk.ui.{name}" for name in _PANES_LATER)) == set()
    assert "PySide6.QtNetwork" not in loaded
    # Made where the binding looks at every kind of widget, and of a style's options, there is.
    assert "enumeration:ItemDataRole" in loaded
    assert (
        not {"enumeration:WizardOption", "enumeration:SubWindowOption", "enumeration:ToolBarFeature"} & loaded
    )
    assert "PySide6.QtPrintSupport" not in loaded


def test_list_loads_neither_qt_nor_anything_that_talks_to_providers(stored_profile: Path) -> None:
    loaded = _loaded(_LIST, stored_profile)

    assert "reviewdesk.cli.reading" in loaded
    assert _among(loaded, (*_HEAVY, "PySide6", "reviewdesk.ui")) == set()
    assert _among(loaded, tuple(f"reviewdesk.{name}" for name in _OURS_LATER)) == set()


def test_the_letters_of_providers_are_those_of_their_specs() -> None:
    # The first painting shows them without loading a spec.
    assert dict(registry.CODES) == {spec.id: spec.code for spec in registry.specs()}
