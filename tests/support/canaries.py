"""Random values in every secret field, a whole practice run with them, and the search that must not find them.

``python -c "from tests.support import canaries; canaries.run(FOLDER)"`` is the run: a process of its own, with
debug log, faults, an offscreen window and whatever keychain it finds. ``FOLDER/canaries.json`` holds the values
(outside of everything that is searched), ``FOLDER/home`` is what the program may write to.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import logging
import secrets as randomness
import string
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["forms", "hits", "make", "run"]

_ALPHABET = string.ascii_letters + string.digits
# Characters that every encoding writes differently, in the middle of each value.
_AWKWARD = "+/&\"'é %4f"
PIECE = 8
_OF_THE_FEED = ("verified-reviews.password", "verified-reviews.private_key")


def make() -> dict[str, str]:
    """A value for each secret of each provider, 24 random characters and, where the provider takes them, awkward ones."""

    def value(*, plain: bool = False) -> str:
        parts = ["".join(randomness.choice(_ALPHABET) for _ in range(12)) for _ in range(2)]
        return ("" if plain else _AWKWARD).join(parts)

    return {
        # Keys that travel in headers and addresses are plain ASCII at every provider.
        "trustpilot.api_key": value(plain=True),
        "trustpilot.api_secret": value(),
        "trustpilot.password": value(),
        "sitejabber.client_token": value(plain=True),
        "sitejabber.password": value(),
        "sitejabber.client_id": value(plain=True),
        "sitejabber.client_encryption_key": value(),
        "guaranteed-reviews.public_key": value(plain=True),
        "guaranteed-reviews.private_key": "4417/fr/" + randomness.token_hex(32),
        "retargeting.rest_key": value(plain=True),
        "verified-reviews.password": value(),
        "verified-reviews.private_key": value(),
        "verified-reviews.client_id": value(plain=True),
        "verified-reviews.client_secret": value(),
    }


def forms(value: str) -> set[bytes]:
    """How a value may be written, in bytes."""
    raw = value.encode()
    written = {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(raw)[2:-1],
        raw.hex(),
        raw.hex().upper(),
        value[::-1],
    }
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        end = len(whole) if (offset + len(raw)) % 3 == 0 else len(whole) - 1
        middle = whole[(0, 2, 3)[offset] : end]
        written |= {middle, middle.replace("+", "-").replace("/", "_")}
    found = {text.encode() for text in written}
    return found | {value.encode("utf-16-le"), value.encode("utf-16-be")}


def _pieces(value: str) -> set[bytes]:
    """Any eight characters in a row, as far as they are random."""
    found = set()
    for part in value.replace("4417/fr/", "").split(_AWKWARD):
        found |= {part[i : i + PIECE].encode() for i in range(len(part) - PIECE + 1)}
    return found


def hits(folder: Path, canaries: dict[str, str]) -> list[str]:
    """``file: field`` for every canary in any file below ``folder``, in any form or any eight characters of it."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes() + str(path).encode()
        for field, value in canaries.items():
            wanted = forms(value) | _pieces(value)
            if any(form in data for form in wanted):
                found.append(f"{path.relative_to(folder)}: {field}")
    return found


# --- the run ---------------------------------------------------------------------------------------------


def _arm(canaries: dict[str, str]) -> None:
    """Let the practice servers take these values: their keys are changed before anybody reads them."""
    name = "reviewdesk.practice.keys"
    found = importlib.util.find_spec("reviewdesk")
    assert found is not None and found.submodule_search_locations
    path = Path(next(iter(found.submodule_search_locations))) / "practice" / "keys.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    keys: Any = importlib.util.module_from_spec(spec)
    sys.modules[name] = keys
    spec.loader.exec_module(keys)
    keys.TRUSTPILOT_KEY = canaries["trustpilot.api_key"]
    keys.TRUSTPILOT_SECRET = canaries["trustpilot.api_secret"]
    for provider, table in (
        ("sitejabber", keys.SITEJABBER),
        ("guaranteed-reviews", keys.GUARANTEED_REVIEWS),
        ("retargeting", keys.RETARGETING),
        ("verified-reviews", keys.VERIFIED_REVIEWS),
    ):
        for field in table:
            table[field] = canaries.get(f"{provider}.{field}", table[field])


def run(folder: str) -> None:
    """Everything a person and the world can do to the program, with these secrets in it."""
    canaries: dict[str, str] = json.loads((Path(folder) / "canaries.json").read_text("utf-8"))
    _arm(canaries)
    from reviewdesk import app, practice
    from reviewdesk.secrets.session import SessionSecrets
    from reviewdesk.services.profile import Profile

    home = Path(folder) / "home"
    app.prepare_process()
    profile = Profile.open(home / "profile")
    core = app.open_core(profile)
    print("secrets:", core.secrets.probe() if isinstance(core.secrets, SessionSecrets) else "?")
    shop = practice.start()
    shop.trustpilot.username = "anna.nyborg@example.org"
    shop.trustpilot.password = canaries["trustpilot.password"]
    try:
        _add_accounts(core, shop, canaries)
        _work(core, shop, canaries)
        _fail(canaries)
        _look(core, shop, canaries, home)
        _export(core, home)
        _crash(canaries)
        core.backups.make()
        (home / "support-bundle.txt").write_text(core.bundle(), "utf-8")
        for name in ("cmdline", "environ"):
            (home / f"proc-{name}").write_bytes(Path(f"/proc/self/{name}").read_bytes())
        accounts = len(core.accounts.list())
        print("accounts:", accounts, "reviews:", core.inbox.count(core.inbox.parse("")))
    finally:
        shop.close()
        core.stop()


def _add_accounts(core: Any, shop: Any, canaries: dict[str, str]) -> None:
    for made in shop.accounts:
        core.accounts.add(made.provider, made.name, made.settings, made.secrets)
    first = shop.accounts[0]
    by_password = {**first.settings, "grant": "password", "username": "anna.nyborg@example.org"}
    keys = {**first.secrets, "password": canaries["trustpilot.password"]}
    core.accounts.add("trustpilot", "By password", by_password, keys)
    feed = {"transport": "sftp", "host": "127.0.0.1", "port": "9", "username": "feed", "path": "/"}
    feed["host_key"] = "SHA256:" + "A" * 43
    keys = {"password": canaries["verified-reviews.password"]}
    core.accounts.add("verified-reviews", "Feed by SFTP", feed, keys, test=False)
    # No key in any format: what the library says of it must not repeat it.
    keys = {
        "private_key": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{canaries['verified-reviews.private_key']}\n"
    }
    core.accounts.add("verified-reviews", "Feed by key", feed, keys, test=False)
    url = shop.server.url("verified-reviews")
    published = {"transport": "api", "base_url": url, "auth_url": url}
    keys = {k: canaries[f"verified-reviews.{k}"] for k in ("client_id", "client_secret")}
    core.accounts.add("verified-reviews", "Published", published, keys)


_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 401},
    {"status": 403},
    {"status": 200, "body": "<html>sign in to the network</html>", "headers": {"Content-Type": "text/html"}},
    {"cut": "before"},
    {"cut": "mid"},
    {"body": b"\xff\xfe not json"},
)


def _work(core: Any, shop: Any, canaries: dict[str, str]) -> None:
    from reviewdesk.domain.models import Target

    core.sync.run(None, False)
    for fault in _FAULTS:
        shop.faults.on("", times=6, **fault)
        _sync_a_while(core)
        shop.faults.off()
    for status in (400, 401, 500):
        # A provider that repeats what it was sent, more than once, so that any cut falls into one of them.
        for provider in {account.provider for account in core.accounts.list()}:
            own = [
                value
                for field, value in canaries.items()
                # What the feed signs in with never reaches the API.
                if field.startswith(f"{provider}.") and field not in _OF_THE_FEED
            ]
            for body in (json.dumps({"message": " ".join(own * 9)}), " ".join(own * 300)):
                shop.faults.on("", provider=provider, times=3, status=status, body=body)
        _sync_a_while(core)
        shop.faults.off()
    core.sync.run(None, False)
    core.start()
    ids = core.inbox.ids(core.inbox.parse("is:new"))
    names = {a.id: a for a in core.accounts.list()}
    sent = []
    for row in core.inbox.rows(list(ids)[:60]).values():
        if names[row.account_id].provider in ("trustpilot", "sitejabber") and len(sent) < 4:
            shop.faults.on("", method="POST", times=1, **_FAULTS[len(sent)])
            item = core.replies.publish(row.id, Target.PUBLIC, "Thank you for telling us.", delay_s=0).result(
                10
            )
            sent.append(item.id)
    end = core.clock.monotonic() + 8
    while core.clock.monotonic() < end and any(
        core.outbox.item(i).state.value in ("waiting", "sending") for i in sent
    ):
        core.clock.wait(threading.Event(), 0.05)
    shop.faults.off()


def _sync_a_while(core: Any) -> None:
    jobs = core.sync.sync_now()
    core.clock.wait(threading.Event(), 0.5)
    for account in core.accounts.list():
        core.sync.cancel(account.id)
    for job in jobs:
        job.result(30)


def _fail(canaries: dict[str, str]) -> None:
    """Errors with secrets in their arguments, causes and notes reach the log like any other."""

    log = logging.getLogger("httpx")
    values = list(canaries.values())
    log.warning("GET https://api.example/?k=%s", quote(values[0], safe=""))
    for value in values:
        try:
            try:
                raise ValueError(value)
            except ValueError as cause:
                error = RuntimeError({"password": value}, value.encode())
                raise error from cause
        except RuntimeError:
            logging.getLogger("reviewdesk.test").exception("failed with %r", {"key": value})

    def die() -> None:
        raise RuntimeError("in a thread", values)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()


def _export(core: Any, home: Path) -> None:
    """All formats, with the private fields: secrets of accounts are none of a review's fields."""
    from reviewdesk.services.export import ExportFormat

    made = home / "exports"
    made.mkdir()
    for kind in ExportFormat:
        target = made / f"all.{kind.value}"
        core.care.exports.write(core.inbox.parse(""), target, kind, private=True)
        if zipfile.is_zipfile(target):
            # What is packed is searched unpacked.
            with zipfile.ZipFile(target) as book:
                book.extractall(made / f"{kind.value}-unpacked")


def _crash(canaries: dict[str, str]) -> None:
    """An error that nobody catches, in the main thread: the hook's report goes to the log and to standard error."""
    try:
        raise RuntimeError("the end", dict(canaries))
    except RuntimeError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def _look(core: Any, shop: Any, canaries: dict[str, str], home: Path) -> None:
    """Windows with everything open: their titles, tips and names are written down, and the clipboard."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

    from reviewdesk.ui.accounts.page import AccountPage
    from reviewdesk.ui.accounts.wizard import Wizard
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow
    from tests.support.screens import settle, wait_until

    application = QApplication.instance() or QApplication(["reviewdesk"])
    bridge = Bridge(core)
    window = MainWindow(core, bridge)
    window.show()
    said: list[str] = []

    def note() -> None:
        settle()
        said.append(f"clipboard: {QGuiApplication.clipboard().text()}")
        for widget in application.allWidgets():  # type: ignore[attr-defined]
            said.extend(_words(widget, QLineEdit, QWidget))

    wizard = Wizard(bridge, window)
    wizard.show()
    made = next(a for a in shop.accounts if a.provider == "retargeting")
    wizard.cards.choose("retargeting")
    wizard.go_on()
    wizard.form.fill({**made.settings, "customer_id": "wrong", **made.secrets})
    wizard.go_on()
    wait_until(lambda: wizard._trial is None, 20)
    note()
    wizard.copy_details()
    note()
    wizard.close()
    for account in core.accounts.list():
        page = AccountPage(bridge, account.id, window)
        page.show()
        wait_until(lambda page=page: page.health() is not None, 20)
        page.copy_diagnostics()
        note()
        page.close()
    (home / "screen.txt").write_text("\n".join(said), "utf-8", "replace")
    window.close()
    bridge.close()


def _words(widget: Any, line_edit: type, _widget: type) -> Iterator[str]:
    """What can be seen or heard of a widget. A masked field shows its mask."""
    names = ("windowTitle", "toolTip", "accessibleName", "accessibleDescription", "statusTip", "whatsThis")
    calls: list[Callable[[], str]] = [getattr(widget, name) for name in names]
    if isinstance(widget, line_edit):
        calls.append(widget.displayText)  # type: ignore[attr-defined]
    else:
        calls += [
            getattr(widget, n)
            for n in ("text", "toPlainText", "message")
            if callable(getattr(widget, n, None))
        ]
    for call in calls:
        try:
            value = call()
        except TypeError:
            continue
        if isinstance(value, str) and value:
            yield f"title: {value}" if call == widget.windowTitle else value
