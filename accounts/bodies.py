"""Reading local bodies: the list, and one body's public record with the source of each fact."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from accounts.codes import BODY_KIND_LABELS, BodyKind
from accounts.models import FactSourceRow, LocalBody
from foundation.errors import NotFound
from foundation.paging import Page, paginate
from foundation.text import normalize

BODIES_A_PAGE = 50
FICTIONAL_SOURCE = "fictional"

_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True, kw_only=True)
class FactKind:
    """One column of facts: what it is called, its unit, and the source it comes from."""

    key: str
    label: str
    unit: str
    source: str


FACT_KINDS = (
    FactKind(key="population_census_2020", label="人口（国勢調査）", unit="人", source="census"),
    FactKind(
        key="population_register_2025", label="人口（住民基本台帳）", unit="人", source="register"
    ),
    FactKind(key="households_2020", label="世帯数", unit="世帯", source="census"),
    FactKind(key="population_65plus_2020", label="65歳以上の人口", unit="人", source="census"),
    FactKind(key="area_ha", label="総面積", unit="ヘクタール", source="area"),
    FactKind(
        key="staff_general_2024", label="一般行政部門の職員数", unit="人", source="peer_group"
    ),
    FactKind(key="fiscal_strength_index", label="財政力指数", unit="", source="fiscal"),
    FactKind(
        key="standard_fiscal_scale_thousand_yen",
        label="標準財政規模",
        unit="千円",
        source="fiscal",
    ),
    FactKind(key="peer_group", label="類似団体区分", unit="", source="peer_group"),
    FactKind(key="corporate_number", label="法人番号", unit="", source="corporate_number"),
)


@dataclass(frozen=True, kw_only=True)
class BodyFilter:
    """What the list is narrowed by; None or '' = not narrowed."""

    q: str = ""
    prefecture: str | None = None
    kind: str | None = None
    fictional: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """A published source, with the line that must be printed beside its facts."""

    key: str
    name: str
    publisher: str
    as_of: str
    url: str
    attribution: str


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """One fact. value None: not published, said as such and never guessed."""

    key: str
    label: str
    value: int | Decimal | str | None
    unit: str
    source: SourceRow


@dataclass(frozen=True, kw_only=True)
class BodyRow:
    """A local body with its facts."""

    code: str
    name: str
    kana: str
    kind: BodyKind
    prefecture_code: str
    prefecture_name: str
    fictional: bool
    valid_from: date | None
    valid_to: date | None
    successor_code: str | None
    facts: tuple[FactRow, ...]

    @property
    def kind_label(self) -> str:
        return BODY_KIND_LABELS[self.kind]

    @property
    def fact(self) -> Mapping[str, FactRow]:
        """The facts by key."""
        return {fact.key: fact for fact in self.facts}

    @property
    def sources(self) -> tuple[SourceRow, ...]:
        """Each source of the facts once, in the order of the facts."""
        return tuple({fact.source.key: fact.source for fact in self.facts}.values())

    @property
    def attributions(self) -> tuple[str, ...]:
        """The lines to print beside the facts, each once."""
        lines = (source.attribution for source in self.sources if source.attribution)
        return tuple(dict.fromkeys(lines))


def list_bodies_named(session: Session, names: Collection[str]) -> list[tuple[str, str]]:
    """(code, name) of the bodies of exactly these names, real ones first, by code."""
    statement = (
        select(LocalBody.code, LocalBody.name)
        .where(LocalBody.name.in_(names))
        .order_by(LocalBody.fictional, LocalBody.code)
    )
    return [(code, name) for code, name in session.execute(statement)]


def load_body_names(session: Session) -> dict[str, str]:
    """Code → name of every local body known, made-up ones too. One query."""
    rows = session.execute(select(LocalBody.code, LocalBody.name))
    return {code: name for code, name in rows}


def list_bodies(
    session: Session, wanted: BodyFilter, *, page: int, size: int = BODIES_A_PAGE
) -> Page[BodyRow]:
    """Bodies that exist today, by code."""
    sources = list_sources(session)
    return paginate(
        session,
        _narrowed(wanted),
        page=page,
        size=size,
        make_row=lambda found: _body_row(found[0], sources),
    )


def count_fictional(session: Session, wanted: BodyFilter) -> int:
    """How many of the bodies in the list are fictional: the two are never one figure."""
    fictional = _narrowed(wanted).where(LocalBody.fictional).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(fictional)) or 0


def get_body(session: Session, code: str) -> BodyRow:
    """One body, merged ones included. NotFound if the code is nobody's."""
    body = session.get(LocalBody, code)
    if body is None:
        raise NotFound
    return _body_row(body, list_sources(session))


def list_prefectures(session: Session) -> list[tuple[str, str]]:
    """(two digits, name) of every prefecture that has bodies, by code."""
    statement = select(LocalBody.prefecture_code, LocalBody.prefecture_name).distinct()
    rows = session.execute(statement.order_by(LocalBody.prefecture_code))
    return [(code, name) for code, name in rows]


def list_sources(session: Session) -> dict[str, SourceRow]:
    """Every source of facts by key."""
    rows = session.scalars(select(FactSourceRow))
    return {row.key: _source_row(row) for row in rows} | {FICTIONAL_SOURCE: _FICTIONAL}


FICTIONAL_SOURCE_NAME = "架空（試用のために作った値）"
_FICTIONAL = SourceRow(
    key=FICTIONAL_SOURCE,
    name=FICTIONAL_SOURCE_NAME,
    publisher="もやい",
    as_of="",
    url="",
    attribution="架空のデータです。実在の団体・統計ではありません。",
)
_UNKNOWN = SourceRow(
    key="unknown", name="出典の記載なし", publisher="", as_of="", url="", attribution=""
)


def _narrowed(wanted: BodyFilter) -> Select[Any]:
    statement = select(LocalBody).where(LocalBody.valid_to.is_(None)).order_by(LocalBody.code)
    if wanted.prefecture:
        statement = statement.where(LocalBody.prefecture_code == wanted.prefecture)
    if wanted.kind:
        statement = statement.where(LocalBody.kind == wanted.kind)
    if wanted.fictional is not None:
        statement = statement.where(LocalBody.fictional == wanted.fictional)
    for word in normalize(wanted.q).split(" "):
        if word:
            statement = statement.where(_mentions(word))
    return statement


def _mentions(word: str) -> Any:
    reading = word.translate(_KATAKANA)
    return or_(
        LocalBody.name.contains(word, autoescape=True),
        LocalBody.kana.startswith(reading, autoescape=True),
        LocalBody.prefecture_name.contains(word, autoescape=True),
        LocalBody.code.startswith(word, autoescape=True),
    )


def _body_row(body: LocalBody, sources: Mapping[str, SourceRow]) -> BodyRow:
    return BodyRow(
        code=body.code,
        name=body.name,
        kana=body.kana,
        kind=BodyKind(body.kind),
        prefecture_code=body.prefecture_code,
        prefecture_name=body.prefecture_name,
        fictional=body.fictional,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        successor_code=body.successor_code,
        facts=tuple(_fact_row(body, kind, sources) for kind in FACT_KINDS),
    )


def _fact_row(body: LocalBody, kind: FactKind, sources: Mapping[str, SourceRow]) -> FactRow:
    value = getattr(body, kind.key)
    return FactRow(
        key=kind.key,
        label=kind.label,
        value=None if value == "" else value,
        unit=kind.unit,
        source=sources.get(FICTIONAL_SOURCE if body.fictional else kind.source, _UNKNOWN),
    )


def _source_row(row: FactSourceRow) -> SourceRow:
    return SourceRow(
        key=row.key,
        name=row.name,
        publisher=row.publisher,
        as_of=row.as_of,
        url=row.url,
        attribution=row.attribution,
    )
