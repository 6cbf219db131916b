"""One customer: source, what about, the fields of the way, what happens; the result on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.invitations.model import Invitation, InviteForm, InviteState, MailTemplate
from reviewdesk.domain.models import ChangeSet, ReviewKind
from reviewdesk.services.invitations import AlreadyInvited, Source
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.cards import WayCards
from reviewdesk.ui.invitations.fields import InviteFields
from reviewdesk.ui.invitations.options import Options
from reviewdesk.ui.invitations.result import Result
from reviewdesk.ui.invitations.words import confirm_words, day_words, go_words, kind_words, way_icon
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, plain_tip

__all__ = ["SinglePage"]

_REST_MS = 250


class SinglePage(QWidget):
    """``changed``: buttons and foot should be told anew; ``refused`` (message, earlier invitation or None)."""

    changed = Signal()
    refused = Signal(str, object)
    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sources: Sequence[Source] = ()
        self._busy = False
        self._earlier: Invitation | None = None
        self._templates: dict[int, Sequence[MailTemplate]] = {}
        self._tried = False
        self._build()
        # Whether somebody was asked before is looked up when the typing rests.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._look_earlier)
        bridge.changes.connect(self._on_changes)

    def _build(self) -> None:
        self.source = Options([("", "")], "", self)
        self.source.setObjectName("source")
        self.source.setAccessibleName(self.tr("Source"))
        self.source.changed.connect(self._on_source)
        self.kind = Options([("", "")], "", self)
        self.kind.setObjectName("kind")
        self.kind.setAccessibleName(self.tr("Review of"))
        self.kind.changed.connect(self._on_kind)
        self.fields = InviteFields(self)
        self.fields.edited.connect(self._on_edited)
        self.fields.more_wanted.connect(self._ask_templates)
        self.cards = WayCards(self)
        self.cards.chosen.connect(self._on_way)
        self.cards.refused.connect(self.said)
        self.note = PlainLabel(parent=self, role="text-2", wrap=True)
        self.result = Result(self._bridge, self)
        self.result.setFixedWidth(metrics.icon_size(349))
        self.result.said.connect(self.said)
        self.result.take_back.connect(self.take_back)
        left = QWidget(self)
        left.setObjectName("surface")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        top = QHBoxLayout()
        top.setSpacing(16)
        for words, choice in ((self.tr("Source"), self.source), (self.tr("Review of"), self.kind)):
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(PlainLabel(words, left, font=_medium))
            part.addWidget(choice)
            top.addLayout(part, 1)
        self.source.setToolTip(plain_tip(self.tr("Sources without invitations are not listed")))
        column = QVBoxLayout(left)
        column.setContentsMargins(24, 4, 24, 20)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.fields)
        column.addSpacing(2)
        column.addWidget(PlainLabel(self.tr("What happens"), left, font=_medium))
        column.addWidget(self.cards)
        column.addWidget(self.note)
        column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(left)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.area, 1)
        row.addWidget(self.result)

    # --- what can be chosen ------------------------------------------------------------------------------------

    def set_sources(self, sources: Sequence[Source]) -> None:
        """The accounts that can ask; the chosen one stays where it is among them."""
        self._sources = sources
        self.source.set_options([(str(s.account.id), f"{s.title}, {s.account.name}") for s in sources])
        self._on_source()

    def chosen_source(self) -> Source | None:
        return next((s for s in self._sources if str(s.account.id) == self.source.value()), None)

    def form(self) -> InviteForm | None:
        return self.cards.form()

    def choose(self, account: str, form_id: str) -> bool:
        """Choose a source by its account's name and a way by its form; false when that can't be done."""
        source = next((s for s in self._sources if s.account.name == account), None)
        if source is None:
            return False
        self.source.set_value(str(source.account.id))
        self._on_source()
        _, _, kind = form_id.partition(":")
        self.kind.set_value(kind)
        self._on_kind()
        return self.cards.choose(form_id) or self.cards.form() is not None

    def _on_source(self, *_value: object) -> None:
        source = self.chosen_source()
        kinds = [k for k in ReviewKind if source is not None and any(o.form.kind is k for o in source.offers)]
        kinds.sort(key=lambda k: k is not ReviewKind.BUSINESS)
        self.kind.set_options([(k.value, kind_words(k)) for k in kinds] or [("", "")])
        self._on_kind()

    def _on_kind(self, *_value: object) -> None:
        source = self.chosen_source()
        offers = (
            [o for o in source.offers if o.form.kind.value == self.kind.value()] if source is not None else []
        )
        self.cards.set_offers(offers)
        self._on_way()

    def _on_way(self, *_form: object) -> None:
        form, source = self.form(), self.chosen_source()
        self.fields.set_form(form)
        self.note.setText(form.note if form is not None else "")
        self.note.setVisible(bool(form is not None and form.note))
        if source is not None and source.account.id in self._templates:
            self.fields.set_templates(self._templates[source.account.id])
        # Fields come and go: the Tab key goes from top to bottom all the same.
        chain = [self.source, self.kind, *self.fields.controls(), *self.cards.cards()]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)
        self._tell()

    def _ask_templates(self) -> None:
        """The templates of the source, when its fields are looked at; one request."""
        source = self.chosen_source()
        if source is None or not self.fields.wants_templates() or source.account.id in self._templates:
            return
        account = source.account.id
        future = self._bridge.core.invitations.templates(account)
        self._bridge.watch(
            future, done=partial(self._on_templates, account), failed=self._on_no_templates, owner=self
        )

    def _on_templates(self, account: int, templates: Sequence[MailTemplate]) -> None:
        self._templates[account] = templates
        source = self.chosen_source()
        if source is not None and source.account.id == account:
            self.fields.set_templates(templates)

    def _on_no_templates(self, error: BaseException) -> None:
        message = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.emit(self.tr("The templates could not be read. {reason}").format(reason=message).strip())

    # --- what is typed --------------------------------------------------------------------------------------------

    def who(self) -> str:
        """Whom a message would go to."""
        return self.fields.value("email") or self.fields.value("phone")

    def _on_edited(self) -> None:
        if self.result.invitation() is not None:
            # What stands on the right belongs to somebody else now.
            self.result.clear()
        self._tell()
        self._rest.start()

    def _tell(self) -> None:
        source, form = self.chosen_source(), self.form()
        self.cards.tell(source.title if source is not None else "", self.who())
        if form is not None:
            _, problems = self._bridge.core.invitations.check(form, self.fields.values())
            self.fields.show_problems(problems, all_of_them=self._tried)
        self.changed.emit()

    def _look_earlier(self) -> None:
        email, phone, order = (self.fields.value(k) for k in ("email", "phone", "order_id"))
        if not (email or phone):
            self._on_earlier(None)
            return
        look = self._bridge.core.invitations.earlier
        self._bridge.run(look, email, order, phone, done=self._on_earlier, owner=self, key="earlier")

    def _on_earlier(self, earlier: Invitation | None) -> None:
        self._earlier = earlier
        self.changed.emit()

    def earlier(self) -> Invitation | None:
        """The invitation that stands in the way, as far as is known."""
        return self._earlier

    def fill(self, values: Mapping[str, str]) -> None:
        """Put in what is known of a customer."""
        self.fields.fill(values)
        self._tell()
        self._rest.start()

    # --- the foot's words -------------------------------------------------------------------------------------------

    def sentence(self) -> tuple[str, str]:
        """(icon, words) for the foot: what will happen, or what stands in the way."""
        form, source = self.form(), self.chosen_source()
        if form is None or source is None:
            return "info", self.tr("No source of yours can invite customers")
        if (
            self.result.invitation() is None
            and self._earlier is not None
            and form.way.value not in ("write-link", "edit-link")
        ):
            day = day_words(self._earlier.created_at)
            return "clock-counter-clockwise", self.tr("Invited already on {day}").format(day=day)
        if self.result.invitation() is None:
            return way_icon(form.way), confirm_words(form.way, source.title, self.who())
        return "clock-counter-clockwise", self.tr("Kept in the history")

    def go_words(self) -> tuple[str, str, str]:
        """(words, icon, kind) of the first button."""
        form, made = self.form(), self.result.invitation()
        if made is not None and self.result.address():
            return self.tr("Copy link"), "copy", "primary"
        if made is not None:
            return self.tr("Next customer"), "user-plus", "primary"
        if form is None:
            return self.tr("Create link"), "link", "primary"
        return go_words(form.way, self.who()), way_icon(form.way), "private" if form.way.sends else "primary"

    # --- doing it ------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """What the first button says."""
        made = self.result.invitation()
        if made is not None and self.result.address():
            self.result.copy()
        elif made is not None:
            self.next_customer()
        else:
            self.invite()

    def invite(self) -> None:
        """Queue the invitation, unless something is missing or can't be right: then it is named at its field."""
        form, source = self.form(), self.chosen_source()
        if form is None or source is None or self._busy:
            return
        values = self.fields.values()
        core = self._bridge.core
        _, problems = core.invitations.check(form, values)
        self._tried = True
        if self.fields.show_problems(problems, all_of_them=True):
            self.said.emit(problems[0].message)
            return
        self._busy = True
        # What writes to somebody waits a moment, so that it can be taken back; a link hurts nobody.
        delay = float(core.settings.get(UNDO_DELAY_S)) if form.way.sends else 0.0
        future = core.invitations.invite(source.account.id, form.way, form.kind, values, delay_s=delay)
        self._bridge.watch(future, done=self._on_queued, failed=self._on_refused, owner=self)

    def _on_queued(self, made: Invitation) -> None:
        self._busy, self._tried = False, False
        self._show(made)
        self._follow()

    def _on_refused(self, error: BaseException) -> None:
        self._busy = False
        earlier = error.earlier if isinstance(error, AlreadyInvited) else None
        words = (
            f"{error.message} {error.remedy}".strip() if isinstance(error, ReviewdeskError) else str(error)
        )
        self.refused.emit(words, earlier)

    def show_earlier(self, earlier: Invitation) -> None:
        """The earlier invitation with its link, on the right."""
        source = next((s for s in self._sources if s.account.id == earlier.account_id), None)
        self.result.show_invitation(earlier, source.title if source is not None else "", earlier=True)
        self.changed.emit()

    def _show(self, made: Invitation) -> None:
        source = next((s for s in self._sources if s.account.id == made.account_id), None)
        self.result.show_invitation(made, source.title if source is not None else "")
        self.changed.emit()

    def _on_changes(self, change: ChangeSet) -> None:
        made = self.result.invitation()
        if made is not None and (made.outbox_id in change.outbox or change.views):
            self._follow()

    def _follow(self) -> None:
        made = self.result.invitation()
        if made is not None:
            self._bridge.run(
                self._bridge.core.invitations.get, made.id, done=self._on_followed, owner=self, key="made"
            )

    def _on_followed(self, made: Invitation | None) -> None:
        now = self.result.invitation()
        if made is not None and now is not None and made.id == now.id and made != now:
            self._show(made)

    def take_back(self) -> None:
        """Discard what waits in the outbox: the customer hears nothing."""
        made = self.result.invitation()
        if made is None or made.outbox_id is None or made.state is not InviteState.WAITING:
            return
        self._bridge.watch(
            self._bridge.core.outbox.discard(made.outbox_id), failed=self._on_too_late, owner=self
        )

    def _on_too_late(self, _error: BaseException) -> None:
        self.said.emit(self.tr("It is on its way already"))

    def next_customer(self) -> None:
        """An empty form for the next one; the source and the way stay."""
        self._tried, self._earlier = False, None
        self.result.clear()
        self.fields.clear_person()
        self._tell()
        self.fields.focus_first()


def _medium() -> QFont:
    return fonts.list_font(500)
