"""A body's office on both databases, and the prefecture's table of bodies and systems."""

from datetime import date

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.domain.offices import Office, StaffBand
from procurement.need_models import PresentContract
from procurement.queries.offices import cell_of, get_prefecture_systems
from procurement.services.offices import set_office
from tests.harness.builders import NOW
from tests.harness.needs import state
from tests.harness.projects import make_project, make_world

TODAY = date(2026, 11, 20)


def keep(session, actor, seen=0, **fields):
    return set_office(session, actor=actor, now=NOW, wanted=Office(**fields), seen_version=seen)


def test_a_body_says_it_of_itself_and_two_do_not_overwrite(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        staff = world.staff[world.bodies[0].code]
        row = keep(session, staff, dx_staff=1, contact_name="主事")
        with pytest.raises(Conflict):
            keep(session, staff, dx_staff=2)
        with pytest.raises(Refused, match="引き継ぐ日も"):
            keep(session, staff, seen=row.row_version, successor_name="後任")
        keep(session, staff, seen=row.row_version, dx_staff=2)
        with pytest.raises(NotFound):  # a coordinator reads it and does not write it
            keep(session, world.lead, dx_staff=9)
        kept = " ".join(str(e.changes) for e in session.scalars(select(AuditEvent)))
        assert "dx_staff" in kept and "主事" not in kept


def test_bodies_and_systems_side_by_side(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        make_project(session, world, joined=1)
        first, second, third = world.bodies
        state(session, world.staff[second.code])
        session.add(
            PresentContract(
                body_code=third.code,
                system_type_code="generative_ai",
                ends_on=date(2028, 3, 31),
                imported_at=NOW,
            )
        )
        keep(session, world.staff[first.code], dx_staff=4)
        session.flush()
        found = get_prefecture_systems(session, "99", TODAY)
        rows = {row.code: row for row in found.bodies}
        assert len(rows) == 3
        assert (rows[first.code].band, rows[first.code].ever_joined) == (
            StaffBand.FOUR_OR_MORE,
            True,
        )
        assert rows[second.code].band is StaffBand.UNKNOWN and not rows[second.code].ever_joined
        assert cell_of(rows[first.code], "generative_ai").project_titles == ("生成AIの共同調達",)
        assert cell_of(rows[second.code], "generative_ai").wants
        assert cell_of(rows[third.code], "generative_ai").ends_on == date(2028, 3, 31)
        assert not cell_of(rows[third.code], "nothing").wants
        (kind,) = found.types
        assert (kind.joined, kind.wants) == (1, 1)
