"""A corpus of search documents, and the plain truth about it: no index, only loops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from sqlalchemy.orm import Session

from catalog.search.analyzer import analyze, neighbours
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.planning import plan_of
from catalog.search.schema import fictional_value

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
KINDS = ("offering", "case", "project")
SUBJECTS = (
    "文書管理", "電子申請", "生成AI", "議事録作成", "電子契約", "施設予約", "住民記録", "財務会計",
    "防災情報", "給食費", "図書館", "介護認定", "保育所入所", "道路台帳", "固定資産税", "窓口予約",
)  # fmt: skip
WORDS = (
    "クラウド", "システム", "支援", "連携", "共同利用", "庁内", "住民", "オンライン", "紙", "削減",
    "LGWAN", "認証", "職員", "研修", "データ", "標準", "移行", "検索", "帳票", "通知",
)  # fmt: skip
FACET_VALUES: dict[str, tuple[str, ...]] = {
    "category": ("document_management", "electronic_application", "generative_ai", "library"),
    "prefecture": ("01", "13", "25", "27", "47", "99"),
    "status": ("planned", "in_use", "ended"),
    "fiscal_year": ("2023", "2024", "2025", "2026"),
    "certification": ("ismap", "iso27001", "p_mark"),
    "price_band": ("y0", "y1m", "y10m"),
    "know_how": ("yes", "no"),
    "deadline": ("soon", "later", "past"),
}


def make_document(kind: str, object_id: int, title: str, **facts: object) -> SearchDocument:
    """A public fictional document with the rest filled in."""
    defaults: dict[str, object] = {
        "url": f"/{kind}s/{object_id}",
        "updated_at": NOW,
        "fictional": True,
    }
    return SearchDocument(kind=kind, object_id=object_id, title=title, **(defaults | facts))  # type: ignore[arg-type]


def make_corpus(size: int, seed: int = 1) -> list[SearchDocument]:
    """Documents as unlike each other as chance makes them; one in eight for bodies only."""
    random = Random(seed)
    return [_random_document(random, number) for number in range(1, size + 1)]


def _random_document(random: Random, number: int) -> SearchDocument:
    subject = random.choice(SUBJECTS)
    facets = {
        name: tuple(random.sample(values, random.choice((0, 1, 1, 2))))
        for name, values in FACET_VALUES.items()
        if name != "deadline"
    }
    return make_document(
        random.choice(KINDS),
        number,
        f"架空{subject}{random.choice(WORDS)} {number}号",
        vendor=f"株式会社架空{random.choice(WORDS)}",
        category=random.choice(SUBJECTS),
        body="。".join(random.choices(WORDS + SUBJECTS, k=random.randint(3, 30))),
        government_body=random.choice(("", "", "", f"{random.choice(WORDS)}の脆弱性診断")),
        facets=facets,
        government_facets={"hosting": ("on_premises",)} if number % 9 == 0 else {},
        updated_at=NOW - timedelta(days=random.randint(0, 400)),
        closes_at=random.choice((None, None, NOW + timedelta(days=random.randint(-30, 90)))),
        joining_bodies=random.choice((0, 0, 3, 12, 40)),
        population=random.choice((0, 4_000, 30_000, 31_000, 250_000)),
        peer_group=random.choice(("", "Ⅱ－1", "Ⅲ－2")),
        visibility=Viewer.GOVERNMENT if random.random() < 0.125 else Viewer.PUBLIC,
        fictional=random.random() < 0.8,
    )


@dataclass
class ListSource:
    """A source over documents held in a list, in place of the database."""

    held: dict[int, SearchDocument] = field(default_factory=dict)

    def list_ids(self, session: Session) -> Sequence[int]:
        return sorted(self.held)

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        return [self.held[i] for i in ids if i in self.held]


def find_by_loop(
    documents: Sequence[SearchDocument],
    text: str,
    filters: Mapping[str, Sequence[str]],
    viewer: Viewer,
) -> list[SearchDocument]:
    """What the query must find."""
    plan = plan_of(text)
    return [
        document
        for document in documents
        if _is_visible(document, viewer)
        and all(_has_any(document, viewer, group) for group in plan.required)
        and not any(
            all(_has_any(document, viewer, group) for group in groups) for groups in plan.excluded
        )
        and all(set(v) & facet_values(document, n, viewer) for n, v in filters.items())
    ]


def count_by_loop(
    documents: Sequence[SearchDocument],
    text: str,
    filters: Mapping[str, Sequence[str]],
    viewer: Viewer,
    facet: str,
) -> dict[str, int]:
    """The facet's counts as they must be: its own choice left aside, unknown values left out."""
    others = {name: values for name, values in filters.items() if name != facet}
    found = find_by_loop(documents, text, others, viewer)
    known = {
        value
        for document in documents
        if _is_visible(document, viewer)
        for value in facet_values(document, facet, viewer)
    }
    return {v: sum(v in facet_values(d, facet, viewer) for d in found) for v in known}


def facet_values(document: SearchDocument, facet: str, viewer: Viewer) -> set[str]:
    """The values of a facet this reader may know of."""
    own = {"kind": (document.kind,), "fictional": (fictional_value(document.fictional),)}
    values = set({**document.facets, **own}.get(facet, ()))
    if facet == "deadline" and document.closes_at:
        values.add(_deadline(document.closes_at - NOW))
    if viewer is Viewer.GOVERNMENT:
        values |= set(document.government_facets.get(facet, ()))
    return values


def _deadline(left: timedelta) -> str:
    if left < timedelta():
        return "past"
    return "soon" if left <= timedelta(days=30) else "later"


def _is_visible(document: SearchDocument, viewer: Viewer) -> bool:
    return viewer is Viewer.GOVERNMENT or document.visibility is Viewer.PUBLIC


def _has_any(document: SearchDocument, viewer: Viewer, group: Sequence[Sequence[str]]) -> bool:
    return any(set(atoms) <= _atoms(document, viewer) for atoms in group)


def _atoms(document: SearchDocument, viewer: Viewer) -> frozenset[str]:
    texts = [document.title, document.vendor, document.category, document.body]
    if viewer is Viewer.GOVERNMENT:
        texts.append(document.government_body)
    return frozenset().union(*map(_atoms_of, texts))


@cache
def _atoms_of(text: str) -> frozenset[str]:
    tokens = analyze(text)
    return frozenset(token.term for token in tokens) | frozenset(neighbours(tokens))
