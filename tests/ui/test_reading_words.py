"""What the reading pane says: words, differences, the order of the conversation. No window is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import (
    ActionKind,
    Author,
    Comment,
    OutboxItem,
    OutboxState,
    Product,
    ProviderState,
    ReplyMark,
    ReviewDetail,
    ReviewKind,
    ReviewRow,
    Role,
    SubScore,
    Target,
    Version,
    WorkState,
)
from reviewdesk.ui.reading.clip import (
    BODY_LIMIT,
    HEAD_LINES,
    LONGEST_RUN,
    broken,
    head_of,
    pieces,
    utf16_places,
)
from reviewdesk.ui.reading.diff import Change, differences
from reviewdesk.ui.reading.timeline import Frame, entries_of, live_reply
from reviewdesk.ui.reading.words import (
    AccountLabel,
    copy_text,
    detail_facts,
    edited_words,
    full_time,
    language_name,
    name_of,
    private_fields,
    score_words,
    sub_score_words,
    verified_words,
    when_words,
    work_state_words,
)

NOW = datetime(2026, 6, 1, 10, 45, tzinfo=UTC).timestamp()
LABEL = AccountLabel(1, "Harbour FR", "TP", "Trustpilot", 1)


def a_row(**values: object) -> ReviewRow:
    fields: dict[str, object] = {
        "id": 7, "account_id": 1, "kind": ReviewKind.PRODUCT, "native_id": "r7", "score": 2, "score_min": 1,
        "score_max": 5, "score100": 25, "author_name": "Pierre L.", "product_name": "Headset X2", "order_id": "28592",
        "snippet": "Livraison tardive", "language": "fr", "created_at": int(NOW - 9000), "updated_at": None,
        "provider_state": ProviderState.PUBLISHED, "work_state": WorkState.NEEDS_REPLY, "reply_mark": ReplyMark.NONE,
        "unread": True, "starred": False, "edited": False, "has_photo": False, "has_draft": False, "owner": None,
        "tags": (), "source": None,
    }  # fmt: skip
    return ReviewRow(**(fields | values))  # type: ignore[arg-type]


def a_detail(row: ReviewRow | None = None, **values: object) -> ReviewDetail:
    fields: dict[str, object] = {
        "row": row or a_row(), "title": "Livraison tardive", "body": "Le câble manque.",
        "author": Author(name="Pierre L.", email="pierre@example.org"), "product": Product(name="Headset X2"),
        "reference": "HB-1", "sub_scores": (), "attachments": (), "facts": (), "private_facts": (), "thread_id": None,
        "thread_state": None, "comments": (), "versions": (), "notes": (), "raw": "{}", "url": None,
    }  # fmt: skip
    return ReviewDetail(**(fields | values))  # type: ignore[arg-type]


def an_item(number: int = 1, **values: object) -> OutboxItem:
    fields: dict[str, object] = {
        "id": number, "kind": ActionKind.REPLY, "account_id": 1, "review_id": 7, "target": Target.PUBLIC,
        "text": "Bonjour", "payload": {}, "state": OutboxState.WAITING, "created_at": NOW, "not_before": NOW + 8,
    }  # fmt: skip
    return OutboxItem(**(fields | values))  # type: ignore[arg-type]


# --- words -----------------------------------------------------------------------------------------


def test_scores_are_words_on_their_own_scale() -> None:
    assert score_words(2, 5) == "2 of 5"
    assert score_words(9, 10) == "9 of 10"
    assert score_words(4.5, 5) == "4.5 of 5"
    assert score_words(None, 5) == "No score"
    assert score_words(float("nan"), 5) == "No score"
    assert sub_score_words(SubScore("Delivery", 1), 5) == ("Delivery", "1 of 5")
    assert sub_score_words(SubScore("Delivery", None), 5) == ("Delivery", "no score")
    assert sub_score_words(SubScore("Delivery", 80), 5) == ("Delivery", "80")


def test_times_are_local_and_the_stored_one_stays_visible() -> None:
    east = timezone(timedelta(hours=2))
    assert when_words(NOW - 3600, NOW, UTC) == "today 09:45"
    assert when_words(NOW - 3600, NOW, east) == "today 11:45"
    assert when_words(NOW - 86_400, NOW, UTC) == "yesterday 10:45"
    assert when_words(datetime(2026, 1, 12, 8, 0, tzinfo=UTC).timestamp(), NOW, UTC) == "12 Jan 08:00"
    assert when_words(datetime(2024, 1, 12, 8, 0, tzinfo=UTC).timestamp(), NOW, UTC) == "12 Jan 2024 08:00"
    assert "2026-06-01 09:45:00 UTC" in full_time(NOW - 3600, east)
    assert "11:45" in full_time(NOW - 3600, east)


@pytest.mark.parametrize("at", [1e18, -1e18, 9e12, float(2**63)])
def test_a_time_beyond_every_calendar_is_said_to_be_unknown(at: float) -> None:
    assert when_words(at, NOW, UTC) == "date unknown"
    assert full_time(at, UTC) == "date unknown"


def test_a_time_in_the_future_is_doubted() -> None:
    assert "(date?)" in when_words(NOW + 3 * 86_400, NOW, UTC)


def test_edited_says_when_and_what_the_score_was() -> None:
    row = a_row(edited=True, updated_at=int(NOW - 180))
    assert edited_words(a_detail(row, versions=(Version(None, 3, "", "x"),)), NOW, UTC) == (
        "Edited 10:42, was 3 of 5"
    )
    assert edited_words(a_detail(row, versions=(Version(None, 2, "", "x"),)), NOW, UTC) == "Edited 10:42"
    assert edited_words(a_detail(), NOW, UTC) == ""


def test_states_in_words() -> None:
    assert work_state_words(a_row(), NOW, UTC) == "Needs reply"
    snoozed = a_row(work_state=WorkState.SNOOZED, snooze_until=int(NOW + 86_400))
    assert work_state_words(snoozed, NOW, UTC) == "Snoozed until tomorrow 10:45"


def test_language_and_verified() -> None:
    assert language_name("fr") == "French"
    assert language_name("pt-BR") == "Portuguese"
    assert language_name(None) == ""
    assert language_name("<b>x</b>") == "<b>x</b>"
    assert verified_words(a_detail(facts=(("Verified order", "yes"),))) == "verified order"
    assert verified_words(a_detail(facts=(("Verified", "false"),))) == "not verified"
    assert verified_words(a_detail()) == ""


def test_a_name_shows_what_tries_to_hide() -> None:
    assert name_of(a_detail(author=Author(name="abc\u202etxt.exe"))) == "abc[U+202E]txt.exe"
    assert name_of(a_detail(a_row(author_name=None), author=Author())) == "No name"


def test_empty_facts_leave_no_label_and_every_fact_is_there_once() -> None:
    detail = a_detail(
        facts=(("Verified", "yes"), ("Tip", "Buy the case"), ("Empty", "  ")), url="https://shop.example/1"
    )
    facts = detail_facts(detail, LABEL, UTC)
    assert ("Tip", "Buy the case") in facts
    assert all(value for _, value in facts)
    assert len(facts) == len(set(facts))
    assert not any("pierre@example.org" in value for _, value in facts)
    assert private_fields(detail) == [
        ("E-mail", "pierre@example.org"),
        ("Order", "28592"),
        ("Reference", "HB-1"),
    ]
    bare = a_detail(a_row(order_id=None), author=Author(name="A"), reference=None)
    assert private_fields(bare) == []


def test_what_is_copied_never_holds_private_data() -> None:
    detail = a_detail(
        private_facts=(("Phone", "+33 1 23 45"),),
        comments=(Comment(id="1", author="Anna", role=Role.BUSINESS, text="Merci", created_at=int(NOW)),),
        notes=((1, int(NOW), "call him"),),
    )
    text = copy_text(detail, LABEL, UTC)
    assert "2 of 5" in text and "Le câble manque." in text and "Merci" in text
    for secret in ("pierre@example.org", "28592", "HB-1", "+33", "call him"):
        assert secret not in text
    hidden = replace(detail, thread_state="private")
    assert "Merci" not in copy_text(hidden, LABEL, UTC)


# --- clipping --------------------------------------------------------------------------------------


def test_a_long_text_shows_its_beginning() -> None:
    head, more = head_of("x" * (BODY_LIMIT + 1))
    assert more and len(head) == BODY_LIMIT
    assert head_of("short") == ("short", False)
    lines, more = head_of("a\n" * 5000)
    assert more and lines.count("\n") < HEAD_LINES


@given(st.text(alphabet="ab \n😀\u0301", max_size=3000), st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_breaking_changes_nothing_but_line_ends(text: str, run: int) -> None:
    whole = text + "x" * run + text
    shown = broken(whole)
    assert shown.replace("\n", "") == whole.replace("\n", "")
    assert max((len(line) for line in shown.split("\n")), default=0) <= 10 * LONGEST_RUN


def test_pieces_give_the_whole_text_with_empty_lines_squeezed() -> None:
    text = "word " * 30_000 + "\n" * 50 + "end"
    joined = "".join(pieces(text))
    assert joined.replace("\n", "") == text.replace("\n", "")
    assert "\n" * 4 not in joined


@given(st.text(max_size=60), st.data())
@settings(max_examples=80, deadline=None)
def test_places_are_counted_as_qt_counts(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    units = text.encode("utf-16-le", "surrogatepass")
    ((first, last),) = utf16_places(text, [(start, end)])
    assert units[2 * first : 2 * last].decode("utf-16-le", "surrogatepass") == text[start:end]


# --- differences -----------------------------------------------------------------------------------


@given(st.text(alphabet="ab 明d.\n", max_size=60), st.text(alphabet="ab 明d.\n", max_size=60))
@settings(max_examples=200, deadline=None)
def test_differences_give_back_both_texts(old: str, new: str) -> None:
    parts = differences(old, new)
    assert "".join(p.text for p in parts if p.change is not Change.ADDED) == old
    assert "".join(p.text for p in parts if p.change is not Change.REMOVED) == new


def test_differences_are_whole_words() -> None:
    parts = differences("Le casque est bon.", "Le casque est cassé.")
    assert [(p.change, p.text) for p in parts] == [
        (Change.SAME, "Le casque est "),
        (Change.REMOVED, "bon"),
        (Change.ADDED, "cassé"),
        (Change.SAME, "."),
    ]


def test_texts_far_apart_are_replaced_as_a_whole() -> None:
    old = " ".join(f"a{n}" for n in range(4000))
    new = " ".join(f"b{n}" for n in range(4000))
    parts = differences(old, new)
    assert "".join(p.text for p in parts if p.change is Change.REMOVED).startswith("a0 a1")
    assert len(parts) < 10


# --- the conversation ------------------------------------------------------------------------------


def test_the_conversation_is_in_order_and_says_who_and_when() -> None:
    detail = a_detail(
        comments=(
            Comment(id="1", author="Anna", role=Role.BUSINESS, text="a", created_at=int(NOW - 5700)),
            Comment(id="2", author="Pierre L.", role=Role.CONSUMER, text="b", created_at=int(NOW - 300),
                    updated_at=int(NOW - 180)),
            Comment(id="3", author=None, role=Role.MODERATOR, text="c", created_at=int(NOW - 200)),
        ),
        notes=((4, int(NOW - 4000), "called him"),),
    )  # fmt: skip
    entries = entries_of(detail, LABEL, NOW, UTC)
    assert [(e.who, e.when, e.audience, e.text) for e in entries] == [
        ("Anna, Harbour FR", "09:10", "Public", "a"),
        ("Note", "09:38", "Only your team", "called him"),
        ("Pierre L.", "10:40", "Public", "b"),
        ("Trustpilot", "10:41", "Public", "c"),
    ]
    assert entries[0].state == "Delivered 09:10"
    assert entries[1].frame == Frame.PRIVATE
    assert entries[2].edited == "edited 10:42"
    assert not entries[2].ours


def test_comments_without_a_time_keep_their_place() -> None:
    comments = (
        Comment(id=None, author="A", role=Role.CONSUMER, text="1", created_at=int(NOW - 500)),
        Comment(id=None, author="B", role=Role.CONSUMER, text="2"),
        Comment(id=None, author="C", role=Role.CONSUMER, text="3", created_at=int(NOW - 100)),
    )
    entries = entries_of(a_detail(comments=comments), LABEL, NOW, UTC)
    assert [e.text for e in entries] == ["1", "2", "3"]
    assert len({e.key for e in entries}) == 3


def test_a_private_conversation_is_private() -> None:
    detail = a_detail(
        thread_state="private",
        comments=(Comment(id="1", author="P", role=Role.CONSUMER, text="x", created_at=int(NOW)),),
    )
    (entry,) = entries_of(detail, LABEL, NOW, UTC)
    assert (entry.audience, entry.private, entry.frame) == ("Private", True, Frame.PRIVATE)


@pytest.mark.parametrize(
    ("item", "state", "acts"),
    [
        (an_item(), "Waiting", ("undo", "hold")),
        (an_item(not_before=NOW - 60), "Waiting for the connection", ("undo", "hold")),
        (an_item(scheduled_for=NOW + 7200, not_before=NOW + 7200), "Goes out today 12:45", ("undo", "hold")),
        (an_item(attempts=1, not_before=NOW + 900, error=ErrorInfo("network", "No network")),
         "Waiting, next try 11:00", ("undo", "hold")),
        (an_item(state=OutboxState.SENDING), "Publishing", ()),
        (an_item(state=OutboxState.SENDING, target=Target.PRIVATE), "Sending privately", ()),
        (an_item(state=OutboxState.VERIFYING), "Checking whether it arrived", ()),
        (an_item(state=OutboxState.HELD, error=ErrorInfo("held", "Held by you")), "Held by you", ("undo", "retry")),
        (an_item(state=OutboxState.HELD, error=ErrorInfo("unclear", "Look first")), "Held", ("retry", "discard")),
        (an_item(state=OutboxState.HELD, error=ErrorInfo("conflict", "Answered")), "Held",
         ("undo", "retry", "discard")),
        (an_item(state=OutboxState.FAILED, error=ErrorInfo("refused", "“Duplicate comment”")), "Not accepted",
         ("undo", "retry", "discard")),
        (an_item(state=OutboxState.SENT, finished_at=NOW - 60), "Delivered 10:44", ()),
    ],
)  # fmt: skip
def test_our_own_items_stand_in_the_conversation_with_their_true_state(
    item: OutboxItem, state: str, acts: tuple[str, ...]
) -> None:
    (entry,) = entries_of(a_detail(outbox=(item,)), LABEL, NOW, UTC)
    assert (entry.state, entry.acts, entry.outbox_id) == (state, acts, 1)
    assert entry.private is (item.target is Target.PRIVATE)
    assert (entry.frame == Frame.WAITING) is (item.state is not OutboxState.SENT)
    assert "sent" not in entry.spoken().casefold().split()
    if item.error is not None and item.error.kind not in ("held",):
        assert item.error.message in entry.detail


def test_a_delivered_reply_is_shown_once() -> None:
    comment = Comment(id="c1", author="Anna", role=Role.BUSINESS, text="Bonjour ", created_at=int(NOW))
    by_text = an_item(state=OutboxState.SENT, finished_at=NOW)
    by_id = an_item(2, state=OutboxState.SENT, finished_at=NOW, text="other", remote_id="c1")
    entries = entries_of(a_detail(comments=(comment,), outbox=(by_text, by_id)), LABEL, NOW, UTC)
    assert [e.key for e in entries] == ["c:c1"]
    waiting = an_item(3)
    entries = entries_of(a_detail(comments=(comment,), outbox=(waiting,)), LABEL, NOW, UTC)
    assert [e.key for e in entries] == ["c:c1", "o:3"]
    assert live_reply(a_detail(outbox=(waiting,)), Target.PUBLIC) is waiting
    assert live_reply(a_detail(outbox=(by_text,)), Target.PUBLIC) is None
