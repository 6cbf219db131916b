"""What a window gets after its list was painted, step by step (``making`` tells when)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout

from reviewdesk.services.settings import SINGLE_KEYS
from reviewdesk.ui.accounts import notice_buttons, open_wizard
from reviewdesk.ui.activity import Activity
from reviewdesk.ui.arrivals import Arrivals
from reviewdesk.ui.choosing import Choosing
from reviewdesk.ui.commands import ABOUT_REVIEWS, add_commands, describe, plan_menus
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.doing import Doing
from reviewdesk.ui.first_run import FirstRun
from reviewdesk.ui.noting import NoteCard
from reviewdesk.ui.outbox import OutboxPane
from reviewdesk.ui.palette import Palette
from reviewdesk.ui.picker import Picker
from reviewdesk.ui.publishing import PublishingToast
from reviewdesk.ui.reading.content import Content
from reviewdesk.ui.reading.pane import ReadingPane
from reviewdesk.ui.rooms import ROOMS
from reviewdesk.ui.selection import SelectionCard
from reviewdesk.ui.settings import Sections, add_own_settings
from reviewdesk.ui.settings.keys import KEYS_KEY
from reviewdesk.ui.views import Views
from reviewdesk.ui.widgets import InlineBar, Toast

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["steps"]

translate = QCoreApplication.translate

_SCRIPTS = ("Æble, straße, façade", "Ελλάδα, Русский", "مرحبا", "日本語のレビュー")
"""Words whose letters customers write in, beginning with the interface's own font."""


def steps(window: MainWindow) -> Iterator[None]:
    """Each step leaves a window that can be painted. A later one may use what an earlier one made, not the reverse."""
    core, bridge = window.core, window.bridge
    window.toast = Toast(window.body)
    window.bar = InlineBar(window)
    window.settings_sections = Sections(core.settings)
    yield
    content = Content(core, bridge)
    yield
    window.reading = ReadingPane(core, bridge, window, content=content)
    yield
    window.composer = Composer(core, bridge, window)
    yield
    window.selection = SelectionCard(window)
    right = QVBoxLayout(window.right)
    right.setContentsMargins(0, 0, 0, 0)
    right.setSpacing(0)
    right.addWidget(window.bar)
    right.addWidget(window.reading, 1)
    right.addWidget(window.selection, 1)
    right.addWidget(window.composer)
    yield
    window.outbox = OutboxPane(bridge, window)
    window.pages.addWidget(window.outbox)
    yield
    window.first_run = FirstRun(window)
    window.pages.addWidget(window.first_run)
    yield
    window.publishing = PublishingToast(bridge, window.toast, window)
    window.doing = Doing(bridge, window.toast, window.publishing, window.inbox, window)
    yield
    window.picker = Picker(window)
    window.note = NoteCard(window)
    yield
    window.choosing = Choosing(bridge, window.picker, window.doing, window)
    window.choosing.set_tags(window.tags())
    window.views = Views(window)
    window.palette_ = Palette(window, window.picker)
    window.activity = Activity(
        bridge, window.picker, window.account_names, partial(notice_buttons, window), window
    )
    window.arrivals = Arrivals(window)
    yield
    _wire(window)
    yield
    add_commands(window)
    describe(window)
    yield
    window.telling.about_reviews(ABOUT_REVIEWS)
    plan_menus(window)
    add_own_settings(window)
    yield
    for add_to in ROOMS:
        add_to(window)
        yield
    window.menus.fill()
    yield
    window.actions_.add_zone(window.inbox)
    window.actions_.add_zone(window.reading)
    window.actions_.add_zone(window.outbox, window.acts_on_page)
    window.inbox.set_bulk_actions(
        (
            ("done", translate("MainWindow", "Done")),
            ("snooze", translate("MainWindow", "Snooze")),
            ("tag", translate("MainWindow", "Tag")),
            ("owner", translate("MainWindow", "Owner")),
            ("reopen", translate("MainWindow", "Reopen")),
            ("waiting", translate("MainWindow", "Waiting")),
            ("star", translate("MainWindow", "Star")),
            ("read", translate("MainWindow", "Read")),
            ("unread", translate("MainWindow", "Unread")),
        )
    )
    window.actions_.set_single_keys(bool(core.settings.get(SINGLE_KEYS)))
    window.actions_.restore_keys(_kept_keys(core.settings.text(KEYS_KEY)))
    yield
    window.catch_up()
    if window.inbox.total():
        return
    # The first rows of an empty profile come in the middle of its first sync: fonts are looked for before that.
    for snippet in _SCRIPTS:
        yield
        window.inbox.view.rehearse(snippet)


def _wire(window: MainWindow) -> None:
    window.reading.reply_requested.connect(window.reply)
    window.reading.action_requested.connect(window.do)
    window.reading.step_requested.connect(window.step)
    window.reading.said.connect(window.say)
    window.composer.published.connect(window.on_published)
    window.composer.opened.connect(window.on_composer)
    window.composer.closed.connect(window.on_composer)
    window.composer.next_requested.connect(partial(window.step, 1))
    window.composer.open_address.connect(window.open_address)
    window.composer.left.connect(window.focus_list)
    window.composer.refused.connect(window.say)
    window.outbox.said.connect(window.say)
    window.outbox.draft_wanted.connect(window.open_draft)
    window.outbox.review_wanted.connect(window.open_review)
    window.outbox.discarded.connect(window.publishing.discarded)
    window.publishing.taken_back.connect(window.on_taken_back)
    window.activity.unseen_changed.connect(window.status.set_unseen)
    window.picker.refused.connect(window.say)
    window.doing.failed.connect(window.say)
    window.doing.list_wanted.connect(window.focus_list)
    window.doing.said.connect(window.telling.place_toast)
    window.composer.installEventFilter(window.telling)
    window.first_run.sample_wanted.connect(window.open_sample)
    window.first_run.add_wanted.connect(partial(open_wizard, window))
    window.sidebar.add_wanted.connect(partial(open_wizard, window))
    window.actions_.refused.connect(window.say)


def _kept_keys(text: str | None) -> object:
    """The keys a person changed, as they were written down; nothing where they can't be read."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}
