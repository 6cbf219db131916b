"""The small parts every pane is made of. All of them follow the theme by themselves and show plain text only."""

from __future__ import annotations

from reviewdesk.ui.widgets.badge import Badge, KeyCap
from reviewdesk.ui.widgets.bar import InlineBar
from reviewdesk.ui.widgets.buttons import PushButton, ToolButton, off_reason, set_off
from reviewdesk.ui.widgets.empty import EmptyState
from reviewdesk.ui.widgets.focus import FocusRing
from reviewdesk.ui.widgets.label import PlainLabel, plain_tip, set_tip
from reviewdesk.ui.widgets.pane_head import PaneHead
from reviewdesk.ui.widgets.score import ScoreView, draw_pill, draw_stars, pill_width, stars_width
from reviewdesk.ui.widgets.separator import Separator
from reviewdesk.ui.widgets.speech import announce
from reviewdesk.ui.widgets.toast import Toast
from reviewdesk.ui.widgets.two_lines import TwoLineList, TwoLines, draw_words

__all__ = [
    "Badge",
    "EmptyState",
    "FocusRing",
    "InlineBar",
    "KeyCap",
    "PaneHead",
    "PlainLabel",
    "PushButton",
    "ScoreView",
    "Separator",
    "Toast",
    "ToolButton",
    "TwoLineList",
    "TwoLines",
    "announce",
    "draw_pill",
    "draw_stars",
    "draw_words",
    "off_reason",
    "pill_width",
    "plain_tip",
    "set_off",
    "set_tip",
    "stars_width",
]
