"""A vendor says answer by answer why it should be protected; the operator and bodies read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.models import OfferingVersion
from tests.harness.catalog import open_catalog
from tests.harness.client import StrictClient, as_page
from tests.pages.test_desk_pages import Office, complete, hand_in, review_of

FIELD = "protected_reasons-security_measures"
REASON = "対策の目印6c3が攻撃の手がかりになる"


@pytest.fixture
def office(empty_sqlite: Path, tmp_path: Path) -> Iterator[Office]:
    with open_catalog(empty_sqlite, tmp_path) as (app, catalog):
        yield Office(app, catalog)


def test_from_the_vendors_page_to_the_review_and_the_published_version(office: Office) -> None:
    vendor, operator, staff = (office.person(who) for who in ("vendor", "operator", "staff"))
    name = "架空の理由つき"
    base = complete(vendor, name)
    hand_in(vendor, base)
    checks = checks_of(operator, name)
    assert checks["情報公開の配慮"] == "理由のない項目：安全管理の内容"
    vendor.page(base).form("/recall").submit(vendor)

    form = vendor.page(f"{base}/terms").form("/terms")
    page = as_page(form.submit(vendor, {f"{FIELD}-kind": "security"}, do="save"), status=422)
    assert "「理由」を入力してください" in page.text
    again = page.form("/terms")
    assert again.values[f"{FIELD}-kind"] == "security"
    sent = again.submit(vendor, {f"{FIELD}-reason": REASON}, do="save")
    assert sent.status_code == 302
    shown = vendor.page(f"{base}/terms").form("/terms").values
    assert (shown[f"{FIELD}-kind"], shown[f"{FIELD}-reason"]) == ("security", REASON)

    hand_in(vendor, base)
    assert "すべてに理由があります" in checks_of(operator, name)["情報公開の配慮"]
    address = review_of(operator, name)
    page = operator.page(address)
    assert f"安全管理（公にすると支障がある）：{REASON}" in page.text
    assert page.form("/admin/reviews").submit(operator, do="approve").status_code == 302
    public = base.replace("/desk/vendor", "")
    assert REASON in staff.page(public).text
    for reader in (StrictClient(office.app), office.person("other")):
        assert REASON not in reader.page(public).text
        assert "配慮を求める理由" not in reader.page(public).text
    with office.database.read_session() as session:
        last = session.query(OfferingVersion).order_by(OfferingVersion.id.desc()).first()
        assert last is not None
        kept = last.answers["protected_reasons"]
        assert kept == {"security_measures": {"kind": "security", "reason": REASON}}


def checks_of(operator: StrictClient, name: str) -> dict[str, str]:
    page = operator.page(review_of(operator, name))
    return {row["確認"]: row["内容"] for row in page.table("自動の確認の結果")}
