"""A review with a twin: the reading pane names the other door and leads there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import ReplyMark, ReviewDetail, Twin
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.reading import ReadingPane
from reviewdesk.ui.widgets import PushButton, off_reason
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until

WHY = "The same words and the same stars by Ada, written 1 hour apart."


@pytest.fixture
def pane(themed: QApplication) -> Iterator[ReadingPane]:
    core = FakeCore()
    ids = list(core.inbox.ids(core.inbox.parse("")))
    other = core.inbox.rows(ids)[ids[1]]
    twin = Twin(
        id=other.id,
        account_id=other.account_id,
        native_id=other.native_id,
        shown=False,
        reply_mark=ReplyMark.ELSEWHERE,
        reason=WHY,
    )
    before = core.inbox.detail

    def detail(wanted: int) -> ReviewDetail | None:
        found = before(wanted)
        return replace(found, twins=(twin,)) if found is not None and wanted == ids[0] else found

    core.inbox.detail = detail  # type: ignore[method-assign]
    bridge = Bridge(core)  # type: ignore[arg-type]
    made = ReadingPane(core, bridge, zone=UTC)  # type: ignore[arg-type]
    made.resize(792, 824)
    made.show()
    made.show_review(ids[0])
    wait_until(lambda: made.detail() is not None)
    settle()
    yield made
    made.close()
    bridge.close()
    made.deleteLater()
    settle()


def test_the_other_door_is_named_and_leads_there(pane: ReadingPane) -> None:
    detail = pane.detail()
    assert detail is not None
    (sentence,) = pane.doors.sentences()
    assert sentence.startswith("Also came through ") and sentence.endswith(": answered there.")
    assert pane.doors.isVisible()
    button = pane.doors.findChild(PushButton)
    assert button is not None and WHY in button.accessibleDescription()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    wait_until(lambda: pane.current_id() == detail.twins[0].id and pane.detail() is not detail)
    settle()
    assert pane.doors.sentences() == [] and not pane.doors.isVisible()


def test_without_an_address_of_its_own_the_back_office_is_where_it_leads(
    pane: ReadingPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = pane.detail()
    assert detail is not None
    spec = pane.spec_of(detail)
    assert spec is not None
    spec = replace(spec, back_office_url="https://office.example/")
    monkeypatch.setattr(pane, "spec_of", lambda d: spec if d.row.account_id != 999 else None)
    assert pane.address_of(replace(detail, url="https://reviews.example/1")) == "https://reviews.example/1"
    assert pane.address_of(replace(detail, url=None)) == spec.back_office_url
    for shown, works in ((detail, True), (replace(detail, row=replace(detail.row, account_id=999)), False)):
        pane._fill(replace(shown, url=None))
        assert (off_reason(pane.head.provider) is None) is works
    nobody = replace(detail, url=None, row=replace(detail.row, account_id=999))
    assert pane.address_of(nobody) == ""
