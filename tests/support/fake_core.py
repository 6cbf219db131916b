"""A core in memory with the services' methods: lets a pane be opened and seen without a database or a network.

Forty-odd reviews in several languages and scales, six accounts, two conversations, an outbox with every state.
Only for opening windows; whatever is to be proved about data is proved with the real core.
"""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from reviewdesk.domain.capabilities import (
    Available,
    Capability,
    CredentialLevel,
    ProviderSpec,
    RateLimit,
)
from reviewdesk.domain.checks import Finding, Known, check
from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import (
    Account,
    AccountState,
    ActionKind,
    Attachment,
    Author,
    ChangeSet,
    Comment,
    Draft,
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
from reviewdesk.domain.query import Query, Sort, parse
from reviewdesk.services.dictionaries import Dictionaries
from reviewdesk.services.events import EventBus, SyncPhase, SyncStatus
from reviewdesk.services.inbox import SavedView, Tag
from reviewdesk.services.people import Context
from reviewdesk.services.saved_replies import SavedReply, SavedReplyService, _Known
from reviewdesk.services.signatures import SignatureService
from reviewdesk.services.spelling import SpellingService
from reviewdesk.services.translation import NOT_SET
from tests.support.clock import FakeClock

__all__ = ["NOW", "FakeCore", "make_core"]

T = TypeVar("T")
NOW = datetime(2026, 6, 1, 10, 45, tzinfo=UTC).timestamp()
_HOUR = 3600

_SPECS = (
    ("trustpilot", "Trustpilot", "TP", 5.0, True),
    ("sitejabber", "Sitejabber", "SJ", 5.0, True),
    ("guaranteed_reviews", "Guaranteed Reviews Company", "GR", 5.0, False),
    ("retargeting", "Retargeting", "RT", 10.0, True),
    ("verified_reviews", "Verified Reviews", "VR", 5.0, False),
)
_ACCOUNTS = (
    ("Harbour DK", "trustpilot", 2, AccountState.OK),
    ("Harbour FR", "trustpilot", 1, AccountState.OK),
    ("harbour.example", "sitejabber", 4, AccountState.SIGN_IN_NEEDED),
    ("Harbour Maison", "guaranteed_reviews", 3, AccountState.OK),
    ("Harbour RO", "retargeting", 6, AccountState.OK),
    ("Nightly feed", "verified_reviews", 5, AccountState.PAUSED),
)

# (account, score, author, hours, product, order, text, language, marks, owner, tags)
# marks: u unread, p picture, e edited, s starred; replies: w waiting, o ours, x elsewhere, f failed;
# d done, z snoozed, r needs reply
_ROWS: tuple[tuple[int, float | None, str, float, str, str, str, str, str, str, tuple[str, ...]], ...] = (
    (
        2,
        2,
        "Pierre L.",
        2.5,
        "Headset X2",
        "28592",
        "Livraison tardive et boîte ouverte. Commandé le 9, reçu le 20. Le carton était ouvert et le casque glissait "
        "dedans, sans la mousse de protection. Il fonctionne, mais pour un cadeau c’est gênant, et le câble manque.",
        "fr",
        "uper",
        "Anna N.",
        ("delivery",),
    ),
    (
        5,
        9,
        "Thierry B.",
        5,
        "Wool throw 2183",
        "27047",
        "Perfect match for my sofa, warm and soft after two washes",
        "en",
        "ur",
        "",
        (),
    ),
    (
        3,
        1,
        "Claudia Bremer",
        7,
        "Kaffeemühle M1",
        "31877",
        "Nach drei Wochen defekt, der Kundendienst antwortet nicht. Mahlwerk blockiert, Reklamation ohne Antwort.",
        "de",
        "uwr",
        "Jonas K.",
        ("warranty", "delivery"),
    ),
    (
        6,
        4,
        "田中 美咲",
        9,
        "Desk lamp L4",
        "VR-55120",
        "明るさは十分ですが、説明書が英語だけでした。次回は日本語もお願いします。",
        "ja",
        "pr",
        "",
        ("manual",),
    ),
    (
        1,
        5,
        "Lucía Fernández",
        26,
        "City backpack 24 l",
        "28411",
        "Llegó en dos días y la cremallera es muy suave. Repetiré sin duda.",
        "es",
        "r",
        "",
        (),
    ),
    (
        5,
        None,
        "Jordan P.",
        27,
        "Parcel service",
        "28390",
        "The locker code never arrived, had to call twice",
        "en",
        "ur",
        "",
        (),
    ),
    (
        3,
        3,
        "سارة الحداد",
        28,
        "Tea pot, clay",
        "28377",
        "الجودة جيدة لكن التغليف كان ضعيفًا والغطاء وصل مكسورًا، أرجو إرسال غطاء جديد في أقرب وقت",
        "ar",
        "ewr",
        "Anna N.",
        ("delivery", "warranty", "manual"),
    ),
    (
        4,
        2,
        "Marc-André V.",
        30,
        "Side table, oak",
        "28340",
        "Couleur différente de la photo, mais solide",
        "fr",
        "exr",
        "",
        (),
    ),
    (
        5,
        4,
        "Ioana D.",
        49,
        "Wall clock",
        "28301",
        "Glass arrived scratched; the clock itself keeps time",
        "en",
        "pr",
        "",
        (),
    ),
    (
        1,
        5,
        "Mette Østergaard",
        50,
        "Rain jacket S",
        "28290",
        "Hurtig levering, og jakken passer perfekt.",
        "da",
        "o",
        "",
        (),
    ),
    (
        2,
        3,
        "Élodie Garnier",
        52,
        "Linen set 140",
        "28277",
        "Tissu agréable, mais la couture a lâché au lavage.",
        "fr",
        "ur",
        "",
        (),
    ),
    (
        3,
        5,
        "Oliver Haines",
        55,
        "USB-C cable 3 m",
        "28266",
        "Long enough to reach the desk, feels sturdy.",
        "en",
        "",
        "",
        (),
    ),
    (5, 10, "Andrei P.", 58, "Espresso cup, 6 pcs", "28255", "Exactly as in the picture.", "en", "d", "", ()),
    (
        1,
        1,
        "Karim Saleh",
        62,
        "City backpack 24 l",
        "28240",
        "The zip gave up on the way home.",
        "en",
        "uf",
        "",
        ("warranty",),
    ),
    (6, 5, "高橋 健", 66, "Desk lamp L4", "VR-55101", "とても明るいです。", "ja", "d", "", ()),
    (
        2,
        4,
        "Inés Robledo",
        70,
        "Bed base 90",
        "28231",
        "La base llegó con un tornillo de menos.",
        "es",
        "r",
        "",
        (),
    ),
    (4, 5, "Sophie Lambert", 74, "Oak shelf", "28222", "", "fr", "", "", ()),
    (
        3,
        2,
        "Elif Kaya",
        80,
        "Desk fan",
        "28214",
        "Too loud at night, but the air is fine.",
        "en",
        "ur",
        "",
        (),
    ),
    (5, 7, "Radu M.", 90, "Wool throw 2183", "28202", "Good, a bit smaller than expected", "en", "", "", ()),
    (1, 5, "Freja Lund", 96, "Rain jacket M", "28190", "Super kvalitet!", "da", "d", "", ()),
    (
        2,
        1,
        "Jean-Baptiste de La Rochefoucauld-Montbel",
        101,
        "Guaranteed Reviews Company gift card",
        "28177",
        "Carte jamais reçue malgré trois relances auprès du service après-vente",
        "fr",
        "ur",
        "",
        (),
    ),
    (6, 3, "Lena Weiß", 110, "Donaudampfschifffahrt", "VR-54990", "Ganz in Ordnung.", "de", "", "", ()),
    (3, 5, "Noah Sørensen", 120, "Bike lamp set", "28150", "Bright and easy to mount.", "en", "s", "", ()),
    (5, 2, "Elena T.", 130, "Wall clock", "28144", "Stopped after a week", "en", "ur", "", ()),
    (
        1,
        4,
        "Anders Holm",
        140,
        "Tool bag",
        "28138",
        "Solid bag, one strap is a bit short.",
        "en",
        "x",
        "",
        (),
    ),
    (
        2,
        5,
        "Chloé Martin",
        150,
        "Headset X2",
        "28129",
        "Son très clair, livraison rapide.",
        "fr",
        "o",
        "",
        (),
    ),
    (4, 3, "Hugo Petit", 170, "Side table, oak", "28111", "Montage un peu long.", "fr", "z", "", ()),
    (3, 4, "Grace Obi", 190, "Water bottle", "28101", "Keeps cold all day.", "en", "d", "", ()),
    (1, 2, "Lars Holm", 210, "Rain jacket L", "28092", "Lynlåsen går op af sig selv.", "da", "ur", "", ()),
    (5, 3, "Mihai C.", 230, "Espresso cup, 6 pcs", "28085", "Two of six were chipped", "en", "pr", "", ()),
    (6, 5, "山本 直子", 260, "Desk lamp L4", "VR-54800", "デザインが気に入りました。", "ja", "d", "", ()),
    (
        2,
        4,
        "Amina Cherif",
        280,
        "Linen set 140",
        "28060",
        "Joli, conforme à la description.",
        "fr",
        "",
        "",
        (),
    ),
    (1, 5, "Ida Nørgaard", 300, "Tool bag", "28051", "Kan varmt anbefales.", "da", "", "", ()),
    (
        3,
        1,
        "Tom Becker",
        320,
        "Desk fan",
        "28040",
        "Arrived broken, no answer for a week now.",
        "en",
        "ur",
        "Jonas K.",
        ("warranty",),
    ),
    (4, 4, "Léa Fontaine", 350, "Oak shelf", "28031", "Belle finition.", "fr", "d", "", ()),
    (5, 8, "Bogdan I.", 380, "Wool throw 2183", "28022", "", "en", "", "", ()),
    (2, 5, "Nicolas Faure", 420, "Headset X2", "28010", "Rien à redire.", "fr", "d", "", ()),
    (1, 3, "Jens Bak", 460, "Rain jacket M", "27990", "OK til prisen.", "da", "", "", ()),
    (6, 2, "Anna Schmidt", 500, "Desk lamp L4", "VR-54001", "Flackert nach kurzer Zeit.", "de", "ur", "", ()),
    (3, 5, "Priya Nair", 560, "Bike lamp set", "27950", "Second set I bought.", "en", "d", "", ()),
    (5, 1, "George V.", 640, "Parcel service", "27930", "Never delivered", "en", "ur", "", ()),
    (2, 3, "Yasmine B.", 720, "Bed base 90", "27900", "Correct, sans plus.", "fr", "", "", ()),
)


def _spec(spec_id: str, title: str, code: str, high: float, replies: bool) -> ProviderSpec:
    reason = f"{title} takes no replies. Use Copy and open instead."
    refused = {Capability.REPLY, Capability.EDIT_REPLY} if not replies else set()
    private = Capability.PRIVATE_MESSAGE
    denied = dict.fromkeys(refused, reason)
    if spec_id != "sitejabber":
        denied[private] = f"{title} has no private messages."
    level = CredentialLevel(
        id="full",
        title="Full",
        granted=frozenset(c for c in Capability if c not in denied),
        denied=denied,
    )
    return ProviderSpec(
        id=spec_id,
        title=title,
        code=code,
        summary="Made up for looking at windows.",
        settings=(),
        secrets=(),
        levels=(level,),
        level_of=lambda _settings, _secrets: "full",
        rate_limits=(RateLimit(10, 10),),
        page_size=100,
        score_min=0.0 if high == 10 else 1.0,
        score_max=high,
    )


def _row(number: int, fields: tuple[Any, ...]) -> ReviewRow:
    account, score, author, hours, product, order, text, language, marks, owner, tags = fields
    high = 10.0 if account == 5 else 5.0
    created = int(NOW - hours * _HOUR)
    state = WorkState.NEW
    for mark, wanted in (
        ("r", WorkState.NEEDS_REPLY), ("d", WorkState.DONE), ("z", WorkState.SNOOZED), ("o", WorkState.WAITING)
    ):  # fmt: skip
        if mark in marks:
            state = wanted
    reply = ReplyMark.NONE
    for mark, kind in (("w", "waiting"), ("o", "ours"), ("x", "elsewhere"), ("f", "failed")):
        if mark in marks:
            reply = ReplyMark(kind)
    return ReviewRow(
        id=(created << 20) | number,
        account_id=account,
        kind=ReviewKind.PRODUCT,
        native_id=f"r{number}",
        score=score,
        score_min=0.0 if high == 10 else 1.0,
        score_max=high,
        score100=None if score is None else round(100 * score / high),
        author_name=author,
        product_name=product,
        order_id=order,
        snippet=text[:300],
        language=language,
        created_at=created,
        updated_at=created + 600 if "e" in marks else None,
        provider_state=ProviderState.PUBLISHED,
        work_state=state,
        reply_mark=reply,
        unread="u" in marks,
        starred="s" in marks,
        edited="e" in marks,
        has_photo="p" in marks,
        has_draft=False,
        owner=owner or None,
        tags=tags,
        source=None,
        snooze_until=int(NOW + 30 * _HOUR) if "z" in marks else None,
    )


def _done(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future


@dataclass(frozen=True)
class SidebarCounts:
    states: dict[WorkState, int]
    unread: int
    accounts: dict[int, int]
    outbox_waiting: int
    outbox_failed: int


class _Inbox:
    def __init__(self, core: FakeCore) -> None:
        self._core = core
        self.history = _History()
        self.saved: list[SavedView] = []
        self._hidden: set[int] = set()
        self.rows_by_id = {row.id: row for row in (_row(n, f) for n, f in enumerate(_ROWS, 1))}

    def parse(self, text: str, as_typed: bool = False) -> Query:
        return parse(text, now=self._core.clock.now(), as_typed=as_typed)

    def _matches(self, row: ReviewRow, text: str) -> bool:
        """Blanks are "and", OR binds weaker, a dash denies, brackets group: enough for what the window asks."""
        tokens = re.findall(r'[()]|-|[A-Za-z-]+:"[^"]*"|[^\s()-][^\s()]*', text)

        def either() -> bool:
            result = both()
            while tokens and tokens[0] == "OR":
                tokens.pop(0)
                result = both() or result
            return result

        def both() -> bool:
            result = True
            while tokens and tokens[0] not in (")", "OR"):
                result = single() and result
            return result

        def single() -> bool:
            token = tokens.pop(0)
            if token == "-":
                return not single()
            if token == "(":
                result = either()
                if tokens:
                    tokens.pop(0)
                return result
            return self._one(row, token.lower())

        return either()

    def _one(self, row: ReviewRow, term: str) -> bool:
        name, colon, value = term.partition(":")
        value = value.strip('"*')
        if not colon:
            words = f"{row.author_name} {row.product_name} {row.order_id} {row.snippet}".lower()
            return term.strip('"*') in words
        if name == "is":
            return value in (row.work_state.value, row.provider_state.value) or bool(
                {
                    "unread": row.unread,
                    "read": not row.unread,
                    "starred": row.starred,
                    "edited": row.edited,
                }.get(value)
            )
        if name in ("stars", "score"):
            stars = None if row.score is None else row.score * 5 / row.score_max
            if value == "none" or stars is None:
                return (stars is None) == (value == "none")
            figure = float(value.lstrip("<>="))
            if value.startswith("<="):
                return stars <= figure
            return stars >= figure if value.startswith(">=") else stars == figure
        if name == "lang":
            return row.language == value
        if name == "account":
            return self._core.accounts.get(row.account_id).name.lower() == value
        if name == "provider":
            return self._core.accounts.get(row.account_id).provider == value
        if name == "order":
            return value in (row.order_id or "").lower()
        return True

    def next_wake(self) -> int | None:
        return None

    def next_sleeper(self) -> ReviewRow | None:
        return None

    def ids(self, query: Query, *, sort: Sort = Sort.NEWEST, limit: int | None = None) -> array[int]:
        found = [r for r in self.rows_by_id.values() if self._matches(r, query.text)]
        found.sort(key=lambda r: r.id, reverse=sort is not Sort.OLDEST)
        if sort in (Sort.SCORE_LOW, Sort.SCORE_HIGH):
            sign = 1 if sort is Sort.SCORE_LOW else -1
            found.sort(key=lambda r: (r.score100 is None, sign * (r.score100 or 0)))
        return array("q", [r.id for r in found[:limit]])

    def page(self, query: Query, *, before: int | None = None, limit: int = 100) -> list[ReviewRow]:
        wanted = [i for i in self.ids(query) if before is None or i < before]
        return [self.rows_by_id[i] for i in wanted[:limit]]

    def rows(self, ids: Iterable[int]) -> dict[int, ReviewRow]:
        return {i: self.rows_by_id[i] for i in ids if i in self.rows_by_id}

    def count(self, query: Query) -> int:
        return len(self.ids(query))

    def sidebar(self) -> SidebarCounts:
        rows = list(self.rows_by_id.values())
        states = {s: sum(r.work_state is s for r in rows) for s in WorkState}
        live = [r for r in rows if r.work_state not in (WorkState.DONE, WorkState.REMOVED)]
        items = self._core.outbox.items()
        waiting = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING, OutboxState.HELD)
        return SidebarCounts(
            states=states,
            unread=sum(r.unread for r in rows),
            accounts={a.id: sum(r.account_id == a.id for r in live) for a in self._core.accounts.list()},
            outbox_waiting=sum(i.state in waiting for i in items),
            outbox_failed=sum(i.state is OutboxState.FAILED for i in items),
        )

    def effects(self, ids: Iterable[int]) -> dict[int, Any]:
        return {}

    def detail(self, review_id: int) -> ReviewDetail | None:
        row = self.rows_by_id.get(review_id)
        if row is None:
            return None
        full = next(f for n, f in enumerate(_ROWS, 1) if f"r{n}" == row.native_id)
        title, _, body = full[6].partition(". ")
        first = row.native_id == "r1"
        account = self._core.accounts.get(row.account_id)
        comments: tuple[Comment, ...] = ()
        if first:
            nine = int(datetime(2026, 6, 1, 9, 10, tzinfo=UTC).timestamp())
            comments = (
                Comment(id="c1", author=f"Anna, {account.name}", role=Role.BUSINESS, created_at=nine,
                        text="Bonjour Pierre, merci de nous avoir prévenus. Nous cherchons ce qui s’est passé avec "
                             "le transporteur."),
                Comment(id="c2", author="Pierre L.", role=Role.CONSUMER, created_at=nine + 5400,
                        text="Merci. Et le câble, il arrive quand ?"),
            )  # fmt: skip
        elif row.reply_mark in (ReplyMark.OURS, ReplyMark.ELSEWHERE):
            comments = (
                Comment(id="c3", author=account.name, role=Role.BUSINESS, text="Thank you for telling us.",
                        created_at=row.created_at + 7200),
            )  # fmt: skip
        return ReviewDetail(
            row=row,
            title=title if body else "",
            body=body or full[6],
            author=Author(name=row.author_name, email="p.lambert@example.org" if first else None),
            product=Product(sku=f"SKU-{row.native_id}", name=row.product_name),
            reference="HB-FR-28592" if first else None,
            sub_scores=(SubScore("Delivery", 1), SubScore("Packaging", 2), SubScore("Product", 4)) if first else (),
            attachments=(
                Attachment(url="https://pictures.example/box.jpg"),
                Attachment(url="https://pictures.example/headset.jpg"),
            ) if row.has_photo else (),
            facts=(("Verified order", "yes"),) if first else (),
            private_facts=(("E-mail", "p.lambert@example.org"),) if first else (),
            thread_id="t1" if comments else None,
            thread_state="open" if comments else None,
            comments=comments,
            versions=(Version(row.created_at, 3, title, "Commandé le 9, reçu le 20. Le carton était abîmé."),)
            if first else (),
            notes=(),
            raw="{}",
            url="https://reviews.example/r1",
            outbox=tuple(i for i in self._core.outbox.items() if i.review_id == review_id
                         and i.state is not OutboxState.SENT),
        )  # fmt: skip

    def _change(self, ids: Sequence[int], **values: Any) -> Future[None]:
        changed = {i: replace(self.rows_by_id[i], **values) for i in ids if i in self.rows_by_id}
        self.rows_by_id.update(changed)
        self._core.bus.publish(ChangeSet(changed=frozenset(changed)))
        return _done(None)

    def mark_done(self, ids: Sequence[int]) -> Future[None]:
        return self._change(ids, work_state=WorkState.DONE)

    def reopen(self, ids: Sequence[int]) -> Future[None]:
        return self._change(ids, work_state=WorkState.NEEDS_REPLY)

    def mark_waiting(self, ids: Sequence[int]) -> Future[None]:
        return self._change(ids, work_state=WorkState.WAITING)

    def snooze(self, ids: Sequence[int], until_s: float | None) -> Future[None]:
        return self._change(
            ids, work_state=WorkState.SNOOZED, snooze_until=None if until_s is None else int(until_s)
        )

    def set_read(self, ids: Sequence[int], read: bool) -> Future[None]:
        return self._change(ids, unread=not read)

    def set_star(self, ids: Sequence[int], starred: bool) -> Future[None]:
        return self._change(ids, starred=starred)

    def set_hidden(self, ids: Sequence[int], hidden: bool) -> Future[None]:
        self._hidden = self._hidden | set(ids) if hidden else self._hidden - set(ids)
        return self._change(ids)

    def hidden_among(self, ids: Sequence[int]) -> set[int]:
        return self._hidden & set(ids)

    def set_owner(self, ids: Sequence[int], owner: str | None) -> Future[None]:
        return self._change(ids, owner=owner)

    def add_tag(self, ids: Sequence[int], name: str) -> Future[None]:
        for i in ids:
            row = self.rows_by_id[i]
            self._change([i], tags=(*(t for t in row.tags if t != name), name))
        return _done(None)

    def remove_tag(self, ids: Sequence[int], name: str) -> Future[None]:
        for i in ids:
            self._change([i], tags=tuple(t for t in self.rows_by_id[i].tags if t != name))
        return _done(None)

    def add_note(self, review_id: int, text: str) -> Future[None]:
        return self._change([review_id])

    def mark_read(self, ids: Sequence[int], read: bool) -> Future[None]:
        return self.set_read(ids, read)

    # What is kept and taken back is proved with the real core; here it is only not in the way.

    def tags(self) -> list[Tag]:
        names = sorted({tag for row in self.rows_by_id.values() for tag in row.tags})
        return [
            Tag(n, name, 1 + n % 6, False, sum(name in row.tags for row in self.rows_by_id.values()))
            for n, name in enumerate(names, 1)
        ]

    def owners(self) -> list[str]:
        return sorted({row.owner for row in self.rows_by_id.values() if row.owner})

    def views(self) -> list[SavedView]:
        return list(self.saved)

    def view_counts(self) -> dict[int, int]:
        return {view.id: self.count(self.parse(view.query)) for view in self.saved}

    def save_view(self, name: str, query: str, *, icon: str = "bookmark-simple") -> Future[int]:
        view = SavedView(len(self.saved) + 1, name, query, icon, len(self.saved))
        self.saved.append(view)
        self._core.bus.publish(ChangeSet(views=True))
        return _done(view.id)


class _History:
    def undo(self) -> Future[None]:
        return _done(None)

    def redo(self) -> Future[None]:
        return _done(None)


class _Replies:
    def __init__(self, core: FakeCore) -> None:
        self._core = core
        self.drafts: dict[tuple[int, Target], Draft] = {}
        self._numbers = itertools.count(1)

    def draft(self, review_id: int, target: Target) -> Draft | None:
        return self.drafts.get((review_id, target))

    def save_draft(self, review_id: int, target: Target, text: str, subject: str = "") -> Future[None]:
        self.drafts[review_id, target] = Draft(
            id=next(self._numbers), review_id=review_id, target=target, text=text, subject=subject,
            updated_at=self._core.clock.now(), seen={},
        )  # fmt: skip
        self._core.bus.publish(ChangeSet(drafts=frozenset({review_id})))
        return _done(None)

    def discard_draft(self, review_id: int, target: Target) -> Future[None]:
        self.drafts.pop((review_id, target), None)
        return _done(None)

    def can(self, review_id_or_account: int | Account, capability: Capability) -> Available:
        account = review_id_or_account
        if isinstance(account, int):
            row = self._core.inbox.rows_by_id.get(account)
            account = self._core.accounts.get(row.account_id if row else account)
        return self._core.accounts.capabilities(account)[capability]

    def publish(
        self,
        review_id: int,
        target: Target,
        text: str,
        *,
        kind: ActionKind = ActionKind.REPLY,
        payload: dict[str, Any] | None = None,
        delay_s: float,
        override: bool = False,
        then_done: bool = False,
        schedule_at: float | None = None,
        kept: Sequence[str] = (),
    ) -> Future[OutboxItem]:
        row = self._core.inbox.rows_by_id[review_id]
        now = self._core.clock.now()
        item = OutboxItem(
            id=1000 + next(self._numbers), kind=kind, account_id=row.account_id, review_id=review_id, target=target,
            text=text, payload=payload or {}, state=OutboxState.WAITING, created_at=now, not_before=now + delay_s,
            override=override, scheduled_for=schedule_at,
        )  # fmt: skip
        self.drafts.pop((review_id, target), None)
        self._core.outbox.put(item)
        return _done(item)

    def undo(self, outbox_id: int) -> Future[Draft | None]:
        item = self._core.outbox.item(outbox_id)
        if item is None or item.state is not OutboxState.WAITING:
            return _done(None)
        self._core.outbox.drop(outbox_id)
        assert item.review_id is not None
        self.save_draft(item.review_id, item.target, item.text)
        return _done(self.drafts[item.review_id, item.target])


class _Checks:
    """The real rules, told what this core knows."""

    def __init__(self, core: FakeCore) -> None:
        self._core = core

    def check(self, review_id: int, target: Target, text: str) -> tuple[Finding, ...]:
        detail = self._core.inbox.detail(review_id)
        if detail is None:
            return ()
        row, author = detail.row, detail.author
        return check(
            text,
            Known(
                target=target,
                language=row.language,
                display_name=author.name,
                emails=tuple(e for e in (author.email,) if e),
                orders=tuple(o for o in (row.order_id, detail.reference) if o),
                product=row.product_name,
                public=f"{detail.title}\n{detail.body}",
            ),
        )


class _SavedReplies(SavedReplyService):
    """The real search and resolving over replies in memory."""

    def __init__(self, core: FakeCore) -> None:
        self._core = core
        self.replies: dict[int, SavedReply] = {}

    def _all(self) -> tuple[Any, ...]:
        return tuple(_Known.of(reply) for reply in self.replies.values())

    def values(self, review_id: int) -> dict[str, str]:
        row = self._core.inbox.rows_by_id[review_id]
        name = row.author_name or ""
        return {
            "customer.first_name": name.split(" ")[0],
            "customer.name": name,
            "order.number": row.order_id or "",
            "review.product": row.product_name or "",
        }

    def save(self, reply: SavedReply) -> Future[SavedReply]:
        stored = replace(reply, id=reply.id or len(self.replies) + 1)
        self.replies[stored.id] = stored
        return _done(stored)

    def used(self, reply_id: int) -> Future[None]:
        self.replies[reply_id] = replace(self.replies[reply_id], used=self.replies[reply_id].used + 1)
        return _done(None)


class _Outbox:
    def __init__(self, core: FakeCore) -> None:
        self._core = core
        self.by_id: dict[int, OutboxItem] = {}

    def put(self, item: OutboxItem) -> None:
        self.by_id[item.id] = item
        reviews = frozenset({item.review_id} if item.review_id else ())
        self._core.bus.publish(ChangeSet(outbox=frozenset({item.id}), changed=reviews))

    def drop(self, item_id: int) -> None:
        self.by_id.pop(item_id, None)
        self._core.bus.publish(ChangeSet(outbox=frozenset({item_id})))

    def items(self, *, states: Iterable[OutboxState] | None = None, limit: int = 500) -> list[OutboxItem]:
        wanted = None if states is None else set(states)
        found = [i for i in self.by_id.values() if wanted is None or i.state in wanted]
        return sorted(found, key=lambda i: -i.id)[:limit]

    def item(self, item_id: int) -> OutboxItem | None:
        return self.by_id.get(item_id)

    def scheduled(self) -> list[float]:
        return sorted(i.scheduled_for for i in self.by_id.values() if i.scheduled_for is not None)

    def _set(self, item_id: int, **values: Any) -> Future[OutboxItem]:
        item = replace(self.by_id[item_id], **values)
        self.put(item)
        return _done(item)

    def send_now(self, item_id: int) -> Future[OutboxItem]:
        return self._set(item_id, not_before=self._core.clock.now(), state=OutboxState.SENDING)

    def hold(self, item_id: int) -> Future[OutboxItem]:
        return self._set(item_id, state=OutboxState.HELD, error=ErrorInfo("held", "Held by you"))

    def retry(self, item_id: int, override: bool = False) -> Future[OutboxItem]:
        return self._set(item_id, state=OutboxState.WAITING, not_before=self._core.clock.now(), error=None)

    def discard(self, item_id: int) -> Future[OutboxItem]:
        item = self.by_id[item_id]
        self.drop(item_id)
        return _done(replace(item, state=OutboxState.DISCARDED))

    def edit(self, item_id: int, text: str) -> Future[OutboxItem]:
        return self._set(item_id, text=text)


class _Accounts:
    def __init__(self, core: FakeCore, empty: bool) -> None:
        self._core = core
        self.all: list[Account] = []
        for number, (name, provider, colour, state) in enumerate(() if empty else _ACCOUNTS, 1):
            error = None
            if state is AccountState.SIGN_IN_NEEDED:
                error = ErrorInfo(
                    "sign-in", "Sitejabber wants you to sign in again (error 207: token expired)."
                )
            self.all.append(
                Account(
                    id=number,
                    name=name,
                    provider=provider,
                    settings={},
                    secret_keys=frozenset({"api_key"}),
                    state=state,
                    position=number,
                    colour=colour,
                    last_success=int(NOW) - 130,
                    last_error=error,
                )
            )
        self._specs = tuple(_spec(*values) for values in _SPECS)

    def specs(self) -> tuple[ProviderSpec, ...]:
        return self._specs

    def list(self) -> list[Account]:
        return list(self.all)

    def get(self, account_id: int) -> Account:
        return next(a for a in self.all if a.id == account_id)

    def by_name(self, name: str) -> Account:
        return next(a for a in self.all if a.name == name)

    def capabilities(self, account: Account) -> dict[Capability, Available]:
        spec = next(s for s in self._specs if s.id == account.provider)
        return spec.capabilities(account.settings, account.secret_keys)

    def pause(self, account_id: int) -> Future[None]:
        self.all = [replace(a, state=AccountState.PAUSED) if a.id == account_id else a for a in self.all]
        self._core.bus.publish(ChangeSet(accounts=frozenset({account_id})))
        return _done(None)

    def resume(self, account_id: int) -> Future[None]:
        self.all = [replace(a, state=AccountState.OK) if a.id == account_id else a for a in self.all]
        self._core.bus.publish(ChangeSet(accounts=frozenset({account_id})))
        return _done(None)

    def wants_browser(self, provider: str, settings: Mapping[str, str]) -> bool:
        return False


class _Sync:
    def __init__(self, core: FakeCore) -> None:
        self._core = core
        self.asked: list[object] = []
        self.by_account: dict[int, SyncStatus] = {}

    def sync_now(self, account_ids: Sequence[int] | None = None, full: bool = False) -> None:
        self.asked.append(account_ids)

    def cancel(self, account_id: int) -> None:
        self.asked.append(("cancel", account_id))

    def statuses(self) -> dict[int, SyncStatus]:
        return dict(self.by_account)

    def say(self, status: SyncStatus) -> None:
        """Let an account's worker say where it stands."""
        self.by_account[status.account_id] = status
        self._core.bus.publish(status)


class _Pictures:
    def __init__(self, core: FakeCore) -> None:
        self._core = core

    def fetch(self, review_id: int, url: str) -> Future[bytes]:
        return _done(b"")


class _Settings:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def get(self, preference: Any) -> Any:
        return self.values.get(preference.key, preference.default)

    def set(self, preference: Any, value: Any) -> Future[None]:
        self.values[preference.key] = value
        return _done(None)

    def text(self, key: str) -> str | None:
        return self.texts.get(key)

    def set_text(self, key: str, value: str) -> Future[None]:
        self.texts[key] = value
        return _done(None)


class _People:
    """Nobody is known twice, unless a test says so in ``found``."""

    def __init__(self) -> None:
        self.found: dict[int, Context] = {}
        self.unlinked: list[tuple[int, int]] = []

    def context(self, review_id: int) -> Context:
        return self.found.get(review_id, Context(review_id))

    def unlink(self, review_id: int, other_id: int) -> Future[None]:
        self.unlinked.append((review_id, other_id))
        return _done(None)

    def unlink_invitation(self, review_id: int, invitation_id: int) -> Future[None]:
        self.unlinked.append((review_id, invitation_id))
        return _done(None)


class _Moderation:
    """Nothing is reported here, and nobody can be asked."""

    def can_find_reviewer(self, review_id: int) -> Available:
        return Available(False, "The fake provider has no way to ask who wrote a review.")

    def reasons(self, review_id: int) -> dict[str, str]:
        return {}


class _NoTranslation:
    """As long as nobody names a service."""

    def why_not(self) -> str:
        return NOT_SET

    def address(self) -> str:
        return ""

    def service(self) -> str:
        return ""


class _AllRight(Dictionaries):
    """Has every language, and every word is right."""

    def has(self, code: str) -> bool:
        return True

    def languages(self) -> tuple[str, ...]:
        return ("de", "en", "fr")

    def right(self, word: str, codes: Iterable[str]) -> bool:
        return True


class FakeCore:
    """See the module. ``empty`` has no account at all."""

    def __init__(self, *, empty: bool = False, practice: bool = True) -> None:
        self.clock = FakeClock(NOW)
        self.bus = EventBus()
        self.profile = None
        self.practice = practice
        self._pool = ThreadPoolExecutor(2, "fake-core")
        self.accounts = _Accounts(self, empty)
        self.inbox = _Inbox(self)
        if empty:
            self.inbox.rows_by_id.clear()
        self.replies = _Replies(self)
        self.checks = _Checks(self)
        self.saved_replies = _SavedReplies(self)
        self.outbox = _Outbox(self)
        self.people = _People()
        self.moderation = _Moderation()
        self.sync = _Sync(self)
        self.pictures = _Pictures(self)
        self.settings = _Settings()
        self.signatures = SignatureService(self.settings)  # type: ignore[arg-type]
        self.spelling = SpellingService(self.settings, None, _AllRight(None))  # type: ignore[arg-type]
        self.translation = _NoTranslation()

    def submit(self, work: Callable[..., T], *args: Any) -> Future[T]:
        return self._pool.submit(work, *args)

    def known_accounts(self) -> list[Account]:
        return list(self.accounts.list())

    def account_codes(self) -> dict[str, str]:
        return {spec.id: spec.code for spec in self.accounts.specs()}

    def sync_statuses(self) -> dict[int, SyncStatus]:
        return dict(self.sync.statuses())

    def start(self) -> None:
        """Nothing runs by itself here."""

    def stop(self, timeout_s: float = 3.0) -> None:
        self.spelling.close()
        self._pool.shutdown(wait=True)

    # --- what a test or a picture needs ----------------------------------------------------------

    def review_of(self, author: str) -> int:
        """The id of somebody's review."""
        return next(r.id for r in self.inbox.rows_by_id.values() if r.author_name == author)

    def fill_outbox(self) -> None:
        """One item in every state, as in the picture of the outbox."""

        def item(number: int, author: str, text: str, state: OutboxState, **more: Any) -> None:
            review = self.review_of(author)
            row = self.inbox.rows_by_id[review]
            values: dict[str, Any] = {
                "id": number, "kind": ActionKind.REPLY, "account_id": row.account_id, "review_id": review,
                "target": Target.PUBLIC, "text": text, "payload": {}, "state": state,
                "created_at": NOW - 1800, "not_before": NOW,
            }  # fmt: skip
            self.outbox.put(OutboxItem(**(values | more)))

        item(
            1,
            "Karim Saleh",
            "We are sorry that the zip gave up on the way. A new backpack ships today, and there "
            "is no need to send the old one back. Thank you for telling us where it happened.",
            OutboxState.FAILED,
            attempts=2,
            error=ErrorInfo("refused", "Duplicate comment"),
            finished_at=NOW - 900,
        )
        item(
            2,
            "Pierre L.",
            "Bonjour Pierre, merci pour ces précisions. Le câble manquant part aujourd’hui par "
            "courrier suivi.",
            OutboxState.WAITING,
            not_before=NOW + 8,
        )
        item(
            3,
            "Claudia Bremer",
            "Guten Tag Frau Bremer, die Mühle tauschen wir selbstverständlich aus.",
            OutboxState.WAITING,
            target=Target.PRIVATE,
            kind=ActionKind.MESSAGE,
            attempts=1,
            not_before=NOW + 20,
            error=ErrorInfo("rate-limit", "640 of 1000 calls this hour"),
        )
        item(
            4,
            "Oliver Haines",
            "Thank you, Oliver. Glad the long cable helps at the desk.",
            OutboxState.WAITING,
            scheduled_for=NOW + 4 * 86400,
            not_before=NOW + 4 * 86400,
        )
        item(
            5,
            "Inés Robledo",
            "Hola Inés, sentimos lo de la base. Hoy mismo sale el tornillo.",
            OutboxState.HELD,
            error=ErrorInfo("held", "Held by you"),
            finished_at=NOW - 600,
        )
        item(
            6,
            "سارة الحداد",
            "شكرًا لملاحظتك، سنرسل غطاءً جديدًا مع تغليف أفضل",
            OutboxState.VERIFYING,
            attempts=1,
            sending_since=NOW - 40,
            not_before=NOW + 20,
            error=ErrorInfo("unclear", "no answer within 30 s"),
        )
        item(7, "Chloé Martin", "Merci Chloé, ravi que le son vous plaise.", OutboxState.SENT, attempts=1,
             remote_id="c9", finished_at=NOW - 840)  # fmt: skip

    def say_statuses(self) -> None:
        """Five accounts idle, one loading."""
        for account in self.accounts.list():
            loading = account.name == "Harbour RO"
            self.sync.say(
                SyncStatus(account.id, SyncPhase.RUNNING, "newest reviews", 320, 900)
                if loading
                else SyncStatus(account.id, SyncPhase.IDLE)
            )


def make_core(**options: Any) -> FakeCore:
    """A fake core with nothing in its outbox."""
    return FakeCore(**options)
