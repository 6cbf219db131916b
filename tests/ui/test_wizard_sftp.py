"""The wizard against a real SFTP server: the server's key comes before any password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts.wizard import FORM, TEST, Wizard
from reviewdesk.ui.bridge import Bridge
from tests.support.core import make_profile
from tests.support.practice_sftp import in_process_sftp
from tests.support.screens import wait_until

Press = Callable[[], None]


def test_no_password_before_the_key_is_trusted(tmp_path: Path, themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = Core.open(make_profile(tmp_path / "p"), clock=SystemClock(), secrets=MemorySecrets())
    bridge = Bridge(core)
    with practice.start() as shop, in_process_sftp(Path(str(shop.feed_folder))) as server:
        wizard = Wizard(bridge)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(wizard)
        wizard.show()
        wizard.cards.choose("verified-reviews")
        wizard.go_on()
        made = next(a for a in shop.accounts if a.provider == "verified-reviews")
        wizard.form.fill(
            {
                "transport": "sftp",
                "host": server.host,
                "port": str(server.port),
                "path": "/",
                "username": server.username,
                "password": "wrong-password",
                "website_id": made.settings["website_id"],
            }
        )

        def test(press: Press = wizard.go_on) -> None:
            press()
            wait_until(lambda: wizard.page() == TEST and wizard._trial is None, 20, "the end of the test")

        test()
        assert wizard.heading.text() == "Is this your server?"
        assert wizard.stages.shown_key() == server.host_key and server.passwords_seen == []
        test()
        failed = wizard.stages.failed()
        assert failed is not None and failed.name == "sign-in" and server.passwords_seen == ["wrong-password"]
        wizard.stages.correct.emit()
        assert wizard.page() == FORM and wizard.form.settings()["host_key"] == server.host_key
        wizard.form.fill({"password": server.password})
        test()
        assert wizard.stages.failed() is None, wizard.details()
        # Somebody stands in its place: both keys are shown, and not a byte of a password goes there.
        before, sent = server.host_key, len(server.passwords_seen)
        now = server.change_host_key()
        wizard.go_back()
        test()
        assert wizard.stages.shown_key() == now and len(server.passwords_seen) == sent
        said = wizard.stages.key.findChildren(type(wizard.heading))
        assert {before, now} <= {label.text() for label in said}
        wizard.close()
        assert core.accounts.list() == []
    bridge.close()
    core.stop()
