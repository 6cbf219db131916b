"""A list of customers in three steps: source and list, what is in it and what will happen, the run with its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.invitations.model import Invitation, InviteForm
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations import Source
from reviewdesk.services.invitations_bulk import BulkRun, Plan, Row, RowState, RunState
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.bulk_choose import ChoosePanel, Steps
from reviewdesk.ui.invitations.bulk_run import RunPanel
from reviewdesk.ui.invitations.bulk_sample import SamplePanel
from reviewdesk.ui.invitations.bulk_table import RowsView
from reviewdesk.ui.invitations.words import list_go_words, pace_words, span_words, way_icon
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["CHOOSE", "LOOK", "RUN", "BulkPage"]

CHOOSE, LOOK, RUN = range(3)
_PREVIEW = 5_000
_LOOK_MS = 250
_REST_MS = 350
_FILTERS: tuple[tuple[str, RowState | None], ...] = (
    ("all", None),
    ("bad", RowState.BAD),
    ("skipped", RowState.SKIPPED),
)


@dataclass(frozen=True, slots=True)
class _Looked:
    plan: Plan
    rows: list[Row]


class BulkPage(QWidget):
    """``refused`` carries what can't be done, ``earlier_wanted`` an invitation whose link somebody wants to see."""

    changed = Signal()
    refused = Signal(str)
    said = Signal(str)
    earlier_wanted = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._lists = bridge.core.invitation_lists
        self._table: Table | None = None
        self._mapping: dict[str, int] = {}
        self._remembered = False
        self._plan: Plan | None = None
        self._busy = ""
        self._filter = "all"
        self.setAcceptDrops(True)
        self.steps = Steps(self)
        self.stack = QStackedWidget(self)
        self.chooser = ChoosePanel(self)
        self.chooser.changed.connect(self._on_way)
        self.chooser.file_wanted.connect(self._ask_file)
        self.chooser.paste_wanted.connect(self.paste)
        self.chooser.said.connect(self.said)
        self.runner = RunPanel(bridge, self)
        self.runner.changed.connect(self.changed)
        self.runner.said.connect(self.said)
        self.stack.addWidget(self.chooser)
        self.stack.addWidget(self._build_look())
        self.stack.addWidget(self.runner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._look)
        self.steps.set_step(CHOOSE)

    # --- building ------------------------------------------------------------------------------------------

    def _build_look(self) -> QWidget:
        page = QWidget(self)
        self._name = PlainLabel(parent=page, font=_medium)
        self._about = PlainLabel(parent=page, role="text-2")
        self.other = PushButton(self.tr("Other file"), page, small=True)
        self.other.clicked.connect(self._ask_file)
        head = QHBoxLayout()
        head.setContentsMargins(20, 8, 20, 10)
        head.setSpacing(10)
        head.addWidget(Pictogram("file-text", 20, "text-2", parent=page))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._name)
        names.addWidget(self._about)
        head.addLayout(names, 1)
        head.addWidget(self.other)
        self._filters = QButtonGroup(page)
        for place, (key, _) in enumerate(_FILTERS):
            button = PushButton("", page, kind="ghost", small=True)
            button.setObjectName(f"filter-{key}")
            button.setCheckable(True)
            button.setChecked(place == 0)
            self._filters.addButton(button, place)
            head.addWidget(button)
        self._filters.idClicked.connect(self._on_filter)
        self.view = RowsView(page)
        self.view.mapped.connect(self._on_mapped)
        self.view.activated.connect(self._on_row)
        self.rules = SamplePanel(page)
        self.rules.changed.connect(self._on_rule)
        right = QVBoxLayout()
        right.setContentsMargins(20, 12, 20, 12)
        right.setSpacing(6)
        right.addWidget(PlainLabel(self.tr("What will happen"), page, font=_medium))
        self._will = PlainLabel(parent=page)
        self._out = PlainLabel(parent=page, role="fail")
        self._left = PlainLabel(parent=page, role="text-2")
        figures = QHBoxLayout()
        figures.setSpacing(16)
        for label in (self._will, self._out, self._left):
            figures.addWidget(label)
        figures.addStretch(1)
        right.addLayout(figures)
        time = QHBoxLayout()
        time.setSpacing(8)
        time.addWidget(Pictogram("gauge", 16, "text-3", parent=page))
        self._time = PlainLabel(parent=page, role="text-2")
        time.addWidget(self._time, 1)
        right.addLayout(time)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.rules, 1)
        below.addWidget(Separator(page, vertical=True))
        below.addLayout(right, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(Separator(page))
        column.addLayout(below)
        return page

    # --- source and list -----------------------------------------------------------------------------------

    def set_sources(self, sources: Sequence[Source]) -> None:
        self.chooser.set_sources(sources)

    def chosen_source(self) -> Source | None:
        return self.chooser.chosen_source()

    def form(self) -> InviteForm | None:
        return self.chooser.form()

    def choose(self, account: str, form_id: str) -> bool:
        """Choose a source by its account's name and a way by its form; false when that can't be done."""
        return self.chooser.choose(account, form_id)

    def _on_way(self, *_form: object) -> None:
        if self._table is not None and self.stack.currentIndex() == LOOK:
            self._look()
        self.changed.emit()

    def _on_rule(self) -> None:
        if self._table is not None:
            self._rest.start()

    def _ask_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a list"), "", self.tr("Lists (*.csv *.txt *.tsv *.xlsx);;All files (*)")
        )
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Read a file; encoding and separator are found."""
        self._load(partial(Table.open_file, path))

    def paste(self) -> None:
        """Read what was copied from a spreadsheet."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.said.emit(self.tr("The clipboard holds no text"))
            return
        self._load(partial(Table.open_text, text))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = [u for u in event.mimeData().urls() if u.isLocalFile()]
        if urls:
            self.open_file(Path(urls[0].toLocalFile()))
        elif event.mimeData().hasText():
            self._load(partial(Table.open_text, event.mimeData().text()))
        event.acceptProposedAction()

    def _load(self, read: object) -> None:
        if self.runner.run() is not None and self.runner.state() in (RunState.RUNNING, RunState.PAUSED):
            self.said.emit(self.tr("A list is being worked on"))
            return
        self._busy = self.tr("Reading the list")
        self.changed.emit()
        self._bridge.run(read, done=self.open_table, failed=self._on_failed, owner=self, key="table")  # type: ignore[arg-type]

    def open_table(self, table: Table) -> None:
        """Show a list: the mapping of the last time for such a list, or a guess by its headings."""
        self._busy = ""
        self._table, self._plan = table, None
        self._bridge.run(self._lists.mapping_for, table, done=self._on_mapping, owner=self, key="mapping")

    def _on_mapping(self, found: tuple[dict[str, int], bool]) -> None:
        if self._table is None:
            return
        self._mapping, self._remembered = dict(found[0]), found[1]
        self._name.setText(self._table.name)
        self._filter = "all"
        self._filters.button(0).setChecked(True)
        self.view.show_columns(self._table.headings, self._mapping)
        self._go(LOOK)
        self._look()

    def _on_mapped(self, column: int, field: str) -> None:
        """A person says what a column is; no field stands twice."""
        self._mapping = {k: c for k, c in self._mapping.items() if c != column and k != field}
        if field:
            self._mapping[field] = column
        self._remembered = False
        self.view.show_mapping(self._mapping)
        self._rest.start()

    # --- looking --------------------------------------------------------------------------------------------

    def _look(self) -> None:
        source, form, table = self.chosen_source(), self.form(), self._table
        if source is None or form is None or table is None:
            return
        self._busy = self.tr("Looking at every row")
        self._plan = None
        self.changed.emit()
        account, mapping, sample, only = (
            source.account.id,
            dict(self._mapping),
            self.rules.sample(),
            dict(_FILTERS)[self._filter],
        )

        def look() -> _Looked:
            plan = self._lists.plan(account, form.way, form.kind, table, mapping, sample=sample)
            return _Looked(plan, list(islice(self._lists.rows(plan, only=only), _PREVIEW)))

        self._bridge.run(look, done=self._on_looked, failed=self._on_failed, owner=self, key="look")

    def _on_looked(self, looked: _Looked) -> None:
        self._busy = ""
        plan = self._plan = looked.plan
        self.view.table.set_rows(looked.rows, plan.mapping)
        said = (
            self.tr("columns mapped like last time")
            if self._remembered
            else self.tr("columns mapped by their headings")
        )
        rows = self.tr("{count} rows").format(count=_n(plan.total))
        self._about.setText(f"{rows}, {plan.table.description}, {said}")
        for place, words in enumerate(
            (
                self.tr("All {n}").format(n=_n(plan.total)),
                self.tr("Problems {n}").format(n=_n(plan.bad)),
                self.tr("Left out {n}").format(n=_n(plan.skipped + plan.not_chosen)),
            )
        ):
            button = self._filters.button(place)
            button.setText(words)
            button.updateGeometry()
        what = self.tr("{n} customers") if plan.form.way.sends else self.tr("{n} links")
        self._will.setText(what.format(n=_n(plan.ready)))
        self._out.setText(self.tr("{n} problems left out").format(n=_n(plan.bad)) if plan.bad else "")
        skipped = self.tr("{n} left out, invited or excluded").format(n=_n(plan.skipped))
        not_chosen = self.tr("{n} not chosen").format(n=_n(plan.not_chosen))
        self._left.setText(
            ", ".join(w for w, n in ((skipped, plan.skipped), (not_chosen, plan.not_chosen)) if n)
        )
        self._time.setText(self._time_words(plan))
        self.changed.emit()

    def _time_words(self, plan: Plan) -> str:
        if plan.resumes is not None:
            words = self.tr("This list was begun on row {row}: it goes on there. ").format(
                row=plan.resumes.at_row
            )
        else:
            words = ""
        if not plan.form.calls:
            return words + self.tr("No request is made.")
        limits = ", ".join(
            pace_words(limit.calls, limit.seconds) for limit in self._lists.limits(plan.account)
        )
        time = span_words(plan.seconds)
        return words + self.tr("Takes {time} at {limits}. Replies go first, the run can pause.").format(
            time=time, limits=limits
        )

    def _on_failed(self, error: BaseException) -> None:
        self._busy = ""
        words = (
            f"{error.message} {error.remedy}".strip() if isinstance(error, ReviewdeskError) else str(error)
        )
        self._plan = None
        self.refused.emit(words)
        self.changed.emit()

    def _on_filter(self, place: int) -> None:
        self._filter = _FILTERS[place][0]
        plan, only = self._plan, _FILTERS[place][1]
        if plan is None:
            return
        self._bridge.run(
            lambda: list(islice(self._lists.rows(plan, only=only), _PREVIEW)),
            done=lambda rows: self.view.table.set_rows(rows, plan.mapping),
            owner=self,
            key="rows",
        )

    def _on_row(self, index: object) -> None:
        row = self.view.table.row(index)  # type: ignore[arg-type]
        if row is not None and isinstance(row.earlier, Invitation):
            self.earlier_wanted.emit(row.earlier)

    def plan(self) -> Plan | None:
        """What was found out about the list, once every row was looked at."""
        return self._plan

    # --- the foot's words --------------------------------------------------------------------------------------

    def sentence(self) -> tuple[str, str]:
        """(icon, words) for the foot."""
        form, source = self.form(), self.chosen_source()
        if self._busy:
            return "hourglass-medium", self._busy
        if form is None or source is None:
            return "info", self.tr("No source of yours takes lists")
        if form.way.sends:
            words = self.tr("{source} will e-mail every customer of the list").format(source=source.title)
            return way_icon(form.way), words
        return way_icon(form.way), self.tr("Links only, nothing is e-mailed")

    def go_words(self) -> tuple[str, str, str]:
        """(words, icon, kind) of the first button; no words: there is none."""
        step, form = self.stack.currentIndex(), self.form()
        kind = "private" if form is not None and form.way.sends else "primary"
        if step == CHOOSE:
            return "", "", "primary"
        if step == LOOK:
            ready = self._plan.ready if self._plan is not None else 0
            return (list_go_words(form.way, ready) if form is not None else ""), "", kind
        state = self.runner.state()
        if state is RunState.RUNNING:
            return self.tr("Pause"), "pause", "plain"
        if state in (RunState.PAUSED, RunState.STOPPED):
            return self.tr("Go on"), "play", kind
        return self.tr("Another list"), "", "primary"

    def second_words(self) -> tuple[str, str]:
        """(words, icon) of the second button."""
        step = self.stack.currentIndex()
        if step == LOOK:
            return self.tr("Dry run"), "eye"
        if (
            step == RUN
            and self.runner.run() is not None
            and self.runner.state() in (RunState.RUNNING, RunState.PAUSED)
        ):
            return self.tr("Stop"), "stop"
        return "", ""

    def go_on(self) -> None:
        """What the first button says."""
        step = self.stack.currentIndex()
        if step == LOOK:
            self.start()
        elif step == RUN and (run := self.runner.run()) is not None:
            state = self.runner.state()
            if state is RunState.RUNNING:
                run.pause()
            elif state is RunState.PAUSED:
                run.resume()
            elif state is RunState.STOPPED:
                self.start()
            else:
                self._table = None
                self._go(CHOOSE)
            self.runner.tell()

    def second(self) -> None:
        """Dry run, or stop."""
        step = self.stack.currentIndex()
        if step == LOOK:
            self.dry_run()
        elif step == RUN and (run := self.runner.run()) is not None:
            run.stop()

    def dry_run(self) -> None:
        """Say what would happen, and offer it as a file; no request is made."""
        plan = self._plan
        if plan is None:
            return
        self.said.emit(
            self.tr(
                "Dry run, no request was made: {ready} would be invited, {bad} have problems, {skipped} are left out"
            ).format(ready=_n(plan.ready), bad=_n(plan.bad), skipped=_n(plan.skipped + plan.not_chosen))
        )

    def _go(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self.steps.set_step(step)
        self.changed.emit()

    # --- the run --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or go on with, the run of this list; its mapping is used for such lists from now on."""
        plan = self._plan
        if plan is None or self._busy:
            self.said.emit(self._busy or self.tr("The list was not looked at yet"))
            return
        if not plan.ready and plan.resumes is None:
            self.refused.emit(self.tr("There is nobody to invite in this list."))
            return
        results = self.runner.begin()
        mapping = dict(plan.mapping)

        def begin() -> BulkRun:
            self._lists.remember_mapping(plan.table, mapping)
            return self._lists.start(plan, on_row=results.append)

        self._bridge.run(begin, done=self._on_started, failed=self._on_failed, owner=self, key="start")

    def _on_started(self, run: BulkRun) -> None:
        self._go(RUN)
        self.runner.show_run(run)

    def running(self) -> BulkRun | None:
        """The run that was started here last."""
        return self.runner.run()


def _n(number: int) -> str:
    return QLocale().toString(number)


def _medium() -> QFont:
    return fonts.list_font(500)
