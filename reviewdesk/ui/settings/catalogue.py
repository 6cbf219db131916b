"""The settings that come with the window: where each stands, its words, and what it is changed with.

Only what has an effect. Rooms add theirs through ``window.add_settings``.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from reviewdesk.services.settings import (
    ACCENT,
    AFTER_ACTION,
    ANSWER_WITHIN_H,
    APPROVE_OWN,
    ASK_APPROVAL,
    BODY_SCALE,
    CHECK_CONDUCT,
    CHECK_LANGUAGE,
    CHECK_NAME,
    CHECK_PRIVATE,
    CHECK_SAMENESS,
    CHECK_SHOUTING,
    ENTER_KEY,
    LAYOUT,
    LOAD_PICTURES,
    READ_AFTER_S,
    READ_POLICY,
    REDUCE_MOTION,
    SCALE,
    SEND_AND_DONE,
    SINGLE_KEYS,
    SPELLING,
    SYNC_MINUTES,
    THEME,
    TITLE_COUNT,
    UNDO_DELAY_S,
    WORK_DAYS,
    WORK_FROM,
    WORK_UNTIL,
    Preference,
)
from reviewdesk.ui.key_sets import Keys, matching_set, wanted_keys
from reviewdesk.ui.settings.about import About
from reviewdesk.ui.settings.accounts import AccountsPage
from reviewdesk.ui.settings.cards import Cards, density_picture, scheme_picture
from reviewdesk.ui.settings.controls import Segments
from reviewdesk.ui.settings.items import Item, Make, Step, clock, hours, minutes, percent, seconds
from reviewdesk.ui.settings.keys import KEYS_KEY
from reviewdesk.ui.settings.my_name import my_name_item
from reviewdesk.ui.settings.network import NetworkPage
from reviewdesk.ui.settings.own_words import own_words_item
from reviewdesk.ui.settings.signature import signature_item
from reviewdesk.ui.theme import contrast, theme

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["add_own_settings"]

translate = QCoreApplication.translate


def add_own_settings(window: MainWindow) -> None:
    """Put the window's own settings into its sections."""
    for section, items in (
        ("general", _general),
        ("reading", _reading),
        ("writing", _writing),
        ("shortcuts", _shortcuts),
        ("notifications", _notifications),
        ("appearance", _appearance),
    ):
        window.add_settings(section, items=partial(items, window))
    window.add_settings("accounts", build=partial(AccountsPage, window))
    window.add_settings("network", build=partial(NetworkPage, window))
    window.add_settings("about", build=About)


def _general(window: MainWindow, make: Make) -> list[Item]:
    answering = translate("settings", "Answering")
    return [
        make.steps(
            "general", answering, translate("settings", "Answer within"),
            translate("settings", "Hours of working time; 0 shows no due times"), ANSWER_WITHIN_H, 1, hours,
            window.read_targets,
        ),
        make.choice(
            "general", answering, translate("settings", "Working days"), "", WORK_DAYS,
            (
                ("12345", translate("settings", "Monday to Friday")),
                ("123456", translate("settings", "Monday to Saturday")),
                ("1234567", translate("settings", "Every day")),
            ),
            window.read_targets,
        ),
        make.steps(
            "general", answering, translate("settings", "Work begins at"), "", WORK_FROM, 1, clock,
            window.read_targets,
        ),
        make.steps(
            "general", answering, translate("settings", "Work ends at"), "", WORK_UNTIL, 1, clock,
            window.read_targets,
        ),
        make.steps(
            "general", translate("settings", "Syncing"), translate("settings", "Look for new reviews every"),
            translate("settings", "Sources with limits are asked less often"), SYNC_MINUTES, 1, minutes,
        ),
    ]  # fmt: skip


def _reading(_window: MainWindow, make: Make) -> list[Item]:
    opened = translate("settings", "Opened reviews")
    return [
        make.choice(
            "reading", opened, translate("settings", "Mark as read"),
            translate("settings", "By hand: only M and Shift+I change it"), READ_POLICY,
            (
                ("open", translate("settings", "At once")),
                ("delay", translate("settings", "After a while")),
                ("hand", translate("settings", "By hand")),
            ),
        ),
        make.steps(
            "reading", opened, translate("settings", "A while is"), "", READ_AFTER_S, 1, seconds,
        ),
        make.choice(
            "reading", translate("settings", "Working through a list"),
            translate("settings", "After Done, Waiting, Snooze and Hide go to"), "", AFTER_ACTION,
            (
                ("next", translate("settings", "The next")),
                ("previous", translate("settings", "The previous")),
                ("list", translate("settings", "The list")),
                ("stay", translate("settings", "Neither")),
            ),
        ),
        make.choice(
            "reading", opened, translate("settings", "Pictures"),
            translate("settings", "Never: no picture is asked for unless you press it"), LOAD_PICTURES,
            (
                ("never", translate("settings", "Never")),
                ("thumbnails", translate("settings", "Small")),
                ("always", translate("settings", "Always")),
            ),
        ),
    ]  # fmt: skip


def _writing(window: MainWindow, make: Make) -> list[Item]:
    publishing = translate("settings", "Publishing")
    checks = translate("settings", "Checks before publishing")

    def check(title: str, line: str, preference: Preference[bool], *, must: bool = False) -> Item:
        kind = translate("settings", "Must be settled") if must else translate("settings", "Advice")
        again = partial(_check_again, window)
        return make.switch("writing", checks, title, f"{kind} · {line}", preference, again)

    return [
        make.steps(
            "writing", publishing, translate("settings", "Time to undo before a reply goes out"),
            translate("settings", "0 publishes at once"), UNDO_DELAY_S, 5, seconds,
        ),
        make.switch(
            "writing", publishing, translate("settings", "A published reply makes its review done"),
            "", SEND_AND_DONE,
        ),
        make.switch(
            "writing", publishing, translate("settings", "Every text needs a second pair of eyes"),
            translate("settings", "It waits in the outbox until somebody approves it; who and when is kept"),
            ASK_APPROVAL,
        ),
        make.switch(
            "writing", publishing, translate("settings", "People may approve what they wrote themselves"),
            translate("settings", "Off: a text is let out under another name than its author’s"), APPROVE_OWN,
        ),
        my_name_item(window, make.history, publishing),
        make.choice(
            "writing", publishing, translate("settings", "Enter in the composer"),
            translate("settings", "Ctrl Enter always publishes, Shift Enter always begins a line"), ENTER_KEY,
            (
                ("line", translate("settings", "Begins a line")),
                ("publish", translate("settings", "Publishes")),
            ),
        ),
        make.switch(
            "writing", translate("settings", "Language"), translate("settings", "Spelling"),
            translate("settings", "Marks misspelled words in the language of the review; each text can have others"),
            SPELLING, partial(_spell_again, window),
        ),
        own_words_item(window, make.history, translate("settings", "Language")),
        signature_item(window, make.history, translate("settings", "Language")),
        check(
            translate("settings", "Private data of the customer"),
            translate("settings", "What the public review does not show: e-mail, phone, order, address, full name"),
            CHECK_PRIVATE, must=True,
        ),
        check(
            translate("settings", "House rules of the sources"),
            translate("settings", "Asking to change or remove a review, incentives, conditions, threats"),
            CHECK_CONDUCT, must=True,
        ),
        check(
            translate("settings", "Another name"), translate("settings", "Greets somebody else than the author"),
            CHECK_NAME,
        ),
        check(
            translate("settings", "Another language"), translate("settings", "Answers in another than the review's"),
            CHECK_LANGUAGE,
        ),
        check(
            translate("settings", "Shouting"), translate("settings", "Whole words in capitals, rows of exclamation marks"),
            CHECK_SHOUTING,
        ),
        check(
            translate("settings", "Close to my recent replies"),
            translate("settings", "Compares with the last ten public replies on the same page"),
            CHECK_SAMENESS,
        ),
    ]  # fmt: skip


def _shortcuts(window: MainWindow, make: Make) -> list[Item]:
    return [
        make.switch(
            "shortcuts", translate("settings", "Single keys"), translate("settings", "Single keys"),
            translate("settings", "E, R, J and others act in the list and the reading pane, never in text"),
            SINGLE_KEYS, window.actions_.set_single_keys,
        ),
        _key_set(window, translate("settings", "Single keys")),
    ]  # fmt: skip


def _notifications(window: MainWindow, make: Make) -> list[Item]:
    return [
        make.choice(
            "notifications", translate("settings", "Title of the window"),
            translate("settings", "Number in the title"),
            translate("settings", "None: nothing counts where you can't see it"), TITLE_COUNT,
            (
                ("none", translate("settings", "None")),
                ("needs-reply", translate("settings", "Needs reply")),
                ("inbox", translate("settings", "Inbox")),
            ),
            lambda _which: window.telling.tell_title(),
        ),
    ]  # fmt: skip


def _appearance(window: MainWindow, make: Make) -> list[Item]:
    colours = translate("settings", "Colours")
    lists = translate("settings", "List")
    text = translate("settings", "Text")
    return [
        make.choice(
            "appearance", colours, translate("settings", "Scheme"), "", THEME,
            (
                ("system", translate("settings", "Like the system")),
                ("light", translate("settings", "Light")),
                ("dark", translate("settings", "Dark")),
                ("contrast", translate("settings", "High contrast")),
            ),
            theme().set_scheme, scheme_picture,
        ),
        make.choice(
            "appearance", colours, translate("settings", "Accent"),
            translate("settings", "Warning, failure, public and private keep their colours"), ACCENT,
            _accents(), theme().set_accent,
        ),
        _density(window, make, lists),
        make.choice(
            "appearance", lists, translate("settings", "Layout"), "", LAYOUT,
            (
                ("three-panes", translate("settings", "Three panes")),
                ("list-above", translate("settings", "List above")),
                ("list-only", translate("settings", "List only")),
            ),
            window.set_layout,
        ),
        make.steps(
            "appearance", text, translate("settings", "Size of the interface"),
            translate("settings", "Windows, lists and buttons"), SCALE, 0.1, percent, theme().set_scale,
        ),
        make.steps(
            "appearance", text, translate("settings", "Size of review text"),
            translate("settings", "Ctrl + and Ctrl - in the reading pane"), BODY_SCALE, 0.1, percent,
            theme().set_body_scale,
        ),
        make.switch(
            "appearance", text, translate("settings", "Reduce motion"),
            translate("settings", "Off: as the system says"), REDUCE_MOTION, theme().set_reduced_motion,
        ),
    ]  # fmt: skip


def _accents() -> tuple[tuple[str, str], ...]:
    """Where the system has no accent of its own, "system" means our blue and stands there by that name."""
    blue = translate("settings", "Blue")
    own = contrast.has_system_accent()
    first = (
        (("system", translate("settings", "From the system")), ("blue", blue)) if own else (("system", blue),)
    )
    return (
        *first,
        ("teal", translate("settings", "Teal")),
        ("green", translate("settings", "Green")),
        ("graphite", translate("settings", "Graphite")),
    )


def _check_again(window: MainWindow, _on: bool) -> None:
    window.composer.checker.again()


def _spell_again(window: MainWindow, _on: bool) -> None:
    window.composer.spelling.speller.again()


def _key_set(window: MainWindow, head: str) -> Item:
    """A whole set of keys at once; the window of settings takes it back as one step."""
    title = translate("settings", "Keys like")
    words = (
        ("usual", "Gmail"),
        ("thunderbird", "Thunderbird"),
        ("outlook", "Outlook"),
    )
    actions = window.actions_

    def usual() -> dict[str, Keys]:
        return {action.id: action.usual for action in actions.all()}

    def change(name: str) -> None:
        kept = wanted_keys(name, usual())
        actions.restore_keys(kept)
        window.core.settings.set_text(KEYS_KEY, json.dumps(kept))

    def make(parent: QWidget) -> QWidget:
        made = Segments(title, words, matching_set(actions.changed_keys(), usual()), parent)
        made.chosen.connect(change)
        return made

    line = translate("settings", "Replaces every key that was changed")
    return Item("keys.set", "shortcuts", head, title, line, make, partial(change, "usual"))


def _density(window: MainWindow, maker: Make, head: str) -> Item:
    """The list keeps its density itself."""
    title = translate("settings", "Density of the list")
    words = (
        ("comfortable", translate("settings", "Comfortable, 3 lines")),
        ("normal", translate("settings", "Normal, 2 lines")),
        ("compact", translate("settings", "Compact, 1 line")),
    )

    def change(density: str) -> None:
        before = window.inbox.density()
        window.inbox.set_density(density)
        if density != before:
            maker.history.note(Step("look.density", title, partial(change, before)))

    def make(parent: QWidget) -> QWidget:
        made = Cards(title, words, window.inbox.density(), density_picture, wide=202, parent=parent)
        made.chosen.connect(change)
        return made

    return Item(
        "look.density", "appearance", head, title, "", make, partial(change, "comfortable"), wide=True
    )
