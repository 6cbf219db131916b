"""Every command of the contract as a process of its own, against practice servers over real HTTP."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from reviewdesk import __version__, practice
from reviewdesk.domain.capabilities import Capability
from reviewdesk.practice import PracticeShop
from tests.support.program import CommandLine

pytestmark = pytest.mark.timeout(300)

ROW = {
    "id", "account", "provider", "kind", "native_id", "score", "score_min", "score_max", "score100", "title", "body",
    "language", "author", "created_at", "updated_at", "product", "order_id", "provider_state", "work_state", "reply",
    "source", "tags", "owner", "unread", "edited",
}  # fmt: skip
WHOLE = ROW | {
    "sub_scores", "attachments", "conversation", "messages", "versions", "notes", "invitations", "raw",
}  # fmt: skip
REPORT = {
    "account", "ok", "new", "changed", "removed", "unchanged", "skipped", "calls", "seconds", "error",
}  # fmt: skip
OUTBOX = {
    "outbox_id", "kind", "account", "review", "state", "error", "attempts", "not_before", "text",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Iterator[PracticeShop]:
    with practice.start(providers=("trustpilot",)) as shop:
        yield shop


@pytest.fixture(scope="module")
def synced(shop: PracticeShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A profile with one account, read once. Tests that share it leave its reviews as they are."""
    run = CommandLine(tmp_path_factory.mktemp("synced"))
    run.add_shop(shop).check(0)
    run("sync").check(0)
    yield run
    run.end()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[CommandLine]:
    run = CommandLine(tmp_path)
    yield run
    run.end()


# --- before any account --------------------------------------------------------------------------------


def test_version_and_help(run: CommandLine) -> None:
    out = run.alone("--version").check(0).out
    assert out.splitlines()[0] == f"reviewdesk {__version__}"
    for word in ("Python ", "Qt ", "SQLite "):
        assert any(line.startswith(word) and line[len(word)].isdigit() for line in out.splitlines())
    help_text = run("--help").check(0).out
    for command in ("account", "sync", "list", "show", "count", "reply", "outbox", "doctor", "Exit codes"):
        assert command in help_text
    assert not run.profile.exists()


def test_the_command_line_loads_no_qt(run: CommandLine) -> None:
    import subprocess

    code = (
        "import sys\nfrom reviewdesk.cli import main\n"
        f"for words in (['list'], ['account', 'list'], ['sync'], ['outbox', 'list'], ['providers'], ['doctor']):\n"
        f"    main(['--profile', {str(run.profile)!r}, *words])\n"
        "bad = [n for n in sys.modules if n.startswith(('PySide6', 'shiboken6'))]\n"
        "assert not bad, bad\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=run.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_list_loads_neither_network_nor_keychain_libraries(run: CommandLine) -> None:
    import subprocess

    code = (
        "import sys\nfrom reviewdesk.cli import main\n"
        f"main(['--profile', {str(run.profile)!r}, 'list'])\n"
        "heavy = ('httpx', 'httpcore', 'paramiko', 'werkzeug', 'keyring', 'msgspec', 'logging.handlers')\n"
        "bad = [n for n in sys.modules if n in heavy]\nassert not bad, bad\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=run.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_empty_profile(run: CommandLine) -> None:
    assert run.alone("list", "--json").check(0).json() == []
    assert run.alone("account", "list", "--json").check(0).json() == []
    assert run.alone("sync", "--json").check(0).json() == []
    assert run.alone("outbox", "--json").check(0).json() == []
    assert run("count").check(0).out == "0\n"
    if sys.platform != "win32":
        loose = [p for p in run.profile.rglob("*") if p.stat().st_mode & 0o077]
        assert loose == []


def test_providers(run: CommandLine) -> None:
    specs = run("providers", "--json").check(0).json()
    trustpilot = next(spec for spec in specs if spec["id"] == "trustpilot")
    assert {
        "base_url",
        "business_unit",
        "grant",
        "ca_file",
        "timeout_seconds",
        "settle_seconds",
        "rate_limit",
    } <= {field["key"] for field in trustpilot["settings"]}
    assert {field["key"] for field in trustpilot["secrets"]} == {"api_key", "api_secret", "password"}
    assert "--secret api_key" in run("providers").check(0).out


WRONG = [
    ("nonsense",),
    ("list", "--limit", "many"),
    ("list", "stars:nine"),
    ("count", "is:nothing-of-the-kind"),
    ("show", "abc"),
    ("show", "999"),
    ("reply", "999", "--text", "x"),
    ("reply", "1"),
    ("account", "test", "Nobody"),
    ("sync", "Nobody"),
    ("outbox", "retry", "7"),
    ("account", "add", "nobody", "--name", "x"),
    ("account", "add", "trustpilot", "--name", "x", "--set", "nonsense"),
    ("account", "add", "trustpilot", "--name", "x", "--set", "business_unit=x", "--secret", "api_key"),
    ("account", "add", "trustpilot", "--name", "x", "--set", "api_secret=x"),
    ("account", "add", "trustpilot", "--name", "x", "--secret", "api_key=x"),
    ("account", "add", "trustpilot", "--name", "x", "--set", "base_url=http://shop.example/v1"),
    ("conversation", "1", "secret"),
]


def test_wrong_usage_is_exit_2(run: CommandLine) -> None:
    for words in WRONG:
        done = run(*words)
        assert done.code == 2, (words, done)
        done.check(2)


def test_a_term_that_is_not_understood_is_named_with_the_nearest_one(run: CommandLine) -> None:
    err = run("list", "is:strred").check(2).err
    assert "strred" in err and "starred" in err


# --- accounts ------------------------------------------------------------------------------------------


def test_the_life_of_an_account(run: CommandLine, shop: PracticeShop) -> None:
    run.add_shop(shop, "My shop").check(0)
    run.add_shop(shop, "MY SHOP").check(2)
    (row,) = run("account", "list", "--json").check(0).json()
    assert set(row) == {
        "id", "name", "provider", "state", "last_success", "last_error", "token_expires", "capabilities",
    }  # fmt: skip
    assert (row["name"], row["provider"], row["state"]) == ("My shop", "trustpilot", "never-synced")
    assert set(row["capabilities"]) == {c.value for c in Capability}
    assert row["capabilities"]["reply"] == {"available": True, "reason": None}
    assert not row["capabilities"]["flag"]["available"] and row["capabilities"]["flag"]["reason"]
    stages = run("account", "test", "my shop", "--json").check(0).json()
    assert [set(s) for s in stages] == [{"stage", "ok", "message"}] * len(stages)
    names = [s["stage"] for s in stages]
    assert [n for n in names if n in ("address", "connect", "sign-in", "read")] == [
        "address", "connect", "sign-in", "read",
    ]  # fmt: skip
    run("account", "pause", "My shop").check(0)
    assert run("sync", "--json").check(0).json() == []
    (report,) = run("sync", "My shop", "--json").check(1).json()
    assert report["ok"] is False
    run("account", "resume", "My shop").check(0)
    assert "My shop" in run.keychain_file.read_text() or "practice-secret" in run.keychain_file.read_text()
    run("account", "remove", "My shop", "--erase").check(0)
    assert run.keychain_file.read_text() == "{}"
    assert run("account", "list", "--json").check(0).json() == []


def test_a_wrong_secret_stores_nothing_and_says_which_stage(run: CommandLine, shop: PracticeShop) -> None:
    made = shop.accounts[0]
    pairs = [part for k, v in made.settings.items() for part in ("--set", f"{k}={v}")]
    done = run(
        "account", "add", "trustpilot", "--name", "Wrong", *pairs, "--secret", "api_key", "--secret", "api_secret",
        REVIEWDESK_SECRET_API_KEY=made.secrets["api_key"],
        REVIEWDESK_SECRET_API_SECRET="not-the-secret-1",
    ).check(1)  # fmt: skip
    assert "error: sign-in:" in done.err
    assert run("account", "list", "--json").check(0).json() == []
    assert not run.keychain_file.exists()


def test_a_secret_that_stopped_working(run: CommandLine, tmp_path: Path) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        run.add_shop(shop).check(0)
        run("sync").check(0)
        shop.trustpilot.change_secret("a-new-secret-of-theirs")
        shop.trustpilot.revoke_all()
        (report,) = run("sync", "--json").check(1).json()
        assert report["error"]["kind"] == "sign-in"
        (row,) = run("account", "list", "--json").check(0).json()
        assert row["state"] == "sign-in-needed" and row["last_error"]["kind"] == "sign-in"
        review = run.ids("is:new", 1)[0]
        done = run("reply", str(review), "--text", "Thank you!", "--json").check(1)
        assert done.json()["state"] == "waiting" and done.json()["error"]["kind"] == "sign-in"
        stages = run("account", "test", "Harbour DK", "--json").check(1).json()
        assert stages[-1]["stage"] == "sign-in" and not stages[-1]["ok"]


def test_without_a_keychain(run: CommandLine, shop: PracticeShop) -> None:
    run.environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    done = run.add_shop(shop).check(4)
    assert "keychain" in done.err
    assert run("account", "list", "--json").check(0).json() == []
    assert run("list", "--json").check(0).json() == []
    findings = run("doctor", "--json").check_json()
    keychain = next(f for f in findings if f["check"] == "keychain")
    assert not keychain["ok"] and keychain["remedy"]


def test_a_keychain_that_is_locked_later(run: CommandLine, shop: PracticeShop) -> None:
    run.add_shop(shop).check(0)
    run("sync").check(0)
    run.keychain_file.with_suffix(".locked").touch()
    done = run("sync", "--json").check(4)
    assert "locked" in done.err and done.json()[0]["ok"] is False
    review = run.ids("is:new", 1)[0]
    done = run("reply", str(review), "--text", "Thank you!", "--json").check(4)
    assert done.json()["state"] == "waiting"
    run("account", "test", "Harbour DK").check(4)
    run("account", "remove", "Harbour DK").check(4)
    assert len(run.ids()) > 50
    run.keychain_file.with_suffix(".locked").unlink()
    run("sync").check(0)
    (row,) = run("outbox", "run", "--json").check(0).json()
    assert row["state"] == "sent"


# --- sync ----------------------------------------------------------------------------------------------


def test_sync_twice_and_with_changes(run: CommandLine) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        run.add_shop(shop).check(0)
        (first,) = run("sync", "--json").check(0).json()
        assert set(first) == REPORT
        assert first["ok"] and first["new"] > 100 and first["error"] is None and first["skipped"] == []
        (second,) = run("sync", "Harbour DK", "--json").check(0).json()
        assert (second["new"], second["changed"], second["removed"]) == (0, 0, 0)
        assert second["unchanged"] == first["new"]
        assert "nothing new" in run("sync").check(0).out
        added = shop.trustpilot.add_review(content="Brand new words.")
        shop.trustpilot.edit_review(shop.trustpilot.review_ids("dk")[5], content="Edited words.", stars=1)
        (third,) = run("sync", "--json").check(0).json()
        assert third["new"] == 1 and third["changed"] == 1
        (row,) = run("list", '"brand new words"', "--json").check(0).json()
        assert row["native_id"] == added
        assert run("count", "is:edited").check(0).out.strip() == "1"


def rows_of(run: CommandLine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but those of the search index, which catches up by itself."""
    database = next(run.profile.rglob("reviewdesk.db"))
    db = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        names = [str(n) for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        kept = [n for n in names if not n.startswith(("review_fts", "index_queue", "sqlite_"))]
        return {n: sorted(db.execute(f'SELECT * FROM "{n}"').fetchall(), key=repr) for n in kept}
    finally:
        db.close()


def test_a_sync_without_news_writes_no_row(run: CommandLine) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        run.add_shop(shop).check(0)
        run("sync").check(0)
        run.end()
        before = rows_of(run)
        assert "nothing new" in run("sync").check(0).out
        run.end()
        after = rows_of(run)
    assert len(before["review"]) > 100
    # The account itself remembers when it was last in touch, and its paced calls; nothing else is touched.
    assert {name for name in before if before[name] != after[name]} <= {"account"}


def test_a_broken_record_is_a_warning_and_no_failure(run: CommandLine) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        run.add_shop(shop).check(0)
        broken = shop.trustpilot.review_ids("dk")[3]
        shop.trustpilot.break_review(broken, stars="many")
        done = run("sync", "--json").check(0)
        (report,) = done.json()
        assert report["ok"] and len(report["skipped"]) == 1
        assert set(report["skipped"][0]) == {"where", "reason"}
        assert done.err.startswith("warning: Harbour DK: ")
        assert run("count").check(0).out.strip() == str(report["new"])


def test_no_network(run: CommandLine) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        run.add_shop(shop).check(0)
        run("sync").check(0)
    (report,) = run("sync", "--json", timeout_s=60).check(1).json()
    assert report["error"]["kind"] == "network"
    assert report["seconds"] <= 20
    assert len(run.ids()) > 100
    (row,) = run("account", "list", "--json").check(0).json()
    assert row["state"] == "error" and row["last_error"]["kind"] == "network"


def test_one_account_fails_the_other_is_read(run: CommandLine, shop: PracticeShop) -> None:
    run.add_shop(shop).check(0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    made = shop.accounts[0]
    settings = {**made.settings, "base_url": f"http://127.0.0.1:{closed}/v1"}
    pairs = [part for k, v in settings.items() for part in ("--set", f"{k}={v}")]
    run(
        "account", "add", "trustpilot", "--name", "Closed", *pairs, "--secret", "api_key", "--secret", "api_secret",
        "--no-test", REVIEWDESK_SECRET_API_KEY="a-key-1", REVIEWDESK_SECRET_API_SECRET="a-secret-1",
    ).check(0)  # fmt: skip
    reports = {r["account"]: r for r in run("sync", "--json").check(1).json()}
    assert reports["Harbour DK"]["ok"] and not reports["Closed"]["ok"]
    assert reports["Closed"]["error"]["kind"] == "network"


# --- reading -------------------------------------------------------------------------------------------


def test_rows_are_newest_first_and_complete(synced: CommandLine) -> None:
    rows = synced("list", "--json").check(0).json()
    assert len(rows) == 50
    assert all(set(row) == ROW for row in rows)
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True) and all(t.endswith("Z") for t in times)
    assert all(isinstance(row["id"], int) for row in rows)
    assert all(set(row["author"]) == {"name", "username", "email", "id"} for row in rows)
    with_product = next(row for row in rows if row["product"])
    assert set(with_product["product"]) == {"sku", "name", "id"}
    scored = next(row for row in rows if row["score"] is not None)
    expected = round(
        100 * (scored["score"] - scored["score_min"]) / (scored["score_max"] - scored["score_min"])
    )
    assert scored["score100"] == expected
    assert {row["work_state"] for row in rows} <= {
        "new",
        "needs-reply",
        "waiting",
        "snoozed",
        "done",
        "removed",
    }


def test_queries(synced: CommandLine) -> None:
    everything = synced.ids()
    assert int(synced("count").check(0).out) == len(everything)
    two = synced.ids("stars:2")
    assert two and set(two) < set(everything)
    negated = synced("list", "--limit", "1000", "--json", "--", "-stars:2").check(0).json()
    assert {row["id"] for row in negated} == set(everything) - set(two)
    both = synced("list", "stars:2", "OR", "stars:5", "--limit", "1000", "--json").check(0).json()
    assert {row["id"] for row in both} == set(two) | set(synced.ids("stars:5"))
    answered = synced("list", "has:reply", "--json", "--limit", "3").check(0).json()
    assert len(answered) == 3 and all(row["reply"]["text"] for row in answered)
    assert set(answered[0]["reply"]) == {"text", "created_at", "by"}
    assert synced("list", "--limit", "0", "--json").check(0).json() == []


def test_show(synced: CommandLine) -> None:
    review = synced.ids("has:reply", 1)[0]
    whole = synced("show", str(review), "--json").check(0).json()
    assert set(whole) == WHOLE
    assert set(whole["conversation"]) == {"id", "state", "comments"}
    comment = whole["conversation"]["comments"][0]
    assert set(comment) == {"id", "author", "role", "text", "created_at", "updated_at", "state"}
    assert comment["role"] in ("business", "consumer", "moderator")
    assert whole["raw"].startswith("{") and whole["native_id"] in whole["raw"]
    assert whole["body"] in synced("show", str(review)).check(0).out


def test_the_table_is_for_people(synced: CommandLine) -> None:
    out = synced("list", "--limit", "5").check(0).out
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["id", "date", "score"] and len(lines) == 6
    assert "\x1b" not in out
    assert synced("list", "zzzznothing").check(0).out == "Nothing found.\n"


def test_output_that_nobody_reads_to_the_end(synced: CommandLine) -> None:
    process = synced.start("list", "--limit", "1000", "--json")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0 and "Traceback" not in err and "error" not in err


def test_reading_beside_a_sync(run: CommandLine, shop: PracticeShop) -> None:
    run.add_shop(shop).check(0)
    sync = run.start("sync", "--json")
    counts = [int(run("count").check(0).out) for _ in range(3)]
    _, err = sync.communicate(timeout=60)
    assert sync.returncode == 0, err
    assert counts == sorted(counts)
    assert int(run("count").check(0).out) > 100


# --- acting --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CommandLine, PracticeShop]]:
    with practice.start(providers=("trustpilot",)) as shop:
        run = CommandLine(tmp_path_factory.mktemp("acting"))
        run.add_shop(shop, settings={"timeout_seconds": "3", "settle_seconds": "1"}).check(0)
        run("sync").check(0)
        yield run, shop
        run.end()


def fresh(run: CommandLine, shop: PracticeShop) -> tuple[str, str]:
    """A review nobody has touched: its id here and there."""
    native = shop.trustpilot.add_review(content="Another one.")
    run("sync").check(0)
    return str(run.id_of(native)), native


def texts(shop: PracticeShop, native: str) -> list[str]:
    return [c["content"] for c in shop.trustpilot.comments(native)]


def test_reply(acting: tuple[CommandLine, PracticeShop], tmp_path: Path) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    answer = run.alone("reply", review, "--text", "Thank you, Nia!", "--json").check(0).json()
    assert set(answer) == {"outbox_id", "state", "error"}
    assert answer["state"] == "sent" and answer["error"] is None and isinstance(answer["outbox_id"], int)
    assert texts(shop, native) == ["Thank you, Nia!"]
    whole = run("show", review, "--json").check(0).json()
    assert whole["reply"]["text"] == "Thank you, Nia!" and whole["work_state"] == "waiting"
    file = tmp_path / "answer.txt"
    file.write_text("And from a file: größer, 日本語.\n", encoding="utf-8")
    run("reply", review, "--file", str(file)).check(0)
    assert texts(shop, native)[-1] == "And from a file: größer, 日本語."


def test_queue_list_run_and_discard(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    other, other_native = fresh(run, shop)
    queued = run("reply", review, "--text", "Later.", "--queue", "--json").check(0).json()
    assert queued["state"] == "waiting" and texts(shop, native) == []
    dropped = run("reply", other, "--text", "Never.", "--queue", "--json").check(0).json()
    rows = run("outbox", "list", "--json").check(0).json()
    assert all(set(row) == OUTBOX for row in rows)
    row = next(r for r in rows if r["outbox_id"] == queued["outbox_id"])
    assert (row["review"], row["text"], row["kind"], row["state"]) == (
        int(review),
        "Later.",
        "reply",
        "waiting",
    )
    assert row["not_before"].endswith("Z") and row["account"] == "Harbour DK"
    run("reply", review, "--text", "Twice.").check(1)
    run("outbox", "discard", str(dropped["outbox_id"])).check(0)
    done = run("outbox", "run", "--json").check(0).json()
    assert [(r["outbox_id"], r["state"]) for r in done] == [(queued["outbox_id"], "sent")]
    assert texts(shop, native) == ["Later."] and texts(shop, other_native) == []
    assert run("outbox", "run", "--json").check(0).json() == []
    run("outbox", "discard", str(queued["outbox_id"])).check(1)


def test_a_reply_that_needs_a_second_pair_of_eyes(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    done = run("reply", review, "--text", "Thank you.", "--ask-approval", "--override", "--json").check(1)
    answer = done.json()
    assert answer["state"] == "held" and answer["error"]["kind"] == "approval"
    number = str(answer["outbox_id"])
    assert f"outbox approve {number}" in done.err
    run("outbox", "retry", number, "--override").check(1)
    run("outbox", "run").check(0)
    assert "wrote this text" in run("outbox", "approve", number).check(1).err
    assert texts(shop, native) == []
    assert run("outbox", "approve", number, "--by", "Anna K.", "--json").check(0).json()["state"] == "sent"
    assert texts(shop, native) == ["Thank you."]
    run("outbox", "approve", number).check(1)


def test_somebody_answered_meanwhile(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    shop.trustpilot.colleague_replies(native, "I was first.")
    answer = run("reply", review, "--text", "Me too.", "--json").check(1).json()
    assert answer["state"] == "held" and answer["error"]["kind"] == "conflict"
    assert texts(shop, native) == ["I was first."]
    run("outbox", "retry", str(answer["outbox_id"])).check(1)
    retried = run("outbox", "retry", str(answer["outbox_id"]), "--override", "--json").check(0).json()
    assert retried["state"] == "sent"
    assert texts(shop, native) == ["I was first.", "Me too."]


def test_override_at_once(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    shop.trustpilot.colleague_replies(native, "I was first.")
    run("reply", review, "--text", "Me too.", "--override").check(0)
    assert texts(shop, native) == ["I was first.", "Me too."]


def test_edit_reply_and_conversation(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    run("reply", review, "--text", "Thank yuo.").check(0)
    run("edit-reply", review, "reply", "--text", "Thank you.").check(0)
    assert texts(shop, native) == ["Thank you."]
    comment = run("show", review, "--json").json()["conversation"]["comments"][0]["id"]
    run("edit-reply", review, comment, "--text", "Thanks.").check(0)
    assert texts(shop, native) == ["Thanks."]
    run("edit-reply", review, "nothing", "--text", "x").check(2)
    run("conversation", review, "private").check(0)
    assert shop.trustpilot.conversation(native)["state"] == "private"  # type: ignore[index]
    assert run("show", review, "--json").json()["conversation"]["state"] == "private"
    run("conversation", review, "public").check(0)


@pytest.mark.parametrize(
    "words",
    [
        ("flag", "{}", "--reason", "spam", "--message", "x"),
        ("publish", "{}"),
        ("message", "{}", "--text", "x", "--subject", "y"),
        ("message", "{}", "--text", "x", "--resolution"),
    ],
)
def test_what_the_account_cannot_do(acting: tuple[CommandLine, PracticeShop], words: tuple[str, ...]) -> None:
    run, _ = acting
    review = str(run.ids(limit=1)[0])
    before = len(run("outbox", "list", "--json").json())
    done = run(*(w.format(review) for w in words)).check(1)
    assert "Trustpilot" in done.err
    assert len(run("outbox", "list", "--json").json()) == before


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_is_refused(acting: tuple[CommandLine, PracticeShop], text: str) -> None:
    run, _ = acting
    run("reply", str(run.ids(limit=1)[0]), "--text", text).check(2)


def test_a_refusal_ends_failed_with_the_text_kept(acting: tuple[CommandLine, PracticeShop]) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    shop.faults.on(r"/comments$", method="POST", status=400, body='{"message": "no links please"}')
    answer = run("reply", review, "--text", "See my link.", "--json").check(1).json()
    assert answer["state"] == "failed" and answer["error"]["kind"] == "refused"
    row = next(r for r in run("outbox", "list", "--json").json() if r["outbox_id"] == answer["outbox_id"])
    assert row["text"] == "See my link." and row["attempts"] == 1
    assert texts(shop, native) == []


@pytest.mark.parametrize("cut", ["after", "mid"])
def test_a_lost_answer_is_read_back(acting: tuple[CommandLine, PracticeShop], cut: str) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    shop.faults.on(r"/comments$", method="POST", cut=cut)
    answer = run("reply", review, "--text", "Thank you!", "--json").check(0).json()
    assert answer["state"] == "sent"
    assert texts(shop, native) == ["Thank you!"]


def test_server_errors_before_it_was_stored_end_in_one_reply(
    acting: tuple[CommandLine, PracticeShop],
) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    shop.faults.on(r"/comments$", method="POST", status=503)
    assert run("reply", review, "--text", "Thank you!", "--json").check(0).json()["state"] == "sent"
    assert texts(shop, native) == ["Thank you!"]


# --- killed --------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize(
    ("path", "what"),
    [
        (r"/comments$", {"hold_before": True}),
        (r"/comments$", {"hold_after": True}),
        (r"/create-conversation$", {"hold_after": True}),
    ],
)
def test_kill_while_sending_leaves_exactly_one_reply(
    acting: tuple[CommandLine, PracticeShop], path: str, what: dict[str, bool]
) -> None:
    run, shop = acting
    review, native = fresh(run, shop)
    fault = shop.faults.on(path, method="POST", **what)
    process = run.start("reply", review, "--text", "Exactly once.")
    try:
        fault.wait_reached(30)
    finally:
        run.killed(process)
    shop.faults.off()
    row = next(r for r in run("outbox", "list", "--json").check(0).json() if r["review"] == int(review))
    assert row["state"] == "sending"
    rows = run.alone("outbox", "run", "--json").check(0).json()
    assert [(r["review"], r["state"]) for r in rows] == [(int(review), "sent")]
    assert texts(shop, native) == ["Exactly once."]
    assert len(shop.journal.entries(path=rf"{native}/create-conversation$")) == 1


# --- profiles and secrets --------------------------------------------------------------------------------


def test_profiles_that_cannot_be_used_are_exit_3(run: CommandLine, tmp_path: Path) -> None:
    run("list").check(0)
    database = next(run.profile.rglob("reviewdesk.db"))
    whole = database.read_bytes()
    run.end()
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    database.write_bytes(b"this is no database" * 1000)
    for words in (("list",), ("sync",), ("account", "list"), ("outbox", "run")):
        run(*words).check(3)
    assert database.read_bytes() == b"this is no database" * 1000
    findings = run("doctor", "--json").check_json()
    assert not next(f for f in findings if f["check"] == "database")["ok"]
    database.write_bytes(whole)
    run("list").check(0)
    run.profile = tmp_path / "file"
    run.profile.write_text("x")
    run("list").check(3)


def test_doctor(run: CommandLine, shop: PracticeShop) -> None:
    run.add_shop(shop).check(0)
    findings = run("doctor", "--json").check_json()
    assert all(set(f) == {"check", "ok", "message", "remedy"} for f in findings)
    checks = {f["check"] for f in findings}
    assert {"keychain", "database", "disk", "qt", "time zones", "network: Harbour DK"} <= checks
    assert next(f for f in findings if f["check"] == "database")["ok"]


def test_no_secret_in_any_file(run: CommandLine) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        planted = {"key": "PLANTEDkey7361902845", "secret": "PLANTED/secret+84=20 17"}
        shop.trustpilot.api_key, shop.trustpilot.api_secret = planted["key"], planted["secret"]
        run.environment["REVIEWDESK_DEBUG"] = "1"
        secrets = {"api_key": planted["key"], "api_secret": planted["secret"]}
        outputs = [run.add_shop(shop, secrets=secrets).check(0), run("sync").check(0)]
        review = run.ids("is:new", 1)[0]
        shop.faults.on("", times=4, status=401)
        outputs += [
            run("sync"),
            run("reply", str(review), "--text", "Thank you!"),
            run("account", "test", "Harbour DK"),
            run("account", "list", "--json"),
            run("doctor", "--json"),
        ]
        shop.trustpilot.change_secret("something-else-now")
        outputs.append(run("sync"))
    files = [p for p in run.profile.rglob("*") if p.is_file()]
    assert any(p.suffix == ".log" for p in files) and any(p.suffix == ".db" for p in files)
    needles = _forms(planted.values())
    assert _found(needles, {"keychain": run.keychain_file.read_bytes()}), "the search itself must work"
    found = _found(needles, {str(p): p.read_bytes() for p in files})
    found |= _found(needles, {f"output {i}": (o.out + o.err).encode() for i, o in enumerate(outputs)})
    assert not found


def _forms(values: object) -> set[bytes]:
    import base64
    from urllib.parse import quote, quote_plus

    forms: set[bytes] = set()
    for value in values:  # type: ignore[attr-defined]
        forms |= {
            value.encode(),
            quote(value).encode(),
            quote(value, safe="").encode(),
            quote_plus(value).encode(),
        }
        forms.add(base64.b64encode(value.encode()))
    return forms


def _found(needles: set[bytes], places: dict[str, bytes]) -> set[str]:
    return {name for name, content in places.items() for needle in needles if needle in content}


# --- practice ------------------------------------------------------------------------------------------


def test_demo_works_with_every_command_and_keeps_to_itself(run: CommandLine) -> None:
    rows = run("--demo", "list", "--limit", "3", "--json").check(0).json()
    assert len(rows) == 3
    again = run("--demo", "sync", "--json").check(0).json()
    assert all(r["ok"] and r["new"] == 0 for r in again) and again
    review = next(r["id"] for r in run("--demo", "list", "provider:trustpilot is:new", "--json").json())
    assert (
        run("--demo", "reply", str(review), "--text", "Practice.", "--json").check(0).json()["state"]
        == "sent"
    )
    assert run("--demo", "show", str(review), "--json").json()["reply"]["text"] == "Practice."
    assert not run.keychain_file.exists()
    run("list").check(2)
    assert "Traceback" not in run("--demo", "account", "list").check(0).err


def test_a_real_profile_is_refused_for_practice(run: CommandLine) -> None:
    run("list").check(0)
    run("--demo", "list").check(2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display(run: CommandLine) -> None:
    run.alone().check(1)
    run.profile = run.profile.with_name("practice")
    done = run.alone("--demo").check(0)
    assert "no display" in done.out and "Where to look next" in done.out
    assert len([line for line in done.out.splitlines() if "/5" in line or "/10" in line]) >= 10
