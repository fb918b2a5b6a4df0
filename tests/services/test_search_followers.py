"""A document that says something of another entry follows it: a case its product, a project too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from catalog.models import Offering
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from foundation.db import Database
from procurement import search_source
from procurement.models import ProjectOffering
from tests.harness.builders import NOW, make_case, make_offering
from tests.harness.projects import make_project, make_world
from tests.harness.versions import add_version

SPEC = "disaster-model"


def conformance(status: str) -> dict[str, object]:
    one = {"spec": SPEC, "version": "", "status": status, "verified_by": "", "gaps": []}
    return {"spec_conformance": [one]}


@pytest.fixture
def service(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchService]:
    for table in ("_sources", "_label_loaders", "_follower_lists"):
        monkeypatch.setattr(sources, table, {})
    register_catalog_sources()
    search_source.register()
    service = SearchService(database, tmp_path / "search")
    database.after_commit.append(service.after_commit)
    service.ensure_index()
    yield service


def titles(service: SearchService, **filters: tuple[str, ...]) -> set[str]:
    page = service.search(SearchQuery(filters=filters), viewer=Viewer.PUBLIC, now=NOW)
    return {result.title for result in page.results}


def publish(session: Session, offering_id: int, **facts: object) -> None:
    add_version(session, offering_id, **facts)
    queue(session, "offering", offering_id, NOW)


def test_cases_and_projects_follow_the_product_they_use(
    database: Database, service: SearchService
) -> None:
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        offering = make_offering(session, name="架空防災盤")
        case = make_case(session, title="架空の防災の共同調達")
        case.offerings = [offering]
        for relation, used in (("awarded", offering), ("requested", make_offering(session))):
            session.add(
                ProjectOffering(project_id=project.id, offering_id=used.id, relation=relation)
            )
        queue(session, "case", case.id, NOW)
        queue(session, "project", project.id, NOW)
        title, offering_id = project.title, offering.id
    assert titles(service, spec=(SPEC,)) == set()

    with database.transaction() as session:
        publish(session, offering_id, answers=conformance("self_declared"))
    followed = {"架空防災盤", "架空の防災の共同調達", title}
    assert titles(service, spec=(SPEC,)) == followed
    service.rebuild()
    assert titles(service, spec=(SPEC,)) == followed

    with database.transaction() as session:
        publish(session, offering_id, answers=conformance("not_conforming"))
    assert titles(service, spec=(SPEC,)) == set()
    with database.transaction() as session:
        publish(session, offering_id, answers=conformance("self_declared"), name="架空新防災盤")
    with database.transaction() as session:
        session.get_one(Offering, offering_id).publication_status = "withdrawn"
        queue(session, "offering", offering_id, NOW)
    assert titles(service, spec=(SPEC,)) == set()


def test_what_a_project_only_asked_about_says_nothing_of_it(
    database: Database, service: SearchService
) -> None:
    with database.transaction() as session:
        project = make_project(session, make_world(session))
        asked = make_offering(session, name="照会先の製品")
        session.add(
            ProjectOffering(project_id=project.id, offering_id=asked.id, relation="requested")
        )
        queue(session, "project", project.id, NOW)
        publish(session, asked.id, answers=conformance("self_declared"))
    assert titles(service, spec=(SPEC,)) == {"照会先の製品"}
