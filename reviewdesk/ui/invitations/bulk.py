"""A list of customers in three steps: source and list, what is in it and what will happen, the run with its result."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QGuiApplication, QIntValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.invitations.model import Invitation, InviteForm
from reviewdesk.domain.invitations.sampling import Rule, Sample
from reviewdesk.domain.models import ReviewKind
from reviewdesk.services.export import safe_cell
from reviewdesk.services.handouts import write_text
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations import Source
from reviewdesk.services.invitations_bulk import BulkRun, Plan, Row, RowState, RunState
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.bulk_table import RowsView
from reviewdesk.ui.invitations.cards import WayCards
from reviewdesk.ui.invitations.options import Options, Radio
from reviewdesk.ui.invitations.words import kind_words, list_go_words, pace_words, span_words, way_icon
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["CHOOSE", "LOOK", "RUN", "BulkPage", "result_csv"]

CHOOSE, LOOK, RUN = range(3)
_PREVIEW = 5_000
_LOOK_MS = 250
_REST_MS = 350
_FILTERS: tuple[tuple[str, RowState | None], ...] = (
    ("all", None),
    ("bad", RowState.BAD),
    ("skipped", RowState.SKIPPED),
)


def result_csv(rows: Sequence[Row]) -> str:
    """Row, address, order, state, link and reason; safe for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("row", "email", "order_id", "state", "link", "reason"))
    for row in rows:
        cells = (row.email, row.order_id, row.state.value, row.link or "", row.reason)
        writer.writerow((row.number, *(safe_cell(cell) for cell in cells)))
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Looked:
    plan: Plan
    rows: list[Row]


class _Steps(QWidget):
    """Source, list, result: where we are, in words for screen readers too."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._icons: list[Pictogram] = []
        self._labels: list[PlainLabel] = []
        for place, words in enumerate((self.tr("Source"), self.tr("List"), self.tr("Result"))):
            icon = Pictogram(f"number-circle-{('one', 'two', 'three')[place]}", 18, "text-3", parent=self)
            label = PlainLabel(words, self, role="text-2")
            row.addWidget(icon)
            row.addWidget(label)
            if place < 2:
                row.addSpacing(14)
            self._icons.append(icon)
            self._labels.append(label)

    def set_step(self, step: int) -> None:
        for place, (icon, label) in enumerate(zip(self._icons, self._labels, strict=True)):
            number = ("one", "two", "three")[place]
            done, here = place < step, place == step
            name = (
                "check-circle-fill"
                if done
                else f"number-circle-{number}-fill"
                if here
                else f"number-circle-{number}"
            )
            icon.set(name, "accent" if here else "text-2")
            label.set_role("text" if here else "text-2")
        self.setAccessibleName(
            self.tr("Step {at} of 3: {name}").format(at=step + 1, name=self._labels[step].text())
        )


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
        self._sources: Sequence[Source] = ()
        self._table: Table | None = None
        self._mapping: dict[str, int] = {}
        self._remembered = False
        self._plan: Plan | None = None
        self._busy = ""
        self._run: BulkRun | None = None
        self._results: list[Row] = []
        self._shown_results = 0
        self._filter = "all"
        self.setAcceptDrops(True)
        self.steps = _Steps(self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self._build_choose())
        self.stack.addWidget(self._build_look())
        self.stack.addWidget(self._build_run())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._look)
        self._watch = QTimer(self)
        self._watch.setInterval(_LOOK_MS)
        self._watch.timeout.connect(self._tell_run)
        self.steps.set_step(CHOOSE)

    # --- building ------------------------------------------------------------------------------------------

    def _build_choose(self) -> QWidget:
        page = QWidget(self)
        page.setObjectName("surface")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.source = Options([("", "")], "", page)
        self.source.setAccessibleName(self.tr("Source"))
        self.source.changed.connect(self._on_source)
        self.kind = Options([("", "")], "", page)
        self.kind.setAccessibleName(self.tr("Review of"))
        self.kind.changed.connect(self._on_kind)
        self.cards = WayCards(page)
        self.cards.chosen.connect(self._on_way)
        self.cards.refused.connect(self.said)
        self.open_button = PushButton(self.tr("Choose a file"), page, icon="file-text")
        self.paste_button = PushButton(self.tr("Paste from the clipboard"), page, icon="clipboard-text")
        self.open_button.clicked.connect(self._ask_file)
        self.paste_button.clicked.connect(self.paste)
        drop = QFrame(page)
        drop.setObjectName("waiting")
        inner = QVBoxLayout(drop)
        inner.setContentsMargins(20, 20, 20, 20)
        inner.setSpacing(8)
        head = PlainLabel(self.tr("Drop a list here"), drop, font=_medium)
        line = PlainLabel(
            self.tr("CSV in any encoding and with any separator, or XLSX. Nothing is sent by opening it."),
            drop,
            role="text-2",
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.paste_button)
        buttons.addStretch(1)
        inner.addWidget(head)
        inner.addWidget(line)
        inner.addSpacing(6)
        inner.addLayout(buttons)
        top = QHBoxLayout()
        top.setSpacing(16)
        for words, choice in ((self.tr("Source"), self.source), (self.tr("Review of"), self.kind)):
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(PlainLabel(words, page, font=_medium))
            part.addWidget(choice)
            top.addLayout(part, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 4, 24, 20)
        column.setSpacing(14)
        column.addLayout(top)
        column.addWidget(PlainLabel(self.tr("What happens"), page, font=_medium))
        column.addWidget(self.cards)
        column.addSpacing(8)
        column.addWidget(drop)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        return area

    @staticmethod
    def _number(page: QWidget, value: int, name: str) -> QLineEdit:
        edit = QLineEdit(str(value), page)
        edit.setValidator(QIntValidator(1, 10_000_000, edit))
        edit.setAccessibleName(name)
        edit.setFixedWidth(metrics.icon_size(84))
        return edit

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
        left = QVBoxLayout()
        left.setContentsMargins(20, 12, 20, 12)
        left.setSpacing(6)
        left.addWidget(PlainLabel(self.tr("How this list was chosen"), page, font=_medium))
        self.everyone = Radio(self.tr("Everyone in the file"), page)
        self.nth = Radio(self.tr("Every n-th"), page)
        self.random = Radio(self.tr("Random, with seed"), page)
        self.everyone.setChecked(True)
        self._rules = QButtonGroup(page)
        self.n = self._number(page, 2, self.tr("Every how many rows"))
        self.count = self._number(page, 100, self.tr("How many"))
        self.seed = QLineEdit(page)
        self.seed.setMaxLength(64)
        self.seed.setText(secrets.token_hex(4))
        self.seed.setAccessibleName(self.tr("Seed"))
        rules = QHBoxLayout()
        rules.setSpacing(14)
        for rule in (self.everyone, self.nth, self.random):
            self._rules.addButton(rule)
            rule.toggled.connect(self._on_rule)
            rules.addWidget(rule)
        rules.addStretch(1)
        self.n.textEdited.connect(self._on_rule)
        self.count.textEdited.connect(self._on_rule)
        self.seed.textEdited.connect(self._on_rule)
        left.addLayout(rules)
        self.seed.setFixedWidth(metrics.icon_size(160))
        self._rule_words: list[tuple[QWidget, QWidget]] = []
        values = QHBoxLayout()
        values.setSpacing(8)
        for words, part in (
            (self.tr("n"), self.n),
            (self.tr("How many"), self.count),
            (self.tr("Seed"), self.seed),
        ):
            name = PlainLabel(words, page, role="text-2")
            self._rule_words.append((name, part))
            values.addWidget(name)
            values.addWidget(part)
            values.addSpacing(8)
        values.addStretch(1)
        left.addLayout(values)
        fair = QHBoxLayout()
        fair.setSpacing(8)
        fair.addWidget(Pictogram("scales", 16, "text-3", parent=page))
        words = self.tr("Kept as a one-page record. Choosing by expected score is refused.")
        fair.addWidget(PlainLabel(words, page, role="text-2"), 1)
        left.addLayout(fair)
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
        below.addLayout(left, 1)
        below.addWidget(Separator(page, vertical=True))
        below.addLayout(right, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(Separator(page))
        column.addLayout(below)
        self._on_rule()
        return page

    def _build_run(self) -> QWidget:
        page = QWidget(self)
        self._state = PlainLabel(parent=page, font=fonts.title_font)
        self._progress = PlainLabel(parent=page, role="text-2")
        self._message = PlainLabel(parent=page, role="text-2", wrap=True)
        self.save_button = PushButton(
            self.tr("Save the result file"), page, icon="download-simple", small=True
        )
        self.record_button = PushButton(
            self.tr("Save the record of the choice"), page, icon="scales", small=True
        )
        self.save_button.clicked.connect(self._ask_result)
        self.record_button.clicked.connect(self._ask_record)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.record_button)
        buttons.addStretch(1)
        self.results = RowsView(page)
        head = QVBoxLayout()
        head.setContentsMargins(24, 10, 24, 12)
        head.setSpacing(4)
        for part in (self._state, self._progress, self._message):
            head.addWidget(part)
        head.addSpacing(6)
        head.addLayout(buttons)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.results, 1)
        return page

    # --- source and list -----------------------------------------------------------------------------------

    def set_sources(self, sources: Sequence[Source]) -> None:
        able = [s for s in sources if any(o.form.bulk and o.available.available for o in s.offers)]
        self._sources = able
        self.source.set_options([(str(s.account.id), f"{s.title}, {s.account.name}") for s in able])
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
        self.kind.set_value(form_id.partition(":")[2])
        self._on_kind()
        self.cards.choose(form_id)
        form = self.form()
        return form is not None and form.id == form_id

    def _on_source(self, *_value: object) -> None:
        source = self.chosen_source()
        offers = [o for o in source.offers if o.form.bulk] if source is not None else []
        kinds = [k for k in ReviewKind if any(o.form.kind is k for o in offers)]
        kinds.sort(key=lambda k: k is not ReviewKind.BUSINESS)
        self.kind.set_options([(k.value, kind_words(k)) for k in kinds] or [("", "")])
        self._on_kind()

    def _on_kind(self, *_value: object) -> None:
        source = self.chosen_source()
        offers = (
            [o for o in source.offers if o.form.bulk and o.form.kind.value == self.kind.value()]
            if source
            else []
        )
        self.cards.set_offers(offers)
        self.cards.tell(source.title if source is not None else "", "", listed=True)
        self._on_way()

    def _on_way(self, *_form: object) -> None:
        if self._table is not None and self.stack.currentIndex() == LOOK:
            self._look()
        self.changed.emit()

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
        if self._run is not None and self._run.progress.state in (RunState.RUNNING, RunState.PAUSED):
            self.said.emit(self.tr("A list is being worked on"))
            return
        self._busy = self.tr("Reading the list")
        self.changed.emit()
        self._bridge.run(read, done=self.open_table, failed=self._on_failed, owner=self, key="table")  # type: ignore[arg-type]

    def open_table(self, table: Table) -> None:
        """Show a list: the mapping of the last time for such a list, or a guess by its headings."""
        self._busy = ""
        self._table, self._plan, self._run = table, None, None
        self._results = []
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

    def _on_rule(self, *_value: object) -> None:
        shown = (self.nth.isChecked(), self.random.isChecked(), self.random.isChecked())
        for (name, part), visible in zip(self._rule_words, shown, strict=True):
            name.setVisible(visible)
            part.setVisible(visible)
        if self._table is not None:
            self._rest.start()

    def sample(self) -> Sample:
        """The rule that is chosen."""
        if self.nth.isChecked():
            return Sample(rule=Rule.EVERY_NTH, n=_whole(self.n))
        if self.random.isChecked():
            return Sample(rule=Rule.RANDOM, count=_whole(self.count), seed=self.seed.text().strip())
        return Sample()

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
            self.sample(),
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
        state = self._run.progress.state if self._run is not None else RunState.STOPPED
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
            and self._run is not None
            and self._run.progress.state in (RunState.RUNNING, RunState.PAUSED)
        ):
            return self.tr("Stop"), "stop"
        return "", ""

    def go_on(self) -> None:
        """What the first button says."""
        step = self.stack.currentIndex()
        if step == LOOK:
            self.start()
        elif step == RUN and self._run is not None:
            state = self._run.progress.state
            if state is RunState.RUNNING:
                self._run.pause()
            elif state is RunState.PAUSED:
                self._run.resume()
            elif state is RunState.STOPPED:
                self.start()
            else:
                self._table = None
                self._go(CHOOSE)
            self._tell_run()

    def second(self) -> None:
        """Dry run, or stop."""
        step = self.stack.currentIndex()
        if step == LOOK:
            self.dry_run()
        elif step == RUN and self._run is not None:
            self._run.stop()

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
        self._results = []
        self._shown_results = 0
        mapping = dict(plan.mapping)

        def begin() -> BulkRun:
            self._lists.remember_mapping(plan.table, mapping)
            return self._lists.start(plan, on_row=self._results.append)

        self._bridge.run(begin, done=self._on_started, failed=self._on_failed, owner=self, key="start")

    def _on_started(self, run: BulkRun) -> None:
        self._run = run
        self.results.show_columns(run.plan.table.headings, run.plan.mapping, choosing=False)
        self._go(RUN)
        self._watch.start()
        self._tell_run()

    def running(self) -> BulkRun | None:
        """The run that was started here last."""
        return self._run

    def _tell_run(self) -> None:
        run = self._run
        if run is None:
            return
        now = run.progress
        self._state.setText(
            {
                RunState.RUNNING: self.tr("Creating links")
                if not run.plan.form.way.sends
                else self.tr("Asking customers"),
                RunState.PAUSED: self.tr("Paused"),
                RunState.STOPPED: self.tr("Stopped"),
                RunState.DONE: self.tr("Done"),
            }[now.state]
        )
        counts = now.counts
        parts = [self.tr("{done} of {total} rows").format(done=_n(now.done), total=_n(now.total))]
        for state, words in (
            (RowState.INVITED, self.tr("{n} invited")),
            (RowState.SKIPPED, self.tr("{n} left out")),
            (RowState.BAD, self.tr("{n} with problems")),
            (RowState.UNKNOWN, self.tr("{n} not certain")),
        ):
            if counts.get(state):
                parts.append(words.format(n=_n(counts[state])))
        if now.state is RunState.RUNNING and now.seconds_left >= 1:
            parts.append(self.tr("{time} left").format(time=span_words(now.seconds_left)))
        self._progress.setText("  ·  ".join(parts))
        self._message.setText(now.message)
        self._message.setVisible(bool(now.message))
        if len(self._results) != self._shown_results:
            self._shown_results = len(self._results)
            self.results.table.set_rows(self._results[-_PREVIEW:][::-1], run.plan.mapping)
        ended = now.state in (RunState.DONE, RunState.STOPPED)
        self.save_button.setVisible(ended)
        self.record_button.setVisible(ended)
        if ended:
            self._watch.stop()
        self.changed.emit()

    def save_result(self, path: Path) -> None:
        """The result file: every row with its state, link and reason."""
        self._write(path, result_csv(tuple(self._results)))

    def save_record(self, path: Path) -> None:
        """The page that says how the customers were chosen, so that it can be done again."""
        if self._run is not None:
            try:
                self._write(path, self._lists.record(self._run.id))
            except ReviewdeskError as error:
                self.said.emit(error.message)

    def _write(self, path: Path, text: str) -> None:
        try:
            write_text(path, text)
        except (ReviewdeskError, OSError) as error:
            self.said.emit(error.message if isinstance(error, ReviewdeskError) else str(error))
        else:
            self.said.emit(self.tr("{file} is written").format(file=path.name))

    def _ask_result(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the result file"), "invitations.csv", "*.csv"
        )
        if chosen:
            self.save_result(Path(chosen))

    def _ask_record(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the record"), "how-chosen.txt", "*.txt")
        if chosen:
            self.save_record(Path(chosen))


def _whole(edit: QLineEdit) -> int:
    return int(edit.text()) if edit.text().isdecimal() else 0


def _n(number: int) -> str:
    return QLocale().toString(number)


def _medium() -> QFont:
    return fonts.list_font(500)
