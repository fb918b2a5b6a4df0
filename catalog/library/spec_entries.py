"""A specification as it is sent in: what it says, why it cannot be taken in, its row."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.checks import list_address_faults, list_key_faults
from catalog.conformance import FIELD_SEPARATOR, SpecNames, own_specs
from catalog.library.models import SpecDocument
from catalog.library.words import SpecKind
from catalog.search.outbox import queue
from foundation.clock import fiscal_year_label
from foundation.errors import Blocker
from foundation.text import LATEST_DAY, fold_for_match, normalize, parse_date, parse_month

MOST_TITLE, MOST_WORDS, MOST_SUMMARY = 200, 200, 5_000
_YEAR = re.compile(r"(19|20|21)\d\d")


@dataclass(frozen=True, kw_only=True)
class SpecEntry:
    """What is said of a specification; '' and None are 「記載なし」.

    issued_on: a year, a month or a day, as the source says. source_as_of: day of the source.
    """

    key: str
    title: str
    kind: SpecKind
    domain: str = ""
    issuer: str = ""
    version: str = ""
    issued_on: str = ""
    next_revision_fy: int | None = None
    system_types: tuple[str, ...] = ()
    summary: str = ""
    supersedes: str = ""
    url: str = ""
    fictional: bool = False
    source_doc: str = ""
    source_lines: str = ""
    source_as_of: str = ""


LABELS: Mapping[str, str] = {
    "key": "キー",
    "title": "名称",
    "kind": "種類",
    "domain": "分野",
    "issuer": "発行",
    "version": "版",
    "issued_on": "時期",
    "next_revision_fy": "次の改訂年度",
    "system_types": "システム種別",
    "summary": "内容",
    "supersedes": "前の版",
    "url": "アドレス",
    "fictional": "架空",
    "source_doc": "出典",
    "source_lines": "出典の箇所",
    "source_as_of": "出典の時点",
}
REQUIRED = ("key", "title", "kind", "source_doc", "source_as_of")
_LONGEST = {"title": MOST_TITLE, "summary": MOST_SUMMARY, "source_lines": 500}
_SHORT = ("domain", "issuer", "version", "source_doc", "url")


def read_issued_on(text: str) -> str:
    """A year, month or day as typed: 「2025」, 「2025-03」, 「2025-03-15」. Raises ValueError."""
    plain = normalize(text)
    if not plain or _YEAR.fullmatch(plain.removesuffix("年")):
        return plain.removesuffix("年")
    readers: tuple[Callable[[str], str], ...] = (
        lambda typed: parse_date(typed).isoformat(),
        lambda typed: parse_month(typed).isoformat()[:7],
    )
    for read in readers:
        try:
            return read(plain)
        except ValueError:
            continue
    raise ValueError(f"「{text}」は年・年月・日付として読めません。例：2025-03")


def list_spec_blockers(entry: SpecEntry, known: SpecNames) -> list[Blocker]:
    """Every reason why it cannot be taken in beside the known ones (by key)."""
    blockers = list_key_faults(entry.key)
    blockers += _text_faults(entry)
    blockers += list_address_faults("url", LABELS["url"], entry.url)
    blockers += _name_faults(entry, known)
    year = entry.next_revision_fy
    if year is not None and not 2000 <= year <= LATEST_DAY.year:
        blockers.append(_fault("next_revision_fy", "は西暦4桁の年度で書いてください。"))
    there = known.get(entry.key)
    if there is not None and there.fictional != entry.fictional:
        blockers.append(_fault("fictional", "は、登録済みの仕様書では変えられません。"))
    if entry.supersedes == entry.key:
        blockers.append(_fault("supersedes", "に自分のキーは書けません。"))
    return blockers


def write_spec(session: Session, entry: SpecEntry, *, now: datetime) -> SpecDocument:
    """The specification of this key, new or brought up to date, and waiting for the index."""
    spec = session.scalar(select(SpecDocument).where(SpecDocument.key == entry.key))
    if spec is None:
        spec = SpecDocument(key=entry.key, row_version=0)
        session.add(spec)
    for name, value in stored_values(entry).items():
        setattr(spec, name, value)
    spec.row_version += 1
    session.flush()
    queue(session, "spec", spec.id, now=now)
    return spec


def stored_values(entry: SpecEntry) -> dict[str, object]:
    """The entry as its row holds it."""
    values = {f.name: getattr(entry, f.name) for f in fields(entry)}
    return values | {"kind": entry.kind.value, "system_types": "|".join(entry.system_types)}


def _text_faults(entry: SpecEntry) -> Iterable[Blocker]:
    for name in REQUIRED:
        if name != "key" and not getattr(entry, name):
            yield _fault(name, "を入力してください。", code="required")
    for name, limit in {**dict.fromkeys(_SHORT, MOST_WORDS), **_LONGEST}.items():
        if len(getattr(entry, name)) > limit:
            yield _fault(name, f"は{limit:,}文字以内で入力してください。", code="too_long")


def _name_faults(entry: SpecEntry, known: SpecNames) -> list[Blocker]:
    """Entries speak of a specification by its title: it must mean one only."""
    if FIELD_SEPARATOR in normalize(entry.title) or "\n" in entry.title:
        return [_fault("title", "に「｜」と改行は使えません。")]
    wanted = fold_for_match(entry.title)
    for key, spec in known.items():
        if key != entry.key and wanted in (fold_for_match(spec.title), key):
            return [_fault("title", f"はキー「{key}」の仕様書と同じです。版を添えてください。")]
    return []


def is_own(key: str) -> bool:
    """Whether the product itself brings it: its next release would write over a change."""
    return key in own_specs()


def words_of(name: str, value: object) -> str:
    """A field's value as a preview shows it; '' for none."""
    if name == "kind":
        return next((kind.label for kind in SpecKind if kind.value == value), str(value))
    if name == "next_revision_fy":
        return fiscal_year_label(value) if isinstance(value, int) else ""
    if isinstance(value, bool):
        return "架空" if value else "実データ"
    return str(value or "")


def _fault(name: str, words: str, *, code: str = "spec") -> Blocker:
    return Blocker(code=code, message=f"「{LABELS[name]}」{words}", field=name)
