"""The invitation window and the page of who was asked, over practice servers: words, guard, codes, lists, history."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from reviewdesk.domain.invitations.model import Invitation, InviteState, InviteWay
from reviewdesk.domain.models import ReviewKind
from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from reviewdesk.services.invitation_codes import qr_code
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations_bulk import RunState
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.bulk import LOOK, RUN
from reviewdesk.ui.invitations.page import BLOCKED, InvitationsPage
from reviewdesk.ui.invitations.room import _from_selection, open_invite
from reviewdesk.ui.invitations.sheet import paint_page
from reviewdesk.ui.invitations.window import LIST, ONE, InviteWindow
from reviewdesk.ui.invitations.words import day_words
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.widgets import PushButton
from reviewdesk.ui.widgets.focus import wants_ring
from tests.support.codes import grey_svg, read_grey
from tests.support.core import open_practice

HEAD = "mail;order_no;bought_on;first;lang"
"""Headings that are found by themselves."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Core, PracticeShop]]:
    folder = tmp_path_factory.mktemp("invite")
    with open_practice(folder, providers=("trustpilot", "sitejabber")) as (core, practice):
        core.process.appear()
        core.outbox.automatic = True
        yield core, practice


@pytest.fixture
def desk(themed: object, qtbot, shop: tuple[Core, PracticeShop]) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    core, _ = shop
    bridge = Bridge(core)
    window = MainWindow(core, bridge)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    qtbot.waitUntil(lambda: window.entry() is not None)
    yield window
    window.close()
    bridge.close()


@pytest.fixture
def invite(themed: object, qtbot, shop: tuple[Core, PracticeShop]) -> Iterator[InviteWindow]:  # type: ignore[no-untyped-def]
    """The window by itself: the main window behind it takes seconds to make."""
    bridge = Bridge(shop[0])
    window = InviteWindow(bridge)
    window.resize(960, 664)
    window.show()
    qtbot.waitUntil(lambda: len(window.sources()) >= 3)
    yield window
    window.close()
    bridge.close()


def customer(name: str, order: str) -> dict[str, str]:
    return {"email": f"{name}@example.org", "name": name.title(), "order_id": order}


def made_link(invite: InviteWindow, qtbot, name: str, order: str) -> Invitation:  # type: ignore[no-untyped-def]
    assert invite.single.choose("Harbour DK", "link:business")
    invite.single.fill(customer(name, order))
    invite.go_on()
    qtbot.waitUntil(lambda: bool(invite.single.result.address()), timeout=10_000)
    made = invite.single.result.invitation()
    assert made is not None
    return made


# --- links and e-mails can't be taken for each other -----------------------------------------------------


def test_a_link_and_an_email_differ_in_words_colour_icon_and_line(invite: InviteWindow) -> None:
    invite.single.fill(customer("ada", "W-1"))
    for account in ("Harbour DK", "harbour.example"):
        for kind in ("business", "product"):
            assert invite.single.choose(account, f"link:{kind}")
            link = (invite.go.text(), *invite.single.go_words()[1:], invite.sentence.text())
            assert invite.single.cards.choose(f"email:{kind}")
            mail = (invite.go.text(), *invite.single.go_words()[1:], invite.sentence.text())
            assert all(a != b for a, b in zip(link, mail, strict=True))
            assert link[0] == "Create link" and "nobody is e-mailed" in link[3]
            assert mail[0] == "E-mail to ada@example.org" and "will e-mail ada@example.org" in mail[3]
            assert (link[2], mail[2]) == ("primary", "private")


def test_the_link_is_what_is_chosen_to_begin_with(invite: InviteWindow) -> None:
    for source in invite.sources():
        for kind in ("business", "product"):
            invite.single.choose(source.account.name, f"link:{kind}")
            form = invite.single.form()
            if form is not None and any(o.form.way is InviteWay.LINK for o in source.offers):
                assert not form.way.sends
    # Going on to another source never carries the sending along to where it was not chosen.
    assert invite.single.form() is not None


# --- one customer ------------------------------------------------------------------------------------------


def test_what_is_missing_is_named_at_its_field_and_nothing_is_queued(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    core, _ = shop
    before = len(core.invitations.history())
    assert invite.single.choose("Harbour DK", "link:business")
    invite.single.next_customer()
    qtbot.keyClicks(invite.single.fields.row("email").edit, "ada@example")
    assert "no ending" in invite.single.fields.row("email").help.text()
    assert invite.single.fields.row("order_id").help.isHidden(), "not before it was tried"
    invite.go_on()
    assert "missing" in invite.single.fields.row("order_id").help.text()
    assert "missing" in invite.sentence.text() or "no ending" in invite.sentence.text()
    assert len(core.invitations.history()) == before


def test_a_link_is_the_servers_and_its_code_reads_back_from_every_file(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    tmp_path: Path,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    _, practice = shop
    made = made_link(invite, qtbot, "bea", "C-1")
    address = invite.single.result.address()
    record = practice.trustpilot.invitations[-1]
    assert record["email"] == "bea@example.org" and address.endswith(record["id"]) and made.link == address
    assert "nothing was sent" in invite.single.result._head.text()
    invite.single.result.copy()
    assert QGuiApplication.clipboard().text() == address
    for name in ("code.png", "code.svg", "code.pdf"):
        invite.single.result.save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    assert decoded(QImage(str(tmp_path / "code.png"))) == address
    assert read_grey(grey_svg((tmp_path / "code.svg").read_text(encoding="utf-8"), 400)) == address
    assert (tmp_path / "code.pdf").read_bytes().startswith(b"%PDF-")
    sheet = QImage(1700, 2400, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    paint_page(painter, 10, qr_code(address), "Your review", "Point the camera at the code.")
    painter.end()
    assert decoded(sheet) == address
    for scheme in ("light", "dark", "contrast"):
        from reviewdesk.ui.theme import theme

        theme().set_scheme(scheme)
        QTest.qWait(20)
        assert decoded(invite.single.result.qr.grab().toImage()) == address, scheme
    invite.single.result.save(tmp_path / "nowhere" / "code.png")
    assert "can't be written" in invite.sentence.text()


def decoded(image: QImage) -> str:
    """What another library reads in a picture."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = [bytes(grey.constScanLine(y))[: grey.width()] for y in range(grey.height())]
    return read_grey((grey.width(), grey.height(), b"".join(rows)))


def test_the_second_one_is_stopped_with_the_date_and_link_of_the_first(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    _, practice = shop
    made = made_link(invite, qtbot, "cleo", "G-1")
    invite.single.next_customer()
    sent = len(practice.trustpilot.invitations)
    invite.single.choose("Harbour FR", "email:business")
    invite.single.fill(customer("cleo", "G-1"))
    qtbot.waitUntil(lambda: invite.single.earlier() is not None)
    assert "Invited already on" in invite.sentence.text()
    invite.go_on()
    qtbot.waitUntil(lambda: "invited already" in invite.bar.message())
    buttons = invite.bar._buttons
    assert [b.text() for b in buttons] == ["Show the earlier link"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert invite.single.result.address() == made.link
    assert len(practice.trustpilot.invitations) == sent


def test_an_email_can_be_taken_back_until_it_goes_out(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    core, practice = shop
    core.settings.set(UNDO_DELAY_S, 30).result(5)
    sent = len(practice.trustpilot.invitations)
    invite.single.choose("Harbour DK", "email:business")
    invite.single.fill(customer("dora", "T-1"))
    invite.go_on()
    qtbot.waitUntil(lambda: invite.single.result.back.isVisible())
    assert "not sent yet" in invite.single.result._head.text()
    qtbot.mouseClick(invite.single.result.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state(core, "T-1") is InviteState.DROPPED)
    qtbot.waitUntil(lambda: "Taken back" in invite.single.result._head.text())
    core.settings.set(UNDO_DELAY_S, 0).result(5)
    invite.single.next_customer()
    invite.single.fill(customer("dora", "T-1"))
    invite.go_on()
    qtbot.waitUntil(
        lambda: "told to e-mail dora@example.org" in invite.single.result._head.text(), timeout=10_000
    )
    assert len(practice.trustpilot.invitations) == sent + 1
    assert invite.go.text() == "Next customer" and not invite.single.result.link.isVisible()


def state(core: Core, order: str) -> InviteState | None:
    return next((i.state for i in core.invitations.history(order)), None)


def test_the_templates_of_the_source_are_offered(
    invite: InviteWindow,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    invite.single.choose("Harbour DK", "email:business")
    qtbot.mouseClick(invite.single.fields.more, Qt.MouseButton.LeftButton)
    row = invite.single.fields.row("template_id")
    qtbot.waitUntil(lambda: len(row.choice._options) > 1)
    row.choice._pick(row.choice._options[1][0])
    assert invite.single.fields.values()["template_id"] == row.choice._options[1][0]


# --- a list ----------------------------------------------------------------------------------------------------


def listed(tmp_path: Path, tag: str, good: int) -> Path:
    rows = [HEAD] + [f"{tag}{n}@example.org;{tag}-{n};2026-10-0{n % 9 + 1};Name {n};fr" for n in range(good)]
    rows[2:2] = [
        f"h.sommer@example;{tag}-90;2026-10-09;Heike;de",
        "l.ortega@example.org;;2026-10-10;Luis;es",
    ]
    path = tmp_path / f"{tag}.csv"
    path.write_text("\n".join(rows), encoding="cp1252")
    return path


def looked(invite: InviteWindow) -> Callable[[], bool]:
    return lambda: invite.bulk.plan() is not None and invite.bulk.stack.currentIndex() == LOOK


def test_a_list_is_looked_at_without_a_request_and_run_to_its_result_file(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    tmp_path: Path,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    _, practice = shop
    before = len(practice.trustpilot.invitations)
    requests = len(practice.journal.entries())
    invite.show_page(LIST)
    assert invite.bulk.choose("Harbour DK", "link:business")
    invite.bulk.open_file(listed(tmp_path, "list", 4))
    qtbot.waitUntil(looked(invite), timeout=10_000)
    plan = invite.bulk.plan()
    assert plan is not None and (plan.total, plan.bad, plan.ready) == (6, 2, 4)
    assert [(f.row, f.column) for f in plan.faults] == [(2, "mail"), (3, "order_no")]
    model = invite.bulk.view.table
    assert model.rowCount() == 6
    assert model.is_bad(model.index(1, 1)) and not model.is_bad(model.index(0, 1))
    assert "no ending" in model.text(model.index(1, 6)) and "missing" in model.text(model.index(2, 6))
    assert invite.go.text() == "Create 4 links" and "nothing is e-mailed" in invite.sentence.text()
    qtbot.mouseClick(invite.second, Qt.MouseButton.LeftButton)
    assert "no request was made" in invite.sentence.text()
    assert len(practice.journal.entries()) == requests
    invite.go_on()
    qtbot.waitUntil(lambda: invite.bulk.stack.currentIndex() == RUN)
    run = invite.bulk.running()
    assert run is not None
    qtbot.waitUntil(lambda: run.progress.state is RunState.DONE, timeout=20_000)
    qtbot.waitUntil(lambda: invite.bulk.runner.save_button.isVisible())
    assert len(practice.trustpilot.invitations) == before + 4
    invite.bulk.runner.save_result(tmp_path / "result.csv")
    with (tmp_path / "result.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["state"] for r in rows] == ["invited", "bad", "bad", "invited", "invited", "invited"]
    assert {r["link"].rpartition("-")[2] for r in rows if r["link"]} == {
        i["id"] for i in practice.trustpilot.invitations[before:]
    }
    invite.bulk.runner.save_record(tmp_path / "record.txt")
    assert "No score" in (tmp_path / "record.txt").read_text(encoding="utf-8")
    # The same list again: everybody was asked, and the mapping is remembered.
    invite.bulk.go_on()
    invite.bulk.open_file(tmp_path / "list.csv")
    qtbot.waitUntil(looked(invite), timeout=10_000)
    again = invite.bulk.plan()
    assert again is not None and again.ready == 0
    assert "like last time" in invite.bulk._about.text()


def test_columns_are_mapped_by_hand_and_a_sample_is_drawn_from_a_seed(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    text = "who\tbill\n" + "\n".join(f"s{n}@example.org\tS-{n}" for n in range(20))
    QGuiApplication.clipboard().setText(text)
    invite.show_page(LIST)
    assert invite.bulk.choose("Harbour DK", "link:business")
    invite.bulk.paste()
    qtbot.waitUntil(looked(invite), timeout=10_000)
    plan = invite.bulk.plan()
    assert plan is not None and plan.bad == 20
    invite.bulk.view.head.choice(0)._pick("email")
    invite.bulk.view.head.choice(1)._pick("order_id")
    qtbot.waitUntil(lambda: (p := invite.bulk.plan()) is not None and p.ready == 20, timeout=10_000)
    invite.bulk.rules.random.setChecked(True)
    invite.bulk.rules.count.setText("5")
    invite.bulk.rules.seed.setText("spring")
    invite.bulk.rules._on_rule()
    qtbot.waitUntil(lambda: (p := invite.bulk.plan()) is not None and p.ready == 5, timeout=10_000)
    first = invite.bulk.plan()
    assert first is not None and first.chosen is not None
    assert invite.go.text() == "Create 5 links"
    invite.bulk.rules.nth.setChecked(True)
    invite.bulk.rules.n.setText("4")
    invite.bulk.rules._on_rule()
    qtbot.waitUntil(
        lambda: (p := invite.bulk.plan()) is not None and p.chosen == {1, 5, 9, 13, 17}, timeout=10_000
    )


def test_a_list_of_emails_says_so_on_its_button(invite: InviteWindow, tmp_path: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    invite.show_page(LIST)
    assert invite.bulk.choose("Harbour DK", "email:business")
    invite.bulk.open_file(listed(tmp_path, "mails", 3))
    qtbot.waitUntil(looked(invite), timeout=10_000)
    assert invite.go.text() == "E-mail 3 customers" and invite.go.kind() == "private"
    assert "will e-mail every customer" in invite.sentence.text()
    assert invite.page() == LIST
    invite.show_page(ONE)
    assert invite.go.text() != "E-mail 3 customers"


def test_what_is_no_list_is_refused_in_the_window(invite: InviteWindow, tmp_path: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    invite.show_page(LIST)
    invite.bulk.open_file(tmp_path / "old.xls")
    qtbot.waitUntil(lambda: "old workbook" in invite.bar.message())


# --- from the inbox, and who was asked ----------------------------------------------------------------------------


def test_a_selection_by_score_is_refused_with_the_rule(desk: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    for query in ("stars:>=4", "-stars:1", "(stars:5 OR lang:fr)"):
        desk.bar.hide()
        desk.inbox.set_query(desk.core.inbox.parse(query), name="x")
        _from_selection(desk)
        assert "chosen" in desk.bar.message() or "score" in desk.bar.message(), query
        assert "Ask all your customers" in desk.bar.message()


def test_reviews_become_a_list_with_each_customer_and_order_once(
    desk: MainWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    from reviewdesk.ui.invitations.room import _list_of

    core, _ = shop
    account = core.accounts.by_name("Harbour DK")
    assert all(report.ok for report in core.sync.run([account], False))
    ids = list(core.inbox.ids(core.inbox.parse('account:"Harbour DK"')))[:60]
    table = Table.open_text(_list_of(desk.bridge, ids))
    rows = [cells for _, cells in table.rows()]
    assert table.headings[:3] == ("email", "name", "order_id") and rows
    assert len({(r[0], r[2]) for r in rows}) == len(rows)
    window = open_invite(desk)
    window.open_list(table)
    qtbot.waitUntil(looked(window), timeout=10_000)
    window.close()


def test_the_page_shows_who_was_asked_takes_back_and_keeps_the_answer(
    desk: MainWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    core, practice = shop
    account = core.accounts.by_name("harbour.example")
    values = {"email": "eve@example.org", "order_id": "H-1", "order_date": "2026-10-09"}
    made = core.invitations.invite(account.id, InviteWay.LINK, ReviewKind.BUSINESS, values).result(5)
    page = desk.show_page("invitations")
    assert isinstance(page, InvitationsPage)
    page.set_filter("H-1")
    qtbot.waitUntil(
        lambda: page.history.table.rowCount() == 1 and state(core, "H-1") is InviteState.INVITED,
        timeout=20_000,
    )
    page.refresh()
    qtbot.waitUntil(lambda: "Link created" in words(page), timeout=10_000)
    assert "eve@example.org" in words(page) and "harbour.example" in words(page)
    shown: list[object] = []
    page.shown_wanted.connect(shown.append)
    qtbot.mouseClick(page.show_button, Qt.MouseButton.LeftButton)
    assert [getattr(i, "id", 0) for i in shown] == [made.id]
    assert bool(page.review_button.property("off"))
    qtbot.mouseClick(page.withdraw_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "H-1" in page._answer.text(), timeout=30_000)
    assert "Taken back" in words(page)
    general = core.invitations.invite(account.id, InviteWay.WRITE_LINK, ReviewKind.BUSINESS, {}).result(5)
    page.set_filter("")
    qtbot.waitUntil(
        lambda: (now := core.invitations.get(general.id)) is not None and bool(now.link), timeout=30_000
    )
    ended = core.invitations.get(general.id)
    assert ended is not None and ended.expires_at is not None
    qtbot.waitUntil(lambda: f"Valid to {day_words(ended.expires_at)}" in words(page), timeout=10_000)
    assert not [r for r in practice.sitejabber.requests if r["order_id"] == "H-1"]


def words(page: InvitationsPage) -> str:
    index = page.history.table.index(0, 0)
    return str(page.history.table.data(index, Qt.ItemDataRole.AccessibleTextRole))


def test_who_is_on_the_list_is_never_asked(
    desk: MainWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page = desk.show_page("invitations")
    assert isinstance(page, InvitationsPage)
    page.set_filter("")
    page.show_tab(BLOCKED)
    page.address.setText("Fay@example.org")
    page.reason.setText("asked us")
    qtbot.mouseClick(page.block_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.blocked.table.rowCount() == 1)
    invite = open_invite(desk)
    qtbot.waitUntil(lambda: len(invite.sources()) >= 3)
    invite.single.choose("Harbour DK", "link:business")
    invite.single.fill(customer("fay", "N-1"))
    invite.go_on()
    qtbot.waitUntil(lambda: "do-not-contact list" in invite.bar.message())
    assert not invite.single.result.address()
    qtbot.mouseClick(page.unblock_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.blocked.table.rowCount() == 0)
    invite.close()


def test_the_key_and_the_button_open_the_one_window(desk: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    desk.focus_list()
    qtbot.keyClick(desk.inbox, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(50)
    shown = [w for w in desk.findChildren(InviteWindow) if w.isVisible()]
    button = next(b for b in desk.header.findChildren(PushButton) if b.text() == "Invite")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(w.isVisible() for w in desk.findChildren(InviteWindow)))
    again = [w for w in desk.findChildren(InviteWindow) if w.isVisible()]
    assert len(again) == 1 and shown in ([], again)
    assert open_invite(desk) is again[0]
    again[0].close()


class _Mail(QObject):
    """Takes what would go to the e-mail program."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[QUrl] = []

    @Slot(QUrl)
    def take(self, address: QUrl) -> None:
        self.got.append(address)


def test_a_draft_goes_to_the_persons_own_program_and_nothing_is_sent(
    invite: InviteWindow,
    shop: tuple[Core, PracticeShop],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    _, practice = shop
    made_link(invite, qtbot, "gil", "M-1")
    sent = len(practice.journal.entries())
    mail = _Mail()
    QDesktopServices.setUrlHandler("mailto", mail, "take")
    try:
        qtbot.mouseClick(invite.single.result.draft, Qt.MouseButton.LeftButton)
    finally:
        QDesktopServices.unsetUrlHandler("mailto")
    (address,) = mail.got
    text = unquote(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
    assert text.startswith("mailto:gil@example.org?") and invite.single.result.address() in text
    assert "nothing was sent" in invite.sentence.text()
    assert len(practice.journal.entries()) == sent


def test_a_link_for_each_product_is_one_choice_away(invite: InviteWindow) -> None:
    made = Invitation(
        id=1, account_id=1, outbox_id=None, run_id=None, run_row=None, way=InviteWay.LINK, kind=ReviewKind.PRODUCT,
        email="a@example.org", phone="", name="", order_id="1", order_date="", skus=("A", "B"), locale="",
        created_at=1_780_000_000, changed_at=1_780_000_000, state=InviteState.INVITED,
        links={"A": "https://shop.example/a", "B": "https://shop.example/b"},
    )  # fmt: skip
    result = invite.single.result
    result.show_invitation(made, "Sitejabber")
    assert result.which.isVisibleTo(result) and result.address() == "https://shop.example/a"
    result.which._pick("B")
    assert result.address() == "https://shop.example/b"
    assert decoded(result.qr.grab().toImage()) == "https://shop.example/b"


def test_the_card_with_the_focus_has_one_sign_of_it(invite: InviteWindow) -> None:
    card = next(b for b in invite.single.cards.findChildren(QAbstractButton) if b.isCheckable())
    # It paints its own line; the ring that follows the focus of other buttons stays away.
    assert not wants_ring(card) and wants_ring(invite.findChildren(PushButton)[0])
