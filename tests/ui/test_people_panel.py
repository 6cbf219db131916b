"""Beside a review: what else is known of its person or order over all accounts, why, and from the cache alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import Product
from reviewdesk.services.people import ProductFigures
from reviewdesk.store import messages as stored_messages
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.reading.context import ProductCard
from reviewdesk.ui.theme import install, theme
from tests.support.core import TOKEN, open_scripted
from tests.support.screens import settle, wait_until
from tests.support.scripted import World

_INVITE = (
    "INSERT INTO invitation(account_id, way, kind, person, email, order_id, created_s, changed_s, state)"
    " VALUES (?, 'link', 'product', ?, ?, ?, 1779000000, 1779000000, 'invited')"
)


def test_reviews_messages_and_invitations_of_one_person_over_accounts(
    themed: QApplication, tmp_path: Path
) -> None:
    world = World()
    for number in range(1, 5):
        world.add_review(number)
    with open_scripted(tmp_path, world=world) as desk:
        core = desk.core
        other = core.accounts.add("scripted", "Second shop", {"shop": "two"}, {"token": TOKEN})
        desk.sync()
        mine = desk.review("r1")
        ids = list(core.inbox.ids(core.inbox.parse('account:"Second shop"')))
        rows = core.inbox.rows(ids)
        mailed, ordered, stranger = (
            next(i for i in ids if rows[i].native_id == n) for n in ("r2", "r3", "r4")
        )

        def write(tx: Any) -> None:
            tx.run(
                "UPDATE review SET author_email = 'Ada@example.org', order_id = 'HB-9' WHERE id = ?", (mine,)
            )
            tx.run(
                "UPDATE review SET author_email = 'ada@example.org', kind = 'business' WHERE id = ?",
                (mailed,),
            )
            tx.run("UPDATE review SET order_id = 'HB-9' WHERE id = ?", (ordered,))
            tx.run("UPDATE review SET author_email = 'eve@example.org' WHERE id = ?", (stranger,))
            # Of this person at the other account, of this order, and of somebody else.
            tx.run(_INVITE, (other.id, "ada@example.org", "ada@example.org", "HB-1"))
            tx.run(_INVITE, (desk.account.id, "bob@example.org", "bob@example.org", "HB-9"))
            tx.run(_INVITE, (desk.account.id, "eve@example.org", "eve@example.org", "HB-7"))
            letters = [
                MessageRecord(key=str(n), subject="Kettle", body=f"Words {n}", created_at=1_779_000_100 + n,
                              ours=n == 2, person="ada", review_no="r2")
                for n in (1, 2)
            ]  # fmt: skip
            stored_messages.store_messages(tx, other.id, letters)

        core.store.write_now(write)
        calls = len(world.calls)
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        window.show()
        try:
            wait_until(lambda: window.entry() is not None)
            window.open_review(mine)
            panel = window.reading.content.context
            wait_until(lambda: len(panel.rows()) == 2, 5, "the rows")
            said = {row.review_id(): row.words() for row in panel.rows()}
            assert "same e-mail address" in said[mailed] and "2 messages" in said[mailed]
            assert "same order" in said[ordered] and "message" not in said[ordered]
            assert all("Second shop" in words for words in said.values())
            asked = [row.words().split(", ", 1)[1] for row in panel.invitation_rows()]
            assert asked == [
                "bob@example.org, HB-9, same order", "ada@example.org, HB-1, same e-mail address",
            ]  # fmt: skip
            assert len(world.calls) == calls, "nobody was asked: it works without a network"
            # One key takes an invitation apart, as it does with a review; both come back, and one goes again.
            panel.invitation_rows()[0].setFocus()
            QTest.keyClick(panel.invitation_rows()[0], Qt.Key.Key_Delete)
            wait_until(lambda: len(panel.invitation_rows()) == 1, 15, "the invitation being taken apart")
            assert "ada@example.org" in panel.invitation_rows()[0].words()
            wait_until(lambda: "taken apart" in window.toast.text(), 15, "the words")
            gone = next(row for row in panel.rows() if row.review_id() == ordered)
            gone.setFocus()
            QTest.keyClick(gone, Qt.Key.Key_Delete)
            wait_until(lambda: [row.review_id() for row in panel.rows()] == [mailed], 15, "the review")
            assert window.actions_.trigger("undo")
            wait_until(lambda: len(panel.rows()) == 2, 15, "the review again")
            assert window.actions_.trigger("undo")
            wait_until(lambda: len(panel.invitation_rows()) == 2, 15, "the invitation again")
            window.doing.redo()
            wait_until(lambda: len(panel.invitation_rows()) == 1, 15, "apart once more")
            assert core.people.context(mine).invitations[0][0].email == "ada@example.org"
            row = next(row for row in panel.rows() if row.review_id() == mailed)
            row.setFocus()
            QTest.keyClick(row, Qt.Key.Key_Return)
            wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == mailed)
            wait_until(lambda: [m.body for m in window.reading.detail().messages] == ["Words 1", "Words 2"])  # type: ignore[union-attr]
        finally:
            window.close()
            bridge.close()
            window.deleteLater()
            settle()


def test_the_bars_of_a_product_differ_in_every_theme(themed: QApplication) -> None:
    detail = SimpleNamespace(product=Product(sku="K-1", name="Kettle"))
    for scheme in ("light", "dark", "contrast"):
        install(themed, scheme=scheme)
        card = ProductCard()
        try:
            card.set_product(detail, ProductFigures(26, 26, 4.6, (0, 0, 0, 1, 25), 1))  # type: ignore[arg-type]
            card.resize(600, card.sizeHint().height())
            image = card.grab().toImage()
            bar = theme().colour("score").name()
            longest = [
                sum(image.pixelColor(x, y).name() == bar for x in range(300, image.width()))
                for y in range(2, image.height() - 2)
            ]
            five, four = max(longest), max(longest[image.height() // 4 : image.height() // 2])
            assert five > 5 * four > 0, scheme
        finally:
            card.deleteLater()
            settle()
