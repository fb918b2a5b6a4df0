"""Loading facts and the fictional world: complete, once, apart, and with one event each."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import FactSourceRow, LocalBody, Organization
from catalog.example.load import get_base_date, load_example, load_reference
from catalog.models import Case, CaseParticipant, Offering, OfferingVersion, PolicyItem, Vendor
from foundation.audit import AuditEvent, verify
from foundation.db import Database

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def load_all(database: Database, now: datetime = NOW) -> None:
    with database.transaction() as session:
        load_reference(session, now)
        load_example(session, now)


def count(session: Session, table, *conditions) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions))


@pytest.fixture(scope="module")
def loaded(empty_sqlite, tmp_path_factory) -> Iterator[Database]:
    from tests.harness.databases import copy_sqlite

    url = copy_sqlite(empty_sqlite, tmp_path_factory.mktemp("loaded") / "moyai.db")
    database = Database(url)
    load_all(database)
    yield database
    database.dispose()


def test_real_and_fictional_stand_apart(loaded):
    with loaded.read_session() as session:
        assert count(session, LocalBody, ~LocalBody.fictional) == 1788
        assert count(session, LocalBody, LocalBody.fictional) == 61
        assert count(session, Vendor, Vendor.fictional) == count(session, Vendor) == 244
        assert count(session, Offering, Offering.fictional) == count(session, Offering) == 270
        assert count(session, Case, Case.fictional) == 245
        real = select(Case.kind, func.count()).where(~Case.fictional).group_by(Case.kind)
        assert dict(session.execute(real).all()) == {"joint": 28, "single": 24}


def test_no_fictional_body_takes_part_in_a_real_case_nor_the_reverse(loaded):
    with loaded.read_session() as session:
        mixed = (
            select(func.count())
            .select_from(CaseParticipant)
            .join(Case, Case.id == CaseParticipant.case_id)
            .join(LocalBody, LocalBody.code == CaseParticipant.body_code)
            .where(Case.fictional != LocalBody.fictional)
        )
        assert session.scalar(mixed) == 0


def test_every_body_can_act_and_every_source_has_its_line(loaded):
    with loaded.read_session() as session:
        assert count(session, Organization, Organization.body_code.is_not(None)) == 1788 + 61
        assert all(row.attribution for row in session.scalars(select(FactSourceRow)))
        assert count(session, PolicyItem) == 20 + 22


def test_what_is_not_published_is_none_and_zero_stays_zero(loaded):
    with loaded.read_session() as session:
        ward = session.get_one(LocalBody, "131016")
        assert ward.fiscal_strength_index is None
        futaba = session.scalars(select(LocalBody).where(LocalBody.name == "双葉町")).one()
        assert futaba.population_census_2020 == 0


def test_some_products_have_an_earlier_version_to_read(loaded):
    with loaded.read_session() as session:
        second = session.scalars(select(OfferingVersion).where(OfferingVersion.number == 2)).all()
        assert 20 < len(second) < 60
        assert all(version.change_note for version in second)
        assert count(session, OfferingVersion) == 270 + len(second)


def test_loading_again_changes_nothing_and_keeps_the_base_date(loaded):
    later = NOW + timedelta(days=200)
    with loaded.transaction() as session:
        before = count(session, AuditEvent)
        assert load_reference(session, later) == {}
        assert load_example(session, later) == {}
        assert get_base_date(session, later) == date(2026, 11, 20)
        assert count(session, AuditEvent) == before == 2
        assert verify(session).problems == ()


def test_a_correction_in_the_files_reaches_the_rows(sqlite_database):
    with sqlite_database.transaction() as session:
        load_reference(session, NOW)
    with sqlite_database.transaction() as session:
        sapporo = session.get_one(LocalBody, "011002")
        sapporo.name = "さっぽろ"
        from foundation.settings import put_setting

        put_setting(session, "reference_sha256", "an older release")
    with sqlite_database.transaction() as session:
        assert load_reference(session, NOW)["local_body"] == 1788
        assert session.get_one(LocalBody, "011002").name == "札幌市"
        assert count(session, LocalBody) == 1788


def test_a_load_that_dies_leaves_nothing_behind(sqlite_database):
    with pytest.raises(RuntimeError), sqlite_database.transaction() as session:
        load_reference(session, NOW)
        raise RuntimeError("killed")
    with sqlite_database.read_session() as session:
        assert count(session, LocalBody) == 0
        assert count(session, AuditEvent) == 0


def test_the_world_loads_into_postgresql_too(postgres_url):
    database = Database(postgres_url)
    load_all(database)
    with database.read_session() as session:
        assert count(session, Case) == 245 + 52
        assert count(session, LocalBody) == 1849
    database.dispose()
