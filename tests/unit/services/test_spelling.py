"""Spelling with the real library and the real dictionaries of this machine: English, French and German."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.spelling import names, words
from reviewdesk.services import dictionaries
from reviewdesk.services.dictionaries import Dictionaries, remedy
from reviewdesk.services.settings import SPELLING, SettingsService
from reviewdesk.services.spelling import MOST_MARKS, SpellingService
from reviewdesk.store.database import Store

FRENCH = (
    "Bonjour Pierre, merci pour ces précisions. Le câble manquant part aujourd’hui, l’équipe s’en occupe."
)
GERMAN = "Guten Tag, die Lieferverzögerung tut uns leid. Ihr Ersatzgerät ist unterwegs."
ENGLISH = "Thank you for telling us. We don’t know yet what happened to the colour."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Dictionaries:
    """The dictionaries, opened once: what they know does not depend on a test."""
    return Dictionaries(tmp_path_factory.mktemp("dictionaries"))


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[SettingsService]:
    store = Store.open(tmp_path / "s.db", clock=SystemClock(), on_change=lambda _changes: None)
    yield SettingsService(store)
    store.close()


@pytest.fixture
def spelling(settings: SettingsService, shared: Dictionaries, tmp_path: Path) -> Iterator[SpellingService]:
    made = SpellingService(settings, tmp_path / "spelling", shared)
    yield made
    made.close()


def wrong(
    spelling: SpellingService,
    text: str,
    *codes: str,
    spare: frozenset[str] = frozenset(),
    draft: object = "d",
) -> list[str]:
    units = text.encode("utf-16-le")
    found = spelling.marks(text, codes, spare, draft).marks
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in found]


def test_a_text_is_judged_in_its_own_language_whatever_the_system_speaks(
    spelling: SpellingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert wrong(spelling, FRENCH, "fr") == []
    assert wrong(spelling, "Merci pour votre pacience, le coli est retrouvé.", "fr") == ["pacience", "coli"]
    assert wrong(spelling, GERMAN, "de") == []
    assert wrong(spelling, "Ihre Lieferrung ist unterwegs.", "de") == ["Lieferrung"]
    assert "merci" in [word.lower() for word in wrong(spelling, FRENCH, "en")]


def test_where_no_language_is_known_the_text_tells_it(spelling: SpellingService) -> None:
    german = spelling.marks(f"{GERMAN} Die Lieferrung ist auf dem Weg zu Ihnen.", None, frozenset(), "d")
    assert german.state.codes == ("de",) and len(german.marks) == 1
    unknown = spelling.marks("Xyzzy", None, frozenset(), "d")
    assert unknown.state.codes == () and unknown.marks == ()


def test_several_languages_at_once(spelling: SpellingService) -> None:
    both = f"{FRENCH} {GERMAN} Lieferrung pacience"
    assert wrong(spelling, both, "fr", "de") == ["Lieferrung", "pacience"]
    assert len(wrong(spelling, both, "fr")) > 3


def test_names_numbers_addresses_and_places_are_not_marked(spelling: SpellingService) -> None:
    spare = names(["Krzysztof Wójcik", "harbourly.example", "Zephyrix X2", "Trustpilot"])
    text = (
        "Bonjour Wójcik, l’Harbourly et le Zephyrix X2 de la commande HB-FR-28592 (28592) : "
        "{{customer.first_nam|vvous}} écrivez à krz.wojjcik@exampel.org, https://harbourly.example/aaide?xx=yyzz "
        "ou www.harbourly.example, harbourly.example, #zzephyr, Trustpilot."
    )
    assert wrong(spelling, text, "fr", spare=spare) == []
    assert wrong(spelling, "Wójcik", "fr") == ["Wójcik"]


def test_other_letters_and_letters_beyond_the_first_plane(spelling: SpellingService) -> None:
    assert wrong(spelling, "田中 美咲 سارة الحداد Мария", "fr") == []
    assert wrong(spelling, "Merci 😀😀 pacience 😀 coli", "fr") == ["pacience", "coli"]


def test_parts_of_a_word_are_marked_by_themselves(spelling: SpellingService) -> None:
    assert wrong(spelling, "peut-être rendez-vous l’équippe", "fr") == ["équippe"]


def test_suggestions(spelling: SpellingService) -> None:
    found = spelling.suggest("malheureusemant", ("fr",))
    assert found[0] == "malheureusement" and len(found) <= 6
    assert spelling.suggest("x" * 20_000, ("fr",)) == ()
    assert spelling.suggest("recieve", ("xx",)) == ()


def test_own_words_are_a_file_of_the_profile(
    spelling: SpellingService, settings: SettingsService, shared: Dictionaries, tmp_path: Path
) -> None:
    assert wrong(spelling, "Le Mahlwerkk", "fr") == ["Mahlwerkk"]
    spelling.add("Mahlwerkk")
    spelling.add("mahlwerkK")
    assert (tmp_path / "spelling" / "words.txt").read_text("utf-8") == "Mahlwerkk\n"
    assert wrong(spelling, "Le mahlwerkk", "fr") == []
    again = SpellingService(settings, tmp_path / "spelling", shared)
    assert again.own_words() == ("Mahlwerkk",) and wrong(again, "Mahlwerkk", "de") == []
    again.set_own_words(())
    assert wrong(again, "Mahlwerkk", "de") == ["Mahlwerkk"]
    again.close()


def test_ignored_in_one_draft_only(spelling: SpellingService) -> None:
    spelling.ignore("one", "l’équippe")
    assert wrong(spelling, "l'équippe", "fr", draft="one") == []
    assert wrong(spelling, "l'équippe", "fr", draft="two") == ["équippe"]
    spelling.forget("one")
    assert wrong(spelling, "l'équippe", "fr", draft="one") == ["équippe"]


def test_the_languages_of_a_draft_are_kept(
    spelling: SpellingService, settings: SettingsService, shared: Dictionaries
) -> None:
    assert spelling.codes("7/public", "fr-CH") == ("fr-CH",) and spelling.codes("7/public", None) is None
    spelling.choose("7/public", ("fr", "de"))
    spelling.choose((3, "somebody@example.org"), ("de",))
    again = SpellingService(settings, None, shared)
    assert again.codes("7/public", "da") == ("fr", "de")
    assert again.codes((3, "somebody@example.org"), "da") == ("da",)  # nothing that names a person is kept
    again.choose("7/public", ())
    off = again.codes("7/public", "da")
    assert off == () and not again.state(off).judges
    for number in range(80):
        again.choose(f"{number}/public", ("fr",))
    third = SpellingService(settings, None, shared)
    assert third.codes("79/public", None) == ("fr",) and third.codes("8/public", None) is None
    for each in (again, third):
        each.close()


def test_a_missing_dictionary_is_an_answer(spelling: SpellingService) -> None:
    state = spelling.state(("xx", "fr"))
    assert state.missing == ("xx",) and state.judges and state.library
    assert wrong(spelling, "Dziekujje za cierpliwosc", "xx") == []
    alone = spelling.state(("xx",))
    assert not alone.judges and alone.missing == ("xx",)


def test_turned_off(spelling: SpellingService, settings: SettingsService) -> None:
    settings.set(SPELLING, False)
    assert not spelling.is_on() and wrong(spelling, "pacience", "fr") == []
    assert not spelling.state(("fr",)).on


def test_a_missing_library_breaks_nothing(
    settings: SettingsService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "enchant", None)
    spelling = SpellingService(settings, tmp_path, Dictionaries(tmp_path))
    state = spelling.state(("fr",))
    assert not state.library and state.missing == ("fr",) and spelling.languages() == ()
    assert wrong(spelling, "pacience", "fr") == [] and spelling.suggest("pacience", ("fr",)) == ()
    assert spelling.remedy("fr").folder == str(tmp_path / "hunspell")
    spelling.close()


def test_a_dictionary_put_into_the_profile_is_found_at_once(
    settings: SettingsService, tmp_path: Path
) -> None:
    spelling = SpellingService(settings, tmp_path)
    assert spelling.state(("tlh",)).missing == ("tlh",)
    own = tmp_path / "hunspell"
    own.mkdir()
    (own / "tlh_TLH.aff").write_text("SET UTF-8\n", "utf-8")
    (own / "tlh_TLH.dic").write_text("2\nqapla\nbatleth\n", "utf-8")
    assert spelling.state(("tlh",)).missing == ()
    assert wrong(spelling, "qapla batlett", "tlh") == ["batlett"]
    spelling.close()


def test_a_hostile_text_is_judged_in_bounded_time(spelling: SpellingService) -> None:
    yardstick = wrong(spelling, "abcq " * 10, "fr")
    assert len(yardstick) == 10
    started = time.process_time()
    for text in ("a" * 20_000, "a-" * 10_000, "a." * 10_000, "{{" * 10_000, "@" * 20_000, "l’" * 10_000):
        spelling.marks(text, ("fr",), frozenset(), "d")
    distinct = " ".join(
        f"zq{chr(97 + n // 676)}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}" for n in range(3300)
    )
    assert len(spelling.marks(distinct, ("fr",), frozenset(), "d").marks) == MOST_MARKS
    assert time.process_time() - started < 5


def test_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dictionaries.sys, "platform", "linux")
    monkeypatch.setattr(dictionaries.shutil, "which", lambda name: name if name == "apt" else None)
    assert remedy("pl-PL", library=False, folder=tmp_path).command == "sudo apt install hunspell-pl"
    assert remedy("de", library=True, folder=None).command == "sudo apt install libenchant-2-2 hunspell-de-de"
    monkeypatch.setattr(dictionaries.shutil, "which", lambda name: name if name == "dnf" else None)
    assert remedy("pl", library=True, folder=None).command == "sudo dnf install enchant2 hunspell-pl"
    monkeypatch.setattr(dictionaries.sys, "platform", "win32")
    assert remedy("pl", library=False, folder=tmp_path).command == ""


def test_what_counts_as_a_word() -> None:
    text = "It's a well-known 2nd “quote”; naïve. x {{a|b c}} a.b@c.example fin.Bon é"
    assert [text[a:b] for a, b in words(text)] == ["It's", "well-known", "quote", "naïve", "fin", "Bon"]
