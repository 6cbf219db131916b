"""Take the pictures of docs/pictures from the running program: ``.venv/bin/python packaging/pictures.py``.

The window is the real one on practice data over real HTTP; only the screen is not there (Qt's offscreen platform).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QPA_OFFSCREEN_NO_GLX", "1")

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from reviewdesk.app import open_core
from reviewdesk.domain.models import Target
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import theme

OUT = ROOT / "docs" / "pictures"
REPLY = (
    "Bonjour, merci pour ces précisions. La pièce manquante part aujourd’hui par courrier suivi, "
    "avec une boîte neuve."
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
    core = open_core(practice=True)
    core.sync.run(None, False)
    bridge = Bridge(core)
    window = MainWindow(core, bridge)
    core.start()
    window.resize(1440, 900)
    window.show()
    rest(2.5)
    # A French review with a picture and two stars: much of what a review can have, on one screen.
    wanted = core.inbox.page(core.inbox.parse("provider:trustpilot has:photo stars:<=2 -has:reply"), limit=5)
    review = next((row for row in wanted if row.language == "fr"), wanted[0])
    window.inbox.select(review.id)
    run_until(lambda: window.reading.current_id() == review.id, "the review")
    rest(1.5)
    for scheme in ("light", "dark"):
        theme().set_scheme(scheme)
        for width, height in ((1440, 900), (1280, 720)):
            window.resize(width, height)
            rest()
            shoot(window, f"inbox-{scheme}-{width}x{height}")
    window.resize(1440, 900)
    window.composer.open(review.id, Target.PUBLIC)
    window.composer.set_text(REPLY)
    rest(2.0)
    for scheme in ("dark", "light"):
        theme().set_scheme(scheme)
        rest()
        shoot(window, f"reply-{scheme}-1440x900")
    window.resize(860, 700)
    rest()
    shoot(window, "narrow-light-860x700")
    window.resize(1440, 900)
    theme().set_scale(2.0)
    rest()
    shoot(window, "text-200-light-1440x900")
    theme().set_scale(1.0)
    rest()
    window.composer.publish()
    rest(1.5)
    shoot(window, "publishing-light-1440x900")
    window.show_view("outbox")
    rest()
    shoot(window, "outbox-light-1440x900")
    window.close()
    bridge.close()
    core.stop()
    return 0


def shoot(window: MainWindow, name: str) -> None:
    picture = window.grab()
    if not picture.save(str(OUT / f"{name}.png")):
        raise SystemExit(f"{name} could not be written")
    print(f"docs/pictures/{name}.png", picture.width(), "x", picture.height())


if __name__ == "__main__":
    sys.exit(main())
