"""Put each picture of the design beside ours: ``.venv/bin/python packaging/beside.py FOLDER [folder of ours]``.

FOLDER holds the design's pictures. Left the design, right the program, both as high; into docs/pictures/beside.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

OURS = ROOT / "docs" / "pictures"
HIGH, GAP = 600, 12

PAIRS = {
    "01-main-public": "reply-{scheme}-1440x900",
    "02-compact-bulk": "bulk-{scheme}-1440x900",
    "03-private-message": "private-{scheme}-1440x900",
    "04-undo-offline": "publishing-{scheme}-1440x900",
    "05-outbox": "outbox-{scheme}-1440x900",
    "06a-invite-single": "invite-{scheme}-960x664",
    "06b-invite-bulk": "invite-list-{scheme}-1120x760",
    "07a-wizard-cards": "wizard-cards-{scheme}-900x640",
    "08-insights": "insights-{scheme}-1440x900",
    "09-palette": "palette-{scheme}-1440x900",
    "10a-first-run": "first-run-{scheme}-1440x900",
    "10b-empty-states": "empty-{scheme}-1440x900",
    "11-settings": "settings-writing-{scheme}-960x760",
    "11b-appearance": "settings-appearance-{scheme}-960x760",
    "12-narrow": "inbox-{scheme}-860x700",
    "13-rtl": "right-to-left-{scheme}-1440x900",
    "14-text-200": "inbox-{scheme}-200",
}
"""The design's picture to ours; the wizard's test stands in the table of the wizard."""


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    application = QGuiApplication(["beside"])
    design = Path(sys.argv[1])
    ours = Path(sys.argv[2]) if len(sys.argv) > 2 else OURS
    out = ours / "beside"
    out.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, wanted in PAIRS.items():
        for scheme in ("light", "dark", "contrast"):
            left = QImage(str(design / f"{name}-{scheme}.png"))
            right = QImage(str(ours / f"{wanted.format(scheme=scheme)}.png"))
            if scheme == "contrast" and left.isNull():
                continue
            if left.isNull() or right.isNull():
                missing.append(f"{name}-{scheme}")
                continue
            beside(left, right).save(str(out / f"{name}-{scheme}.png"))
    application.processEvents()
    for name in missing:
        print(f"not there: {name}")
    return 1 if missing else 0


def beside(left: QImage, right: QImage) -> QImage:
    """Both scaled to the same height, with a gap of neutral grey."""
    smooth = Qt.TransformationMode.SmoothTransformation
    one, two = left.scaledToHeight(HIGH, smooth), right.scaledToHeight(HIGH, smooth)
    made = QImage(one.width() + GAP + two.width(), HIGH, QImage.Format.Format_RGB32)
    made.fill(QColor("#808080"))
    painter = QPainter(made)
    painter.drawImage(0, 0, one)
    painter.drawImage(one.width() + GAP, 0, two)
    painter.end()
    return made


if __name__ == "__main__":
    sys.exit(main())
