"""Take the pictures of docs/pictures from the running program: ``.venv/bin/python packaging/pictures.py [name ...]``.

The window is the real one on practice data over real HTTP; only the screen is not there (Qt's offscreen platform).
Each place is taken light and dark in ``SIZES`` and with text at 200 %. REVIEWDESK_PICTURES names another folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QPA_OFFSCREEN_NO_GLX", "1")
# The name that Settings suggests is the login's, which is nobody's here.
os.environ["LOGNAME"] = "anna"

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.app import open_core
from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.models import Target
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.insights import Period
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.profile import Profile
from reviewdesk.services.sample import arrange, write_replies
from reviewdesk.ui.accounts import open_wizard
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.bulk_reply.room import open_window
from reviewdesk.ui.insights.page import InsightsPage
from reviewdesk.ui.invitations.room import open_invite
from reviewdesk.ui.invitations.window import LIST
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.products.page import ProductsPage
from reviewdesk.ui.settings import SettingsWindow
from reviewdesk.ui.theme import theme

OUT = Path(os.environ.get("REVIEWDESK_PICTURES", ROOT / "docs" / "pictures"))
SIZES = ((1440, 900), (1280, 720), (860, 700))
REPLY = (
    "Bonjour, merci de nous l’avoir dit. Un plaid d’une laine plus douce part aujourd’hui par courrier suivi, "
    "et nous reprenons le premier sans frais."
)


def run_until(condition: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not come")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def rest(seconds: float = 0.8) -> None:
    end = time.monotonic() + seconds
    run_until(lambda: time.monotonic() > end, "the end of a pause")


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    application = QApplication(["reviewdesk"])
    if "Inter" in QFontDatabase.families():
        application.setFont(QFont("Inter"))
    only = set(sys.argv[1:])
    if not only or "first-run" in only:
        first_run()
    core = open_core(practice=True)
    core.sync.run(None, False)
    arrange(core.store, core.inbox, core.clock.now())
    bridge = Bridge(core)
    window = MainWindow(core, bridge)
    core.start()
    window.resize(1440, 900)
    window.show()
    rest(2.5)
    for name, take in PICTURES.items():
        if not only or name in only:
            take(window)
            theme().set_scale(1.0)
            theme().set_scheme("light")
            window.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            window.inbox.set_density("comfortable")
            window.resize(1440, 900)
            rest()
    window.close()
    bridge.close()
    core.stop()
    return 0


def both(window: MainWindow, name: str) -> None:
    """Light and dark at each size, and at the largest with text at 200 %."""
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        for width, height in SIZES:
            window.resize(width, height)
            rest(0.5)
            shoot(window, f"{name}-{scheme}-{width}x{height}")
        theme().set_scale(2.0)
        window.resize(*SIZES[0])
        rest(0.8)
        shoot(window, f"{name}-{scheme}-200")
        theme().set_scale(1.0)
        window.resize(*SIZES[0])
        rest(0.3)


def chosen(window: MainWindow) -> int:
    """A French review, with a picture where there is one: much of what a review can have, on one screen."""
    window.show_view("state:needs-reply")
    rest()
    inbox = window.core.inbox
    wanted = inbox.page(inbox.parse("is:needs-reply provider:trustpilot lang:fr"), limit=20)
    review = next((row for row in wanted if row.has_photo), wanted[0])
    window.inbox.select(review.id)
    run_until(lambda: window.reading.current_id() == review.id, "the review")
    rest(1.5)
    return review.id


def inbox(window: MainWindow) -> None:
    chosen(window)
    both(window, "inbox")


def reply(window: MainWindow) -> None:
    window.composer.open(chosen(window), Target.PUBLIC)
    window.composer.set_text(REPLY)
    rest(2.0)
    both(window, "reply")
    theme().set_scheme("contrast")
    rest()
    shoot(window, "reply-contrast-1440x900")


def private(window: MainWindow) -> None:
    """A message only the customer reads, at the source that has such messages, with the link to edit the review."""
    window.composer.close()
    window.show_view("inbox")
    rest()
    inbox, composer = window.core.inbox, window.composer
    known = [inbox.detail(row.id) for row in inbox.page(inbox.parse("provider:sitejabber"), limit=200)]
    able = [d for d in known if d is not None and d.author.email]
    review = max(able, key=lambda detail: len(detail.messages)).row.id
    window.open_review(review)
    run_until(lambda: window.reading.current_id() == review, "the review")
    rest(1.5)
    composer.open(review, Target.PRIVATE)
    composer.subject.setText("Ihre Bestellung")
    composer.set_text(
        "Guten Tag, der Ersatz geht heute los. Ihre Bewertung können Sie jederzeit hier bearbeiten: "
    )
    composer.foot.link.click()
    run_until(lambda: "http" in composer.text(), "the link")
    rest(2.0)
    both(window, "private")
    theme().set_scheme("contrast")
    rest()
    shoot(window, "private-contrast-1440x900")
    composer.close()


def one_pane(window: MainWindow) -> None:
    chosen(window)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        window.resize(460, 812)
        window.shape.show_reading(True)
        rest()
        shoot(window, f"one-pane-{scheme}-460x812")
    window.focus_list()


def right_to_left(window: MainWindow) -> None:
    chosen(window)
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    both(window, "right-to-left")


def bulk(window: MainWindow) -> None:
    window.composer.close()
    window.show_view("inbox")
    rest()
    window.inbox.set_density("compact")
    window.focus_list()
    for row in range(6):
        window.inbox.view.toggle(2 + row)
    rest()
    # As wide as the design draws it.
    window.state.inner = [780, 0]
    window.shape.balance()
    rest(1.0)
    both(window, "bulk")
    window.inbox.clear_selection()
    window.state.inner = []
    window.shape.balance()


def palette(window: MainWindow) -> None:
    window.composer.close()
    chosen(window)
    window.palette_.open()
    rest(0.5)
    window.picker.field.setText("ans")
    both(window, "palette")
    window.picker.dismiss()
    theme().set_scheme("light")
    window.palette_.open_cheat_sheet()
    rest()
    shoot(window, "keys-light-1440x900")
    window.picker.dismiss()


def empty(window: MainWindow) -> None:
    window.show_view("inbox")
    window.header.search.set_text("lang:xx")
    rest(1.5)
    both(window, "empty")
    window.header.search.clear()
    rest()


def many(window: MainWindow) -> None:
    """One saved reply for several reviews, each with its own text."""
    core = window.core
    write_replies(core.saved_replies)
    wanted = core.inbox.page(core.inbox.parse("provider:trustpilot stars:<=3 -has:reply"), limit=12)
    saved = next(reply for reply in core.saved_replies.list() if reply.name == "Parcel is late")
    own = open_window(window, [row.id for row in wanted], saved)
    rest(2.0)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        rest()
        shoot(own, f"many-{scheme}")
    own.close()


def settings(window: MainWindow) -> None:
    window.open_settings("writing")
    own = window.findChild(SettingsWindow)
    if own is None:
        raise SystemExit("there are no settings")
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        for page in ("writing", "appearance", "accounts", "shortcuts"):
            own.open(page)
            rest()
            shoot(own, f"settings-{page}-{scheme}-960x760")
    own.close()


def wizard(window: MainWindow) -> None:
    """The first page of the wizard: which source. Its tests take every other stage."""
    own = open_wizard(window)
    if own is None:
        raise SystemExit("there is no wizard")
    own.resize(900, 640)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        rest()
        shoot(own, f"wizard-cards-{scheme}-900x640")
    own.close()


def publishing(window: MainWindow) -> None:
    window.composer.open(chosen(window), Target.PUBLIC)
    window.composer.set_text(REPLY)
    rest(2.0)
    window.composer.publish()
    rest(1.5)
    both(window, "publishing")
    window.show_view("outbox")
    both(window, "outbox")


def products(window: MainWindow) -> None:
    page = window.show_page("products")
    known = window.core.products
    window.core.products.match_now()
    for account in known.able(Capability.SUMMARIES):
        known.refresh(account.id).result(60)
    rest(2.0)
    if not isinstance(page, ProductsPage):
        raise SystemExit("there are no products")
    both(window, "products")


def insights(window: MainWindow) -> None:
    page = window.show_page("insights")
    if not isinstance(page, InsightsPage):
        raise SystemExit("there are no insights")
    page.set_period(Period.YEAR)
    run_until(lambda: (made := page.figures()) is not None and made.period is Period.YEAR, "the figures")
    both(window, "insights")


def messages(window: MainWindow) -> None:
    window.show_page("messages")
    rest(1.0)
    both(window, "messages")


def saved_replies(window: MainWindow) -> None:
    write_replies(window.core.saved_replies)
    window.show_page("saved-replies")
    rest(1.0)
    both(window, "saved-replies")


def invite(window: MainWindow) -> None:
    own = open_invite(window)
    own.resize(960, 664)
    run_until(lambda: bool(own.sources()), "the sources")
    own.single.choose("harbour.example", "link:business")
    own.single.fill(
        {
            "email": "p.lambert@example.org",
            "first_name": "Pierre",
            "order_id": "28592",
            "order_date": "2026-11-09",
        }
    )
    own.go_on()
    run_until(lambda: bool(own.single.result.address()), "the link", 60)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        rest()
        shoot(own, f"invite-{scheme}-960x664")
    lines = ["mail;order_no;bought_on;first;lang"]
    lines += [f"customer{n}@example.org;{28_600 + n};2026-10-{n % 28 + 1:02};Name {n};fr" for n in range(40)]
    lines[3:3] = ["h.sommer@example;28593;2026-11-09;Heike;de", "l.ortega@example.org;;2026-11-10;Luis;es"]
    own.show_page(LIST)
    own.resize(1120, 760)
    own.bulk.choose("harbour.example", "link:business")
    own.bulk.open_table(Table.open_text("\n".join(lines)))
    run_until(lambda: own.bulk.plan() is not None, "the list", 60)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        rest()
        shoot(own, f"invite-list-{scheme}-1120x760")
    own.close()
    window.show_page("invitations")
    rest(1.5)
    both(window, "invitations")


PICTURES: dict[str, Callable[[MainWindow], None]] = {
    "products": products,
    "insights": insights,
    "messages": messages,
    "saved-replies": saved_replies,
    "invite": invite,
    "inbox": inbox,
    "palette": palette,
    "bulk": bulk,
    "many": many,
    "empty": empty,
    "settings": settings,
    "reply": reply,
    "private": private,
    "one-pane": one_pane,
    "wizard": wizard,
    "publishing": publishing,
    # Last: what was laid out from right to left is not always laid out anew.
    "right-to-left": right_to_left,
}


def first_run() -> None:
    """A profile in which there is no account yet."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile.open(Path(folder) / "profile")
        core = Core.open(profile, clock=SystemClock(), secrets=MemorySecrets())
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        window.resize(1440, 900)
        window.show()
        rest(2.0)
        both(window, "first-run")
        window.close()
        bridge.close()
        core.stop()


def painted(window: MainWindow) -> bool:
    window.grab()
    return not window.inbox.view.delegate.owes


def shoot(window: QWidget, name: str) -> None:
    if isinstance(window, MainWindow) and window.inbox.isVisible():
        # A list paints what it has in time and the rest a frame later: the picture is of the whole.
        run_until(lambda: painted(window), "the rows")
    picture = window.grab()
    if not picture.save(str(OUT / f"{name}.png")):
        raise SystemExit(f"{name} could not be written")
    print(f"docs/pictures/{name}.png", picture.width(), "x", picture.height())


if __name__ == "__main__":
    sys.exit(main())
