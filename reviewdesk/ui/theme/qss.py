"""The one style sheet. Only what the palette and our own painting can't say; colours come in by role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewdesk.ui.theme import metrics

if TYPE_CHECKING:
    from reviewdesk.ui.theme.core import Theme

__all__ = ["sheet"]

# .QPushButton is the plain class alone (message boxes); our own buttons paint and measure themselves.
_SHEET = """
QToolTip { background: {raised}; color: {text}; border: 1px solid {edge}; padding: 6px 9px; }

#header, #side, #status, #dialogfoot { background: {chrome}; }
#header { border: 0; border-bottom: 1px solid {line}; }
#status { border: 0; border-top: 1px solid {line}; }
#panehead { background: {surface}; border: 0; border-bottom: 1px solid {line}; }
#surface, #read { background: {surface}; }
#sunken { background: {sunken}; }
#hairlines { background: {line}; }
#card { background: {raised}; border: 1px solid {line}; border-radius: 8px; }

QMenuBar { background: transparent; border: 0; spacing: 0; padding: 0; color: {text-2}; }
QMenuBar::item { padding: {menu-pad}px 8px; border-radius: 6px; color: {text-2}; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: {side-select}; color: {text}; }

QMenu { background: {raised}; color: {text}; border: 1px solid {edge}; border-radius: 0; padding: 5px; }
QMenu::item { min-height: {entry}px; padding: 0 10px 0 8px; border-radius: 5px; }
QMenu::item:selected { background: {select}; color: {on-select}; }
QMenu::item:disabled { color: {text-off}; background: transparent; }
QMenu::separator { height: 1px; background: {line}; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 8px; }

.QPushButton {
  min-height: {control}px; padding: 0 11px; border: 1px solid {edge}; border-radius: 6px;
  background: {raised}; color: {text}; font-weight: 500;
}
.QPushButton:hover { background: {sunken}; }
.QPushButton:pressed { background: {press}; }
.QPushButton:disabled, .QPushButton[off="true"] {
  color: {text-off}; background: transparent; border-color: {line};
}
.QPushButton[kind="primary"] { background: {accent}; border-color: {accent}; color: {on-accent}; }
.QPushButton[kind="primary"]:hover { background: {accent-hover}; border-color: {accent-hover}; }
.QPushButton[kind="private"] { background: {private-band}; border-color: {private-band}; color: {on-private}; }
.QPushButton[kind="private"]:hover { background: {private-hover}; border-color: {private-hover}; }
.QPushButton[kind="ghost"] { background: transparent; border-color: transparent; color: {text-2}; }

QLineEdit, QPlainTextEdit#field, QTextEdit#field, QSpinBox, QDoubleSpinBox, QDateTimeEdit {
  min-height: {field}px; padding: 0 9px; border: 1px solid {field-line}; border-radius: 6px;
  background: {surface}; color: {text}; selection-background-color: {accent}; selection-color: {on-accent};
}
QLineEdit:hover { border-color: {text-2}; }
QLineEdit:focus, QPlainTextEdit#field:focus, QTextEdit#field:focus, QSpinBox:focus, QDateTimeEdit:focus {
  border: 2px solid {focus}; padding: 0 8px; min-height: {field-focus}px;
}
QLineEdit:disabled { background: {sunken}; border-color: {line}; color: {text-off}; }
QLineEdit[state="fail"] { border: 2px solid {fail}; padding: 0 8px; min-height: {field-focus}px; }

QLineEdit#pickerfield, QLineEdit#pickerfield:hover, QLineEdit#pickerfield:focus {
  border: 0; padding: 0; background: transparent; min-height: 0;
}
#picker { background: transparent; border: 0; }
#pickerlist { background: transparent; }
#pickerrule { background: {line}; border: 0; }
#pickerfoot { background: {chrome}; border: 0; border-top: 1px solid {line};
  border-bottom-left-radius: 9px; border-bottom-right-radius: 9px; }

QTextEdit, QPlainTextEdit {
  border: 0; background: transparent; color: {text};
  selection-background-color: {accent}; selection-color: {on-accent};
}
QTableView, QTreeView, QListView {
  border: 0; background: {surface}; outline: 0; color: {text};
  selection-background-color: {select}; selection-color: {on-select};
  activate-on-singleclick: 0;
}
#sidelist { background: transparent; }
#settingsections { background: transparent; outline: 0; }
#settingsections::item { border-radius: 6px; padding: 0 6px; color: {text}; }
#settingsections::item:hover { background: {hover}; }
#settingsections::item:selected { background: {side-select}; color: {text}; }
#settingsections::item:selected:focus { background: {select}; color: {on-select}; }
QHeaderView { background: {surface}; border: 0; }
QHeaderView::section {
  background: {surface}; color: {text-2}; border: 0; border-bottom: 1px solid {line}; padding: 0 16px 0 0;
  min-height: {table-head}px;
}
#figures QHeaderView::section { padding: 0 3px; }
QTableCornerButton::section { background: {surface}; border: 0; }
QScrollArea { border: 0; background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; border: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; border: 0; }
QScrollBar::handle { background: {scroll}; border: 3px solid transparent; border-radius: 6px; }
QScrollBar::handle:vertical { min-height: 36px; }
QScrollBar::handle:horizontal { min-width: 36px; }
QScrollBar::handle:hover { background: {field-line}; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; background: transparent; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: {line}; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

#comp { border: 1px solid {edge}; border-radius: 10px; background: {raised}; }
#comp[target="public"] { border-color: {public}; }
#comp[target="private"] { border-color: {private-band}; background: {private-bg}; }
#safety { background: {sunken}; border: 0; border-bottom: 1px solid {line};
  border-top-left-radius: 9px; border-top-right-radius: 9px; }
#safety[target="public"] { background: {public-bg}; border-bottom-color: {public-line}; }
#safety[target="private"] { background: {private-band}; border-bottom-color: {private-band}; }
#note { background: {sunken}; border: 0; border-top: 1px solid {line}; border-bottom: 1px solid {line}; }
#note[level="warn"] { background: {warn-bg}; border-color: {warn-line}; }
QFrame[bar="info"] { background: {sunken}; border: 0; border-bottom: 1px solid {line}; }
QFrame[bar="warn"] { background: {warn-bg}; border: 0; border-bottom: 1px solid {warn-line}; }
QFrame[bar="fail"] { background: {fail-bg}; border: 0; border-bottom: 1px solid {fail-line}; }
#private { background: {private-bg}; border: 1px solid {private-line}; border-radius: 8px; }
#waiting { background: {sunken}; border: 1px dashed {field-line}; border-radius: 8px; }
"""

# A role may carry the name of a selector's property, so the outline of inputs is called field-line here.
_PLACE = re.compile(r"\{([a-z][a-z0-9-]*)\}")


def sheet(theme: Theme) -> str:
    """The style sheet of the present theme and scale. Raises KeyError for a role that does not exist."""
    values = dict(theme.tokens())
    values["field-line"] = values["field"]
    line = metrics.list_line()
    values |= {
        "menu-pad": str(max(3, (metrics.control_height() - line) // 2)),
        "entry": str(line + 10),
        "control": str(metrics.control_height() - 2),
        "field": str(metrics.field_height() - 2),
        "field-focus": str(metrics.field_height() - 4),
        "table-head": str(metrics.table_head_height() - 1),
    }
    return _PLACE.sub(lambda found: values[found.group(1)], _SHEET)
