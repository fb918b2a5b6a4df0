"""What bodies' own contracts cost beside their shares, on both databases (F17)."""

from sqlalchemy import func, select

from foundation.db import Database
from foundation.money import with_tax
from procurement.contract_models import Contract, ContractChange
from procurement.models import ShareLine
from procurement.queries.contracted import list_contracted
from procurement.queries.costs import list_cost_versions
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
