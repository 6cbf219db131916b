"""Saved replies through the service: found, resolved for a review, counted, kept as files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Target
from reviewdesk.services.saved_replies import SavedReply, SavedReplyService
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path / "profile", clock=FakeClock()) as made:
        yield made


@pytest.fixture
def saved(desk: Desk) -> SavedReplyService:
    service = desk.core.saved_replies
    for folder, name, texts in (
        (
            "Envío",
            "Retraso del envío",
            {"es": "Hola {{customer.first_name|amigo}}, llega el {{day}}.", "en": "Late."},
        ),
        ("Returns", "Retour gratuit", {"fr": "Le retour est gratuit."}),
        ("", "Thank you", {"": "Thank you {{customer.first_name|so much}}!"}),
    ):
        service.save(SavedReply(folder=folder, name=name, texts=texts)).result(5)
    return service


def names(service: SavedReplyService, words: str, language: str | None = None) -> list[str]:
    return [c.reply.name for c in service.search(words, language)]


def test_a_few_letters_find_it_in_the_review_s_language(saved: SavedReplyService) -> None:
    assert names(saved, "ret", "es") == ["Retraso del envío", "Retour gratuit"]
    assert names(saved, "ret", "fr-FR") == ["Retour gratuit", "Retraso del envío"]
    assert names(saved, "ENVIO") == ["Retraso del envío"]
    assert names(saved, "gratuit") == ["Retour gratuit"]
    assert names(saved, "nothing of the kind") == []
    choice = saved.search("retraso", "de")[0]
    assert (choice.language, choice.text) == ("en", "Late.")


def test_uses_are_counted_and_bring_it_up(saved: SavedReplyService) -> None:
    wanted = saved.search("thank")[0].reply
    assert names(saved, "")[0] != "Retour gratuit"
    for _ in range(3):
        saved.used(saved.search("gratuit")[0].reply.id).result(5)
    assert saved.search("gratuit")[0].reply.used == 3
    assert names(saved, "", "fr")[0] == "Retour gratuit"
    assert wanted.used == 0


def test_two_thousand_are_searched_in_time_to_type(saved: SavedReplyService, desk: Desk) -> None:
    from reviewdesk.store import saved_replies as stored

    def fill(tx: object) -> None:
        for n in range(1500):
            stored.put(tx, SavedReply(name=f"Reply {n}", texts={"en": f"Text {n} " * 30}))  # type: ignore[arg-type]

    desk.core.store.write(fill).result(20)
    saved._forget()
    saved.search("reply 14", "en")
    best = min(_timed(lambda: saved.search("reply 14", "en")) for _ in range(5))
    assert best < 0.05


def _timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def test_it_reads_what_is_known_of_the_review(saved: SavedReplyService, desk: Desk) -> None:
    review = desk.ids()[0]
    values = saved.values(review)
    detail = desk.core.inbox.detail(review)
    assert detail is not None
    assert values["account.name"] == "Shop" and values["customer.name"] == (detail.author.name or "")
    done = saved.resolve("{{account.name}} {{customer.email|}}{{day}}", values, Target.PUBLIC)
    assert done.text == "Shop {{day}}" and len(done.gaps) == 1
    assert saved.values(10**9) == {}


def test_private_fields_are_not_offered_for_public_texts(saved: SavedReplyService) -> None:
    public = {v.name for v in saved.variables(Target.PUBLIC)}
    private = {v.name for v in saved.variables(Target.PRIVATE)}
    assert private - public == {"customer.email", "order.number", "order.reference"}


def test_names_are_unique_in_their_folder_and_what_can_t_be_is_refused(saved: SavedReplyService) -> None:
    for reply in (
        SavedReply(name="THANK YOU", texts={"": "x"}),
        SavedReply(name=" ", texts={"": "x"}),
        SavedReply(name="Empty", texts={"en": " "}),
        SavedReply(name="Code", texts={"../x": "y"}),
        SavedReply(name="Long", texts={"": "x" * 20_001}),
    ):
        with pytest.raises(InvalidInput):
            saved.save(reply).result(5)
    assert saved.save(SavedReply(folder="Other", name="Thank you", texts={"": "x"})).result(5).id


def test_what_is_taken_away_can_be_brought_back(saved: SavedReplyService) -> None:
    gone = saved.remove(saved.search("thank")[0].reply.id).result(5)
    assert gone is not None and names(saved, "thank") == []
    from dataclasses import replace

    saved.save(replace(gone, id=0)).result(5)
    assert names(saved, "thank") == ["Thank you"]
    assert saved.remove(10**6).result(5) is None


# --- files -----------------------------------------------------------------------------------------


def test_a_file_carries_all_to_another_profile(saved: SavedReplyService, tmp_path: Path) -> None:
    file = tmp_path / "replies.json"
    assert saved.export_file(file) == 3
    with open_scripted(tmp_path / "other", clock=FakeClock()) as other:
        there = other.core.saved_replies
        assert there.import_file(file).added == 3
        assert [(r.folder, r.name, r.texts) for r in there.list()] == [
            (r.folder, r.name, r.texts) for r in saved.list()
        ]
        again = there.import_file(file)
        assert (again.added, again.changed, again.skipped) == (0, 3, ())


def test_a_broken_entry_is_named_and_the_others_come_in(saved: SavedReplyService, tmp_path: Path) -> None:
    file = tmp_path / "replies.json"
    replies = [
        {"name": "Good", "texts": {"en": "Fine"}},
        {"name": "", "texts": {"en": "x"}},
        7,
        {"name": "No"},
    ]
    file.write_text(json.dumps({"format": "reviewdesk-saved-replies", "version": 1, "replies": replies}))
    result = saved.import_file(file)
    assert result.added == 1 and [s.split(":")[0] for s in result.skipped] == [
        "Entry 2",
        "Entry 3",
        "Entry 4",
    ]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "x"}', "\udcff", "[" * 50_000,
                '{"format": "reviewdesk-saved-replies", "version": 2, "replies": []}']
)  # fmt: skip
def test_another_file_changes_nothing(saved: SavedReplyService, tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInput):
        saved.import_file(file)
    assert len(saved.list()) == 3
    with pytest.raises(InvalidInput):
        saved.import_file(tmp_path / "missing.json")
