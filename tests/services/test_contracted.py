"""What bodies' own contracts cost beside their shares, on both databases (F17)."""

from datetime import date

from sqlalchemy import func, select

from accounts.roles import VISITOR
from foundation.db import Database
from foundation.money import with_tax
from procurement.contract_models import (
    ChangedContractPrice,
    ConfirmedContractPrice,
    Contract,
    ContractChange,
    ContractUnitPrice,
)
from procurement.models import ShareLine
from procurement.queries.contracted import list_contracted
from procurement.queries.costs import list_cost_versions
from procurement.queries.fairness_contracts import list_fairness_contracts
from procurement.queries.project_page import get_project_head
from tests.harness.builders import NOW
from tests.harness.contracts import make_introduced_project
from tests.harness.projects import make_world


def contracted(session, project):
    return list_contracted(session, project.id, list_cost_versions(session, project.id))


def own_contracts(session, project):
    found = select(Contract).where(Contract.project_id == project.id, Contract.kind == "individual")
    return session.scalars(found.order_by(Contract.body_code)).all()


def change(contract, kind, amount_yen):
    return ContractChange(
        contract_id=contract.id,
        number=1,
        kind=kind,
        amount_yen=amount_yen,
        reason="架空",
        approval_date=contract.signed_on,
        approval_number="第1号",
        made_at=NOW,
        made_by="架空",
    )


def test_each_contract_stands_beside_its_share_with_its_changes(database: Database):
    with database.transaction() as session:
        project = make_introduced_project(session, make_world(session))
        signed = own_contracts(session, project)
        assert len(signed) == 3
        session.add(change(signed[0], "change", 1_001))
        session.add(change(signed[1], "end", 0))
        session.flush()
        rows = contracted(session, project)
        assert [row.code for row in rows] == [signed[0].body_code, signed[2].body_code]
        (version,) = list_cost_versions(session, project.id)
        for row, contract, changed in zip(rows, (signed[0], signed[2]), (1_001, 0), strict=True):
            net = contract.amount_yen + changed
            assert row.contract_yen == with_tax(net, contract.tax_percent)
            share = select(func.sum(ShareLine.amount_yen)).where(
                ShareLine.share_version_id == version.id, ShareLine.body_code == row.code
            )
            assert row.share_yen == session.scalar(share)


def test_a_term_without_a_version_has_no_share(database: Database):
    with database.transaction() as session:
        project = make_introduced_project(session, make_world(session))
        rows = list_contracted(session, project.id, ())
        assert [row.share_yen for row in rows] == [None] * 3
        assert all(row.differs for row in rows)


def test_prices_of_one_contract_alone_are_marked_once_they_count(database: Database):
    with database.transaction() as session:
        project = make_introduced_project(session, make_world(session))
        first, second, _ = own_contracts(session, project)
        assert not any(row.own_prices for row in contracted(session, project))
        session.add(
            ContractUnitPrice(contract_id=first.id, line_number=1, unit_price=9, reason="架空")
        )
        session.add(
            ChangedContractPrice(
                contract_id=second.id,
                number=1,
                line_number=1,
                valid_from=date(2027, 5, 1),
                unit_price=9,
                reason="架空",
                approval_date=second.signed_on,
                approval_number="第1号",
                recorded_at=NOW,
                recorded_by="架空",
            )
        )
        session.flush()
        marks = [row.own_prices for row in contracted(session, project)]
        assert marks == [True, False, False]  # nobody has said yes to the second's
        session.add(
            ConfirmedContractPrice(
                contract_id=second.id, number=1, confirmed_at=NOW, confirmed_by="架空"
            )
        )
        session.flush()
        assert [row.own_prices for row in contracted(session, project)] == [True, True, False]


def test_beside_fairness_they_are_for_members_once_amounts_are_public(database: Database):
    with database.transaction() as session:
        world, other = make_world(session), make_world(session)
        project = make_introduced_project(session, world)
        member, stranger = world.manager(world.bodies[0]), other.manager(other.bodies[0])

        def seen(actor):
            return list_fairness_contracts(session, get_project_head(session, actor, project.id))

        assert len(seen(member)) == len(seen(world.lead)) == 3
        assert seen(stranger) == seen(other.lead) == seen(VISITOR) == ()
        project.state = "contracting"
        session.flush()
        assert seen(member) == seen(world.lead) == ()
