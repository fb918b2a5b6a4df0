"""Is an export what this database says? Its lock, its place in the chain, its versions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from catalog.entries import content_sha256
from catalog.models import OfferingVersion
from catalog.publishing import stored_content
from catalog.selection.record_models import SelectionLock, SelectionOutcome
from catalog.selection.verify import Report, kept_links
from foundation.audit import AuditEvent, canonical_json, verify


def check_database(session: Session, export: Mapping[str, Any], report: Report) -> None:
    """Add to the report what the database says of the export."""
    chain = verify(session)
    report.add(list(chain.problems), f"監査記録 {chain.events:,}件はつながっています。")
    report.add(_check_links(session, export), "監査記録に、この記録の確定と控えの値があります。")
    report.add(_check_lock(session, export), "データベースの確定した記録と一致します。")
    report.add(
        _check_versions(session, export), "掲載サービスの版は、データベースの版と一致します。"
    )
    said = session.get(SelectionOutcome, export["record"]["id"])
    if said is not None and "outcome" not in export:
        report.left_out.append("データベースには結論があります。このファイルには入っていません。")


def _check_links(session: Session, export: Mapping[str, Any]) -> list[str]:
    last = session.scalar(select(func.max(AuditEvent.seq))) or 0
    links = kept_links(export)
    found = {
        seq: digest
        for seq, digest in session.execute(
            select(AuditEvent.seq, AuditEvent.hash).where(
                AuditEvent.seq.in_([seq for _, seq, _ in links])
            )
        )
    }
    problems = []
    for what, seq, digest in links:
        if seq > last:
            problems.append(
                f"{what}（{seq}番）がありません（監査記録の末尾が切り取られています）。"
            )
        elif found.get(seq) != digest:
            problems.append(f"{what}（{seq}番）が一致しません（過去が書き換えられています）。")
    return problems


def _check_lock(session: Session, export: Mapping[str, Any]) -> list[str]:
    lock = session.get(SelectionLock, export["record"]["id"])
    if lock is None:
        return ["データベースに、この番号の確定した記録がありません。"]
    same = (
        lock.content == canonical_json(export["record"])
        and lock.content_sha256 == export["record_sha256"]
        and (lock.audit_seq, lock.audit_hash)
        == (export["audit"]["event"]["seq"], export["audit"]["event"]["hash"])
    )
    return [] if same else ["データベースの確定した記録が、このファイルと一致しません。"]


def _check_versions(session: Session, export: Mapping[str, Any]) -> list[str]:
    versions = {
        (result["id"], result["version"]): result
        for result in export["record"]["results"]
        if result["version"]
    }
    place = tuple_(OfferingVersion.offering_id, OfferingVersion.number)
    stored = {
        (version.offering_id, version.number): version
        for version in session.scalars(select(OfferingVersion).where(place.in_(list(versions))))
    }
    problems = []
    for key, result in versions.items():
        version = stored.get(key)
        name = f"結果{result['place']}番「{result['title']}」第{key[1]}版"
        if version is None:
            problems.append(f"{name}がデータベースにありません。")
        elif result["content_sha256"] != _sha256_of(version):
            problems.append(f"{name}の内容が、記録の検証値と一致しません。")
    return problems


def _sha256_of(version: OfferingVersion) -> str:
    """The hash of what the version says today, not the one stored beside it."""
    return content_sha256(stored_content(version))
