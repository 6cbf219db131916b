"""The account wizard: source, values, test, name. Nothing is stored before the last step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from reviewdesk.domain.errors import InvalidInput, KeychainLocked, ReviewdeskError, SecretError
from reviewdesk.domain.models import Account
from reviewdesk.ui.accounts import words
from reviewdesk.ui.accounts.browser import BrowserStep
from reviewdesk.ui.accounts.cards import Cards
from reviewdesk.ui.accounts.columns import ColumnsPage
from reviewdesk.ui.accounts.estimate import in_words, total_of
from reviewdesk.ui.accounts.finish import Finish
from reviewdesk.ui.accounts.form import WIDTH, Form
from reviewdesk.ui.accounts.stages import Stages, stage_title
from reviewdesk.ui.accounts.trial import Errand, Trial, Tried
from reviewdesk.ui.accounts.words import CARDS, COLUMNS, FINISH, FORM, SIGN_IN, TEST
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton, Separator, announce, set_off
from reviewdesk.ui.widgets.buttons import key_text

if TYPE_CHECKING:
    from reviewdesk.services.doors import Columns
    from reviewdesk.ui.bridge import Bridge

__all__ = ["CARDS", "COLUMNS", "FINISH", "FORM", "SIGN_IN", "TEST", "Wizard"]

translate = QCoreApplication.translate

SIZE = (900, 640)

_kept: WeakKeyDictionary[QWidget, dict[str, dict[str, str]]] = WeakKeyDictionary()
"""What was typed for each provider in this session, per window. Never a secret."""
_LAST = ""


class Wizard(QWidget):
    """Not modal. ``account`` given: that account's sign-in is made anew instead of adding one.

    ``added`` carries the new or renewed Account; ``sample_wanted`` asks for the practice window.
    """

    added = Signal(object)
    sample_wanted = Signal()

    def __init__(
        self, bridge: Bridge, parent: QWidget | None = None, *, account: Account | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._accounts = bridge.core.accounts
        self._specs = {spec.id: spec for spec in self._accounts.specs()}
        self._account = account
        self._memory = _kept.setdefault(parent, {}) if parent is not None else {}
        self._trial: Trial | None = None
        self._errand: Errand | None = None
        self._box: Any = None
        """The secrets under test; what the provider adds (tokens) is stored with them."""
        self._tested: tuple[str, dict[str, str]] | None = None
        self._busy = ""
        self._said = ""
        self._file: Columns | None = None
        self._build()
        self.setWindowTitle(self.tr("Sign in again") if account is not None else self.tr("Add an account"))
        t = metrics.icon_size(100) / 100
        room = self.screen().availableGeometry()
        self.resize(min(round(SIZE[0] * t), room.width()), min(round(SIZE[1] * t), room.height() - 40))
        self.setMinimumSize(480, 420)
        if account is not None:
            self._begin_again(account)
        else:
            self._begin()

    # --- putting it together ---------------------------------------------------------------------

    def _build(self) -> None:
        self.bar = InlineBar(self)
        self.heading = PlainLabel(parent=self, font=fonts.title_font, wrap=True)
        self.line = PlainLabel(parent=self, role="text-2", wrap=True)
        self.cards = Cards(tuple(self._specs.values()), self)
        self.form = Form(self)
        self.browser = BrowserStep(self)
        self.stages = Stages(self)
        self.finish = Finish(self)
        self.columns = ColumnsPage(self)
        self.pages = QStackedWidget(self)
        self.example = PushButton(self.tr("Paste an example"), self, icon="clipboard-text")
        for page in (self.cards, self.form, self.browser, self.stages, self.finish, self.columns):
            self.pages.addWidget(page)
        head = QHBoxLayout()
        head.setSpacing(16)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self.heading)
        told.addWidget(self.line)
        head.addLayout(told, 1)
        head.addWidget(self.example, 0, Qt.AlignmentFlag.AlignTop)
        content = QVBoxLayout()
        content.setContentsMargins(28, 22, 28, 0)
        content.setSpacing(14)
        content.addLayout(head)
        content.addWidget(self.pages, 1)
        self.foot = QWidget(self)
        self.foot.setObjectName("dialogfoot")
        self.foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.foot.setFixedHeight(metrics.list_line() + 36)
        self.sentence = PlainLabel(parent=self.foot, role="text-2")
        self.sample = PushButton(self.tr("look around with sample reviews"), self.foot, kind="link")
        self.cancel = PushButton(self.tr("Cancel"), self.foot)
        self.back = PushButton(self.tr("Back"), self.foot)
        self.next = PushButton(self.tr("Next"), self.foot, kind="primary", cap=key_text("Ctrl+Return"))
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.sentence)
        row.addWidget(self.sample)
        row.addStretch(1)
        for button in (self.cancel, self.back, self.next):
            row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addLayout(content, 1)
        whole.addWidget(Separator(self))
        whole.addWidget(self.foot)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.go_on)
        self.cards.chosen.connect(self._on_chosen)
        self.cards.opened.connect(self.go_on)
        self.form.edited.connect(self._remember)
        self.form.said.connect(self.say)
        self.example.clicked.connect(self.form.paste_example)
        self.stages.correct.connect(self._on_correct)
        self.stages.copy_wanted.connect(self.copy_details)
        self.stages.key_compared.connect(self._tell_key)
        self.columns.changed.connect(self._on_columns_changed)
        self.finish.edited.connect(partial(self.finish.set_problem, ""))
        self.finish.reach.changed.connect(self._tell_estimate)
        self.sample.clicked.connect(self._on_sample)
        self.cancel.clicked.connect(self.close)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)

    def _begin(self) -> None:
        last = self._memory.get(_LAST, {}).get("provider", "")
        self.cards.choose(last if last in self._specs else next(iter(self._specs)))
        self._show(CARDS)

    def _begin_again(self, account: Account) -> None:
        self.form.set_provider(self._specs[account.provider], keeps_secrets=True)
        self.form.fill(account.settings)
        self._show(FORM)

    # --- where we are ----------------------------------------------------------------------------

    def page(self) -> int:
        """One of CARDS, FORM, SIGN_IN, TEST, FINISH."""
        return self.pages.currentIndex()

    def provider(self) -> str:
        """The id of the provider whose account is being made."""
        return self._account.provider if self._account is not None else self.cards.provider()

    def _show(self, page: int) -> None:
        self.bar.hide()
        self._said = ""
        self.pages.setCurrentIndex(page)
        self._tell()
        focus: dict[int, Callable[[], object]] = {
            CARDS: self.cards.focus,
            FORM: self.form.focus,
            SIGN_IN: self.browser.focus,
            TEST: self.next.setFocus,
            FINISH: self.finish.name.setFocus,
            COLUMNS: self.columns.focus,
        }
        focus[page]()
        announce(self, f"{self.heading.text()} {self.line.text()}")

    def _tell(self) -> None:
        """Words and buttons of the page."""
        now = self._now()
        page, again = now.page, self._account is not None
        heading, line = words.head(now)
        self.heading.setText(heading)
        self.line.setText(line)
        self.pages.setMaximumWidth(
            16_777_215 if page in (CARDS, FINISH, COLUMNS) else metrics.icon_size(WIDTH) + 12
        )
        self.example.setVisible(page == FORM)
        self.sample.setVisible(page == CARDS)
        self.cancel.setVisible(page == CARDS or (page == FORM and again))
        self.back.setVisible(not self.cancel.isVisibleTo(self))
        self.sentence.setText(words.foot(now))
        label, icon = words.button(now)
        self.next.setText(label)
        self.next.set_icon_name(icon)
        self.back.setText(
            self.tr("Not my server") if page == TEST and self.stages.shown_key() else self.tr("Back")
        )
        reason = self._busy or None
        if page == TEST and self.stages.shown_key() and self.stages.key.mismatch():
            reason = self.tr("What you pasted is another key. Ask the server's administrator.")
        set_off(self.next, reason)

    def _now(self) -> words.Now:
        failed = self.stages.failed()
        return words.Now(
            page=self.page(),
            source=self._specs[self.provider()].title,
            again=self._account.name if self._account is not None else "",
            testing=self._trial is not None,
            failed=failed.name if failed is not None else "",
            asks_key=bool(self.stages.shown_key()),
            busy=self._busy,
            said=self._said,
            browser=self.page() == FORM and self._wants_browser(),
            file=self._file.file if self._file is not None else "",
        )

    # --- going on and back -----------------------------------------------------------------------

    def go_on(self) -> None:
        """Next, Test, Trust this key, Test again or Add account, whatever the page's first button says."""
        if self._busy or not self.next.isVisible() or self.next.property("off"):
            return
        page = self.page()
        if page == CARDS:
            self._open_form()
        elif page == FORM:
            self._leave_form()
        elif page == SIGN_IN:
            self._finish_sign_in()
        elif page == TEST and self.stages.shown_key():
            self._trust()
        elif page == TEST and self._columns_wanted():
            self._ask_columns()
        elif page == COLUMNS:
            self._use_columns()
        elif page == TEST and self.stages.failed() is not None:
            self._test()
        elif page == TEST:
            self._keep_again() if self._account is not None else self._open_finish()
        else:
            self._add()

    def go_back(self) -> None:
        """To the page before; a test under way ends."""
        self._stop_work()
        page = self.page()
        if page in (FINISH, TEST, SIGN_IN, COLUMNS):
            self._show(FORM)
        elif page == FORM and self._account is None:
            self._show(CARDS)

    def _stop_work(self) -> None:
        if self._trial is not None:
            self._trial.stop()
            self._trial = None
        if self._errand is not None:
            self._errand.drop()
            self._errand = None
        self._busy = ""

    def _on_chosen(self, provider: str) -> None:
        self._memory.setdefault(_LAST, {})["provider"] = provider
        if self.page() == CARDS:
            self._tell()

    def _open_form(self) -> None:
        provider = self.cards.provider()
        spec = self._specs[provider]
        self.form.set_provider(spec)
        self.form.fill(self._memory.get(provider, {}))
        self._show(FORM)

    def _remember(self) -> None:
        """What was typed stays for this session, secrets excepted (4.8)."""
        if self._account is None:
            self._memory[self.provider()] = self.form.settings()
        self._tested = None
        if self.page() == FORM:
            self._tell()

    def _wants_browser(self) -> bool:
        return bool(self._accounts.wants_browser(self.provider(), self.form.settings()))

    def _leave_form(self) -> None:
        missing = self.form.missing()
        if missing is not None:
            self.form.show_row(missing, wrong=True)
            self.bar.show_message("fail", self.tr("{field} is needed.").format(field=missing.field.label))
            return
        self._fill_box(self._after_box)

    def _fill_box(self, then: Callable[[], None]) -> None:
        """Bring together what was typed and, when signing in again, what the keychain has."""
        typed = self.form.secrets()
        if self._account is None:
            self._box = self._accounts.unsaved(typed)
            then()
            return
        account = self._account

        def done(box: Any) -> None:
            self._box = box
            then()

        self._work(
            partial(self._accounts.stored_secrets, account, typed), done, self.tr("Asking the keychain")
        )

    def _after_box(self) -> None:
        if not self._wants_browser():
            self._test()
            return
        ask = partial(self._accounts.sign_in_address, self.provider(), self.form.settings(), self._box)
        self._work(ask, self._on_address, self.tr("Preparing the sign-in"))

    def _on_address(self, address: str) -> None:
        self.browser.set_address(address)
        self._show(SIGN_IN)

    def _finish_sign_in(self) -> None:
        if not self.browser.pasted():
            self.browser.set_problem(self.tr("Paste the address on which the browser ended."))
            self.browser.field.setFocus()
            return
        finish = partial(
            self._accounts.finish_sign_in,
            self.provider(),
            self.form.settings(),
            self._box,
            self.browser.pasted(),
        )
        self._work(finish, self._on_signed_in, self.tr("Signing in"), failed=self._on_not_signed_in)

    def _on_signed_in(self, _nothing: object) -> None:
        self.browser.field.clear()
        self._test()

    def _on_not_signed_in(self, error: ReviewdeskError) -> None:
        self.browser.set_problem(f"{error.message} {error.remedy}".strip())

    # --- the test --------------------------------------------------------------------------------

    def _test(self) -> None:
        self._stop_work()
        provider, settings, box = self.provider(), self.form.settings(), self._box
        has_key = any(f.key == "host_key" for f in self._specs[provider].settings)
        self.stages.begin(with_key=has_key and settings.get("transport", "sftp") == "sftp")

        def stages(cancel: Any) -> Any:
            return self._accounts.check(provider, settings, box, cancel=cancel)

        trial = self._trial = Trial(self._bridge.core.clock, stages, self)
        trial.stage.connect(self.stages.add)
        trial.ended.connect(self._on_tested)
        trial.failed.connect(self._on_not_tested)
        self._busy = self.tr("The test is under way")
        self._show(TEST)
        trial.start()

    def _on_tested(self, ok: bool) -> None:
        self._trial, self._busy = None, ""
        self._tested = (self.provider(), self.form.settings()) if ok else None
        self._tell()
        if self.stages.shown_key():
            self.stages.key.field.setFocus()
        elif self.isActiveWindow():
            self.next.setFocus()
        announce(self, self.heading.text())

    def _on_not_tested(self, error: ReviewdeskError) -> None:
        self._trial, self._busy = None, ""
        if isinstance(error, SecretError):
            self._show_keychain(error, self._test)
        else:
            self.stages.refused(error.message, error.remedy)
        self._tell()

    def _trust(self) -> None:
        """A person says that this is the server: its key is part of the settings from now on."""
        self.form.set_value("host_key", self.stages.shown_key())
        self._remember()
        self._test()

    # --- columns that nobody knows ---------------------------------------------------------------

    def _columns_wanted(self) -> bool:
        failed = self.stages.failed()
        return failed is not None and failed.name == "columns"

    def _ask_columns(self) -> None:
        ask = partial(self._accounts.columns, self.provider(), self.form.settings(), self._box)
        self._work(ask, self._on_columns, self.tr("Reading the first lines"))

    def _on_columns(self, found: Columns) -> None:
        self._file = found
        self.columns.show_columns(found.rows, found.fields, found.guess)
        self._show(COLUMNS)
        self._on_columns_changed(self.columns.setting())

    def _on_columns_changed(self, setting: str) -> None:
        """What the first lines would become; decoded from what is here already, so at once."""
        if self._file is None:
            return
        settings = {**self.form.settings(), "columns": ""}
        try:
            found = self._accounts.read_columns(self.provider(), settings, self._box, self._file, setting)
        except ReviewdeskError as error:
            self.columns.set_problem(error.message)
            return
        self.columns.show_preview(found)

    def _use_columns(self) -> None:
        if not self.columns.preview():
            self.columns.focus()
            return
        self.form.set_value("columns", self.columns.setting())
        self._remember()
        self._test()

    def _tell_key(self) -> None:
        if self.page() == TEST and self._trial is None:
            self._tell()

    def _on_correct(self) -> None:
        failed = self.stages.failed()
        self._show(FORM)
        if failed is None:
            return
        secret = failed.name in ("sign-in", "permission")
        wanted = next((r for r in self.form.rows() if r.field.secret is secret and r.edit is not None), None)
        if wanted is not None:
            self.form.show_row(wanted)

    def details(self) -> str:
        """What "Copy details" copies: the stages and their words. No value of the form is in it."""
        lines = [f"Reviewdesk, {self._specs[self.provider()].title}, connection test"]
        for tried in self.stages.tried():
            result = "ok" if tried.ok else "failed"
            lines.append(
                f"{stage_title(tried.name)}: {result}, {tried.ms} ms. {tried.message} {tried.remedy}".strip()
            )
        text = "\n".join(lines)
        for value in self._box.values().values() if self._box is not None else ():
            if len(value) > 3:
                text = text.replace(value, "<secret>")
        return text

    def copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self.details())
        self.say(self.tr("Copied"))

    # --- the end ---------------------------------------------------------------------------------

    def _open_finish(self) -> None:
        provider, settings = self.provider(), self.form.settings()
        spec = self._specs[provider]
        table = spec.capabilities(settings, frozenset(self._box.values()) - frozenset(spec.kept_secrets))
        self.finish.abilities.show_table(table)
        self._tell_estimate()
        if not self.finish.name.text():
            self.finish.name.setText(_proposed_name(spec.title, settings))
        self.finish.set_problem("")
        self._bridge.run(self._accounts.list, done=self._on_known, owner=self, key="known")
        self._show(FINISH)
        self.finish.name.selectAll()

    def _tell_estimate(self, *_reach: str) -> None:
        read = next((t for t in self.stages.tried() if t.name == "read"), None)
        total = total_of(read.message) if read is not None else None
        limit = self.form.settings().get("rate_limit", "")
        words = in_words(self._specs[self.provider()], total, limit, days=self.finish.days())
        self.finish.estimate.setText(words)

    def _on_known(self, accounts: list[Account]) -> None:
        used = [a.colour for a in accounts]
        self.finish.swatches.set_colour(min(range(1, 7), key=lambda c: (used.count(c), c)))

    def _add(self, *, session_only: bool = False) -> None:
        if self._tested != (self.provider(), self.form.settings()):
            # Something was changed after the test: what is stored is what was tested.
            self._show(FORM)
            return
        add = partial(
            self._accounts.add,
            self.provider(),
            self.finish.name.text(),
            self.form.settings(),
            self._box,
            test=False,
            session_only=session_only,
            colour=self.finish.swatches.colour(),
            days=self.finish.days(),
        )
        self._work(add, self._on_added, self.tr("Storing"), failed=self._on_not_added)

    def _on_not_added(self, error: ReviewdeskError) -> None:
        if isinstance(error, SecretError):
            self._show_keychain(error, self._add)
        elif isinstance(error, InvalidInput):
            self.finish.set_problem(f"{error.message} {error.remedy}".strip())
            self.finish.name.setFocus()
        else:
            self.bar.show_message("fail", f"{error.message} {error.remedy}".strip())

    def _keep_again(self, *, session_only: bool = False) -> None:
        if self._account is None:
            return
        keep = partial(
            self._accounts.sign_in_again,
            self._account,
            self.form.settings(),
            self._box,
            session_only=session_only,
        )
        self._work(keep, self._on_added, self.tr("Storing"), failed=self._on_not_kept)

    def _on_not_kept(self, error: ReviewdeskError) -> None:
        if isinstance(error, SecretError):
            self._show_keychain(error, self._keep_again)
        else:
            self.bar.show_message("fail", f"{error.message} {error.remedy}".strip())

    def _show_keychain(self, error: SecretError, again: Callable[..., None]) -> None:
        """The keychain is locked or missing: one bar, two ways out (features.md A5)."""
        retry = self.tr("Unlock and retry") if isinstance(error, KeychainLocked) else self.tr("Try again")
        buttons: list[tuple[str, Callable[[], object]]] = [(retry, lambda: again())]
        if again in (self._add, self._keep_again):
            buttons.append((self.tr("Keep for this session only"), lambda: again(session_only=True)))
        self.bar.show_message("warn", error.message, icon="key", buttons=tuple(buttons), closable=False)

    def _on_added(self, account: Account) -> None:
        self.form.forget_secrets()
        self._memory.pop(account.provider, None)
        core = self._bridge.core
        if account.state.value != "paused":
            self._bridge.run(core.sync.sync_now, [account.id])
        self.added.emit(account)
        self.close()

    # --- working ---------------------------------------------------------------------------------

    def _work(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        doing: str,
        *,
        failed: Callable[[ReviewdeskError], None] | None = None,
    ) -> None:
        self.bar.hide()
        errand = self._errand = Errand(work, self)
        errand.done.connect(partial(self._worked, done))
        errand.failed.connect(partial(self._worked, failed or self._on_refused))
        self._busy = doing
        self._tell()
        errand.start()

    def _worked(self, then: Callable[[Any], None], result: Any) -> None:
        self._errand, self._busy = None, ""
        self._tell()
        then(result)

    def _on_refused(self, error: ReviewdeskError) -> None:
        """A value cannot be right, or the keychain does not answer; we are still on the form."""
        if isinstance(error, SecretError):
            self._show_keychain(error, self._leave_form)
        else:
            self.bar.show_message("fail", f"{error.message} {error.remedy}".strip())

    def say(self, text: str) -> None:
        """One sentence at the foot, also for the screen reader."""
        self._said = text
        self.sentence.setText(text)
        announce(self, text)

    def _on_sample(self) -> None:
        self.sample_wanted.emit()
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was typed stays for this session; secrets do not."""
        self._stop_work()
        self.form.forget_secrets()
        self.browser.field.clear()
        self._box = None
        super().closeEvent(event)

    def last_tried(self) -> Tried | None:
        """The newest stage of the test, for tests and pictures."""
        tried = self.stages.tried()
        return tried[-1] if tried else None


def _proposed_name(title: str, settings: dict[str, str]) -> str:
    for key in ("business_unit", "business", "host", "customer_id"):
        value = settings.get(key, "")
        if value and len(value) <= 40:
            return f"{title} {value}" if key == "customer_id" else value
    language = settings.get("language", "")
    return f"{title} {language.upper()}".strip()
