"""The window's actions with their keys (features.md 4.13), and the menus made of them.

Only what works is here: an action comes with its feature.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Target
from reviewdesk.services.settings import BODY_SCALE, LAYOUT, SCALE, THEME
from reviewdesk.ui.accounts import open_wizard
from reviewdesk.ui.theme import SCHEMES, theme

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["ABOUT_REVIEWS", "OF_THE_LIST", "add_commands", "describe", "plan_menus"]

translate = QCoreApplication.translate

_GO = (
    ("inbox", "inbox", "g i", "Ctrl+1"),
    ("needs-reply", "state:needs-reply", "g r", "Ctrl+2"),
    ("waiting-view", "state:waiting", "g w", "Ctrl+3"),
    ("snoozed", "state:snoozed", "g s", "Ctrl+4"),
    ("done-view", "state:done", "g e", "Ctrl+5"),
    ("outbox", "outbox", "g o", "Ctrl+6"),
)
_GO_ICONS = {
    "inbox": "tray",
    "needs-reply": "chat-circle-dots",
    "waiting-view": "hourglass-medium",
    "snoozed": "moon",
    "done-view": "check-circle",
    "outbox": "paper-plane-tilt",
}
_DENSITIES = ("comfortable", "normal", "compact")
ABOUT_REVIEWS = (
    *("reply", "private", "note", "done", "reopen", "waiting", "snooze", "star", "tag", "owner"),
    *("toggle-read", "mark-read", "mark-unread", "hide", "copy-review", "open-provider"),
)
"""Actions that need a review to be about."""
OF_THE_LIST = (
    *("next", "previous", "next-unread", "previous-unread", "back", "select-all", "select-none"),
    *("read-on", "read-back", "open", "select", "extend-down", "extend-up", "show-new", "mark-all-read"),
)
"""Actions whose keys mean something only where the list or the reading pane is."""


def add_commands(window: MainWindow) -> None:
    """Register everything a person can do in this window."""
    add = window.actions_.add

    def act(name: str) -> None:
        window.do(name, window.ids())

    add(
        "next",
        translate("actions", "Next review"),
        partial(window.step, 1),
        shortcuts=["Ctrl+PgDown"],
        keys=["j"],
    )
    add(
        "previous",
        translate("actions", "Previous review"),
        partial(window.step, -1),
        shortcuts=["Ctrl+PgUp"],
        keys=["k"],
    )
    add("next-unread", translate("actions", "Next unread"), partial(window.inbox.move_unread, 1), keys=["n"])
    add(
        "previous-unread",
        translate("actions", "Previous unread"),
        partial(window.inbox.move_unread, -1),
        keys=["p"],
    )
    add("open", translate("actions", "Open"), window.inbox.view.open_current, keys=["o"])
    add("back", translate("actions", "Back to the list"), window.back, keys=["u", "Esc"])
    add("select", translate("actions", "Select or not"), window.inbox.view.toggle_current, keys=["x"])
    add(
        "extend-down",
        translate("actions", "Select the next as well"),
        partial(window.inbox.view.step, 1, extend=True),
        keys=["J"],
    )
    add(
        "extend-up",
        translate("actions", "Select the previous as well"),
        partial(window.inbox.view.step, -1, extend=True),
        keys=["K"],
    )
    add(
        "show-new",
        translate("actions", "Show new reviews"),
        window.inbox.show_new,
        keys=["."],
        icon="arrow-up",
    )
    add("select-all", translate("actions", "Select all"), window.inbox.select_all, keys=["* a"])
    add("select-none", translate("actions", "Select none"), window.inbox.clear_selection, keys=["* n"])
    add(
        "reply",
        translate("actions", "Reply publicly"),
        partial(window.reply, Target.PUBLIC),
        shortcuts=["Ctrl+R"],
        keys=["r"],
        icon="arrow-bend-up-left",
    )
    add(
        "private",
        translate("actions", "Private message"),
        partial(window.reply, Target.PRIVATE),
        shortcuts=["Ctrl+Shift+R"],
        keys=["R"],
        icon="lock-key-fill",
    )
    add(
        "done",
        translate("actions", "Done"),
        partial(act, "done"),
        shortcuts=["Ctrl+E"],
        keys=["e"],
        icon="check",
    )
    add(
        "reopen",
        translate("actions", "Reopen"),
        partial(act, "reopen"),
        keys=["E"],
        icon="arrow-counter-clockwise",
    )
    add(
        "waiting",
        translate("actions", "Waiting for the customer"),
        partial(act, "waiting"),
        icon="hourglass-medium",
    )
    add(
        "snooze",
        translate("actions", "Snooze"),
        partial(act, "snooze"),
        shortcuts=["Ctrl+Shift+H"],
        keys=["b", "h"],
        icon="moon",
    )
    add(
        "star",
        translate("actions", "Star"),
        partial(_toggle, window, "star"),
        shortcuts=["Ctrl+D"],
        keys=["s"],
        icon="star",
    )
    add(
        "toggle-read",
        translate("actions", "Read or unread"),
        partial(_toggle, window, "read"),
        keys=["m"],
        icon="envelope-simple",
    )
    add("mark-read", translate("actions", "Mark read"), partial(act, "read"), keys=["I"])
    add(
        "mark-unread",
        translate("actions", "Mark unread"),
        partial(act, "unread"),
        shortcuts=["Ctrl+Shift+U"],
        keys=["U"],
    )
    add(
        "hide",
        translate("actions", "Hide here, or show again"),
        partial(_hide, window),
        keys=["#", "Del"],
        icon="eye-slash",
    )
    add(
        "go-hidden",
        translate("actions", "Go to hidden reviews"),
        window.views.show_hidden,
        icon="eye-slash",
        also=(translate("actions", "show again"), translate("actions", "bring back")),
    )
    add(
        "open-provider",
        translate("actions", "Open at the provider"),
        window.open_at_provider,
        shortcuts=["Ctrl+Shift+B"],
        keys=["v"],
        icon="arrow-square-out",
    )
    add("copy-review", translate("actions", "Copy review as text"), window.reading.copy, icon="copy")
    add("read-on", translate("actions", "Read on"), partial(window.read_on, 1), keys=["Space"])
    add("read-back", translate("actions", "Read back"), partial(window.read_on, -1), keys=["Shift+Space"])
    add(
        "tag",
        translate("actions", "Tag"),
        partial(act, "tag"),
        shortcuts=["Ctrl+L"],
        keys=["l"],
        icon="tag-simple",
    )
    add(
        "owner",
        translate("actions", "Owner"),
        partial(act, "owner"),
        shortcuts=["Ctrl+Shift+A"],
        keys=["a"],
        icon="user-plus",
    )
    add(
        "note",
        translate("actions", "Note"),
        partial(act, "note"),
        shortcuts=["Ctrl+Shift+N"],
        keys=["N"],
        icon="note",
    )
    add("manage-tags", translate("actions", "Manage tags"), window.choosing.manage_tags, icon="tag-simple")
    add(
        "undo",
        translate("actions", "Undo"),
        window.undo,
        shortcuts=["Ctrl+Z"],
        keys=["z"],
        icon="arrow-u-up-left",
    )
    add(
        "redo",
        translate("actions", "Redo"),
        window.redo,
        shortcuts=["Ctrl+Shift+Z"],
        keys=["Z"],
        icon="arrow-u-up-right",
    )
    add(
        "mark-all-read",
        translate("actions", "Mark all read in this view"),
        window.views.read_all,
        icon="checks",
        also=(translate("actions", "everything seen"),),
    )
    add(
        "save-view",
        translate("actions", "Save this search as a view"),
        window.views.save,
        icon="bookmark-simple",
    )
    add(
        "view-notify",
        translate("actions", "Tell me when something new arrives in this view"),
        window.views.toggle_notify,
        icon="bell-simple",
        also=(translate("actions", "notify"), translate("actions", "alert")),
    )
    add(
        "export-views",
        translate("actions", "Write all views to a file"),
        window.views.ask_export,
        icon="bookmark-simple",
        also=(translate("actions", "export views"),),
    )
    add(
        "import-views",
        translate("actions", "Add views from a file"),
        window.views.ask_import,
        icon="bookmark-simple",
        also=(translate("actions", "import views"),),
    )
    add(
        "palette",
        translate("actions", "Commands"),
        window.palette_.open,
        shortcuts=["Ctrl+K"],
        icon="command",
    )
    add(
        "keys",
        translate("actions", "Keys"),
        window.palette_.open_cheat_sheet,
        shortcuts=["F1"],
        keys=["?"],
        icon="keyboard",
    )
    add(
        "settings",
        translate("actions", "Settings"),
        window.open_settings,
        shortcuts=["Ctrl+,"],
        icon="gear-six",
    )
    layouts = {
        "three-panes": translate("actions", "Three panes"),
        "list-above": translate("actions", "List above the reading pane"),
        "list-only": translate("actions", "List only"),
    }
    for layout, title in layouts.items():
        add(f"layout-{layout}", title, partial(_layout, window, layout), icon="layout")
    add("activity", translate("actions", "Activity"), window.activity.open, icon="list-bullets")
    add(
        "search",
        translate("actions", "Search"),
        window.search,
        shortcuts=["Ctrl+Shift+F"],
        keys=["/"],
        icon="magnifying-glass",
    )
    add(
        "search-again",
        translate("actions", "Recent searches"),
        window.navigation.search_again,
        icon="clock-counter-clockwise",
        also=(translate("actions", "search history"),),
    )
    titles = {
        "inbox": translate("actions", "Go to Inbox"),
        "needs-reply": translate("actions", "Go to Needs reply"),
        "waiting-view": translate("actions", "Go to Waiting"),
        "snoozed": translate("actions", "Go to Snoozed"),
        "done-view": translate("actions", "Go to Done"),
        "outbox": translate("actions", "Go to Outbox"),
    }
    for name, key, keys, shortcut in _GO:
        add(
            f"go-{name}",
            titles[name],
            partial(window.show_view, key),
            shortcuts=[shortcut],
            keys=[keys],
            icon=_GO_ICONS[name],
        )
    add("add-account", translate("actions", "Add account"), partial(open_wizard, window), icon="storefront")
    add("sync", translate("actions", "Sync now"), window.sync, shortcuts=["F5"], icon="arrows-clockwise")
    add("next-pane", translate("actions", "Next pane"), partial(window.cycle, 1), shortcuts=["F6"])
    add(
        "previous-pane",
        translate("actions", "Previous pane"),
        partial(window.cycle, -1),
        shortcuts=["Shift+F6"],
    )
    add(
        "larger",
        translate("actions", "Larger text"),
        partial(_scale, window, 0.1),
        shortcuts=["Ctrl+=", "Ctrl++"],
    )
    add("smaller", translate("actions", "Smaller text"), partial(_scale, window, -0.1), shortcuts=["Ctrl+-"])
    add(
        "normal-size", translate("actions", "Normal text"), partial(_scale, window, 0.0), shortcuts=["Ctrl+0"]
    )
    add("quit", translate("actions", "Quit"), window.close, shortcuts=["Ctrl+Q"])
    add("about", translate("actions", "About Reviewdesk"), partial(window.open_settings, "about"))
    schemes = {
        "system": translate("actions", "As the system"),
        "light": translate("actions", "Light"),
        "dark": translate("actions", "Dark"),
        "contrast": translate("actions", "High contrast"),
    }
    for scheme in SCHEMES:
        add(f"scheme-{scheme}", schemes[scheme], partial(_scheme, window, scheme), checkable=True)
    densities = {
        "comfortable": translate("actions", "Comfortable rows"),
        "normal": translate("actions", "Normal rows"),
        "compact": translate("actions", "Compact rows"),
    }
    for density in _DENSITIES:
        add(
            f"density-{density}",
            densities[density],
            partial(window.inbox.set_density, density),
            checkable=True,
        )


def describe(window: MainWindow) -> None:
    """Under which head the cheat sheet lists each action, and what else the palette finds it by."""
    groups = (
        (translate("actions", "Moving"), ("next", "previous", "next-unread", "previous-unread", "read-on",
            "read-back", "open", "back", "show-new", "next-pane", "previous-pane", "search")),
        (translate("actions", "Reviews"), ("reply", "private", "note", "done", "reopen", "waiting", "snooze", "star",
            "tag", "owner", "toggle-read", "mark-read", "mark-unread", "hide", "open-provider", "copy-review")),
        (translate("actions", "Selecting"), ("select", "extend-down", "extend-up", "select-all", "select-none")),
        (translate("actions", "Going to"), tuple(f"go-{name}" for name, *_ in _GO)),
    )  # fmt: skip
    for head, names in groups:
        for name in names:
            window.actions_[name].group = head
    also = {
        "reply": (translate("actions", "answer"), translate("actions", "respond"), translate("actions", "write")),
        "private": (translate("actions", "answer privately"), translate("actions", "resolution message")),
        "note": (translate("actions", "comment for colleagues"), translate("actions", "remark")),
        "done": (translate("actions", "archive"), translate("actions", "close"), translate("actions", "finish")),
        "reopen": (translate("actions", "needs reply"), translate("actions", "not done")),
        "waiting": (translate("actions", "pending"), translate("actions", "on hold")),
        "snooze": (translate("actions", "later"), translate("actions", "remind me"), translate("actions", "postpone")),
        "star": (translate("actions", "favourite"), translate("actions", "important")),
        "tag": (translate("actions", "label"), translate("actions", "category")),
        "owner": (translate("actions", "assign"), translate("actions", "give to")),
        "manage-tags": (translate("actions", "rename tag"), translate("actions", "merge tags")),
        "toggle-read": (translate("actions", "seen"),),
        "hide": (translate("actions", "remove"), translate("actions", "delete"), translate("actions", "spam")),
        "open-provider": (translate("actions", "back office"), translate("actions", "browser")),
        "copy-review": (translate("actions", "clipboard"),),
        "undo": (translate("actions", "take back"),),
        "redo": (translate("actions", "do again"),),
        "search": (translate("actions", "find"), translate("actions", "filter")),
        "save-view": (translate("actions", "keep this filter"), translate("actions", "folder")),
        "sync": (translate("actions", "refresh"), translate("actions", "reload"), translate("actions", "fetch")),
        "keys": (translate("actions", "shortcuts"), translate("actions", "cheat sheet"), translate("actions", "help")),
        "settings": (translate("actions", "preferences"), translate("actions", "options")),
        "activity": (translate("actions", "errors"), translate("actions", "log"), translate("actions", "notices")),
        "larger": (translate("actions", "zoom in"), translate("actions", "bigger")),
        "smaller": (translate("actions", "zoom out"),),
        "quit": (translate("actions", "exit"),),
        "about": (translate("actions", "version"),),
        "go-needs-reply": (translate("actions", "unanswered"),),
        "scheme-dark": (translate("actions", "night"), translate("actions", "theme")),
        "scheme-light": (translate("actions", "day"), translate("actions", "theme")),
        "scheme-contrast": (translate("actions", "theme"),),
        "scheme-system": (translate("actions", "theme"),),
    }  # fmt: skip
    for name, words in also.items():
        if name in window.actions_:
            window.actions_[name].also = words


def plan_menus(window: MainWindow) -> None:
    """What stands in the menus from the start; rooms add to it."""
    add = window.menus.add
    add("file", ("add-account", "", "sync", "", "quit"))
    add(
        "edit",
        (
            "undo",
            "redo",
            "",
            "select-all",
            "select-none",
            "",
            "search",
            "search-again",
            "save-view",
            "view-notify",
            "import-views",
            "export-views",
            "manage-tags",
        ),
    )
    add("go", (*(f"go-{name}" for name, *_ in _GO), "go-hidden"))
    add("colours", [f"scheme-{s}" for s in SCHEMES])
    add("rows", [f"density-{d}" for d in _DENSITIES])
    add("layout", ("layout-three-panes", "layout-list-above", "layout-list-only"))
    add("view", ("larger", "smaller", "normal-size", "", "next-pane", "previous-pane"))
    add(
        "review",
        (
            *("next", "previous", "next-unread", "previous-unread", ""),
            *("reply", "private", "note", "", "done", "reopen", "waiting", "snooze", ""),
            *("tag", "owner", "star", "mark-read", "mark-unread", "toggle-read", "mark-all-read", "hide", ""),
            *("copy-review", "open-provider", "", "read-on", "read-back", "back"),
        ),
    )
    add("accounts", ("add-account", "sync"))
    add("tools", ("palette", "activity", "", "settings"))
    add("help", ("keys", "about"))
    add(
        "context",
        (
            *("reply", "private", "note", "", "done", "reopen", "waiting", "snooze", ""),
            *("tag", "owner", "star", "toggle-read", "hide", "", "copy-review", "open-provider"),
        ),
    )
    for group_name, names in (("scheme", SCHEMES), ("density", _DENSITIES)):
        group = QActionGroup(window)
        group.setExclusive(True)
        for name in names:
            group.addAction(window.actions_[f"{group_name}-{name}"].qt)
    window.menus.before("colours", partial(_check_scheme, window))
    window.menus.before("rows", partial(_check_density, window))


def _layout(window: MainWindow, layout: str) -> None:
    window.core.settings.set(LAYOUT, layout)
    window.set_layout(layout)


def _toggle(window: MainWindow, what: str) -> None:
    window.doing.toggle(what, window.ids())


def _hide(window: MainWindow) -> None:
    ids = window.ids()
    if ids:
        window.doing.toggle_hidden(ids)
    else:
        window.do("hide", ids)


def _check_scheme(window: MainWindow) -> None:
    window.actions_[f"scheme-{theme().scheme}"].qt.setChecked(True)


def _check_density(window: MainWindow) -> None:
    window.actions_[f"density-{window.inbox.density()}"].qt.setChecked(True)


def _scheme(window: MainWindow, scheme: str) -> None:
    theme().set_scheme(scheme)
    window.core.settings.set(THEME, scheme)


def _scale(window: MainWindow, step: float) -> None:
    focus = QApplication.focusWidget()
    if focus is not None and window.reading.isAncestorOf(focus):
        # Where one reads, it is the text that grows.
        wanted = round(theme().body_scale + step, 2) if step else 1.0
        theme().set_body_scale(wanted)
        window.core.settings.set(BODY_SCALE, theme().body_scale)
        percent = round(theme().body_scale * 100)
        window.say(translate("actions", "Review text at {percent} %").format(percent=percent))
        return
    wanted = round(theme().user_scale + step, 2) if step else 1.0
    theme().set_scale(wanted)
    window.core.settings.set(SCALE, theme().user_scale)
    window.say(translate("actions", "Text at {percent} %").format(percent=round(theme().user_scale * 100)))
