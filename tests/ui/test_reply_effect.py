"""A score that the customer changed after our reply is told on the list's row, for the eye and for a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.cases import Effect
from reviewdesk.domain.models import ReviewKind
from reviewdesk.store import reviews as stored_reviews
from reviewdesk.store import threads as stored_threads
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox.model import ID_ROLE
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import open_scripted
from tests.support.screens import settle, wait_until
from tests.support.scripted import World
from tests.support.stores import business, record, thread

FIRST, REPLIED, LATER = 1_790_000_000, 1_790_001_000, 1_790_002_000


def test_the_row_tells_the_score_before_our_reply_and_now(themed: QApplication, tmp_path: Path) -> None:
    world = World()
    world.add_review(1)
    with open_scripted(tmp_path, world=world) as desk:
        account = desk.core.accounts.list()[0]

        def came(native: str, score: float, at: int) -> Any:
            return record(
                native,
                kind=ReviewKind.BUSINESS,
                score=score,
                created_at=FIRST,
                updated_at=at,
                body=f"{score}",
            )

        def write(tx: Any) -> None:
            # "up" was edited after our reply, "none" before it, "silent" was never answered.
            early = {"up": FIRST, "down": FIRST, "none": FIRST, "silent": FIRST}
            scores = {"up": 2.0, "down": 4.0, "none": 2.0, "silent": 2.0}
            stored_reviews.store_page(
                tx, account.id, reviews=tuple(came(n, scores[n], at) for n, at in early.items())
            )
            edited = {
                "up": (5.0, LATER),
                "down": (1.0, LATER),
                "none": (5.0, FIRST + 500),
                "silent": (5.0, LATER),
            }
            stored_reviews.store_page(
                tx, account.id, reviews=tuple(came(n, score, at) for n, (score, at) in edited.items())
            )
            for native in ("up", "down", "none"):
                known = stored_reviews.find(tx, account.id, native)
                assert known is not None
                stored_threads.store_thread(tx, known, thread(business("Thank you.", "b", at=REPLIED)))

        desk.core.store.write_now(write)
        ids = {name: desk.review(name) for name in ("up", "down", "none", "silent")}
        assert desk.core.inbox.effects(ids.values()) == {
            ids["up"]: Effect(2.0, 5.0),
            ids["down"]: Effect(4.0, 1.0),
        }
        bridge = Bridge(desk.core)
        window = MainWindow(desk.core, bridge)
        window.show()
        try:
            wait_until(lambda: window.entry() is not None)
            window.inbox.set_query(desk.core.inbox.parse(""))
            model = window.inbox.model
            wait_until(lambda: window.inbox.total() >= 5)

            def said(name: str) -> str:
                for line in range(model.rowCount()):
                    place = model.index(line, 0)
                    if place.data(ID_ROLE) == ids[name]:
                        return str(place.data(Qt.ItemDataRole.AccessibleTextRole))
                return ""

            wait_until(lambda: "before" in said("up"))
            assert "edited after our reply: 2 of 5 stars before, 5 of 5 stars now" in said("up")
            assert "edited after our reply: 4 of 5 stars before, 1 of 5 stars now" in said("down")
            for name in ("none", "silent"):
                assert ", edited," in said(name) and "before" not in said(name)
            delegate = window.inbox.view.itemDelegate()
            rows = desk.core.inbox.rows(ids.values())
            icons = {name: delegate._edited_icon(rows[i]) for name, i in ids.items()}  # type: ignore[attr-defined]
            assert icons == {
                "up": "trend-up", "down": "trend-down", "none": "pencil-simple", "silent": "pencil-simple",
            }  # fmt: skip
        finally:
            window.close()
            bridge.close()
            window.deleteLater()
            settle()
