"""Who says what of a specification: published entries at their current version, on both kinds."""

from typing import Any

from catalog.queries.conformances import list_conformances
from foundation.db import Database
from tests.harness.builders import make_offering
from tests.harness.versions import add_version


def said(spec: str, version: str = "", status: str = "self_declared") -> dict[str, Any]:
    return {"spec": spec, "version": version, "status": status, "verified_by": "", "gaps": []}


def test_current_versions_of_published_entries_by_version_of_the_specification(
    database: Database,
) -> None:
    with database.transaction() as session:
        named = {}
        for name, answers in {
            "新": [said("disaster-model", "第2版"), said("ishikawa-victims-spec")],
            "旧": [said("disaster-model", "第1版", "not_conforming")],
            "別": [said("ishikawa-victims-spec")],
            "下書き": [said("disaster-model", "第2版")],
        }.items():
            offering = make_offering(session, name=name)
            add_version(session, offering.id, answers={"spec_conformance": answers})
            named[name] = offering
        named["下書き"].publication_status = "suspended"
        # An old version said so, the current one no longer does; a name alone says nothing.
        gone = make_offering(session, name="取り消し")
        add_version(session, gone.id, answers={"spec_conformance": [said("disaster-model")]})
        add_version(session, gone.id, answers={"introduction_effects": 'x "disaster-model" y'})
    with database.read_session() as session:
        rows = list_conformances(session, "disaster-model", "2026-11")
        assert [(row.name, row.said.version, row.said.conforms) for row in rows] == [
            ("旧", "第1版", False),
            ("新", "第2版", True),
        ]
        assert list_conformances(session, "nursery-ict-spec", "2026-11") == ()
