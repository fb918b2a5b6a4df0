"""/projects/<id>/sharing/rules, and the way to the next price on the project's page."""

import pytest

from tests.harness.client import StrictClient
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_STAFF,
    FORMING_BY_COUNCIL,
    LEAD_STAFF,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

CAPTION = "負担ルールごとの期間合計"


def test_members_compare_rules_before_they_agree(app):
    member = signed_in(app, ASKED_STAFF)
    sharing = member.page(project_path(app, AGREEMENT, "sharing"))
    page = member.page(sharing.link("負担ルールを並べて比べる"))
    table = page.table(CAPTION)
    assert {"今の条件", "均等割", "人口割", "均等割30%・人口割70%"} <= set(table[0])
    totals = {table[-1][rule] for rule in ("今の条件", "均等割", "人口割")}
    assert len(totals) == 1
    assert "架空" in page.text
    assert "最も少ない団体" in page.text


@pytest.mark.parametrize(("email", "status"), [("", 302), (VENDOR, 403), (STRANGER, 404)])
def test_rules_are_compared_among_members(app, email, status):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(project_path(app, AGREEMENT, "sharing/rules")).status_code == status


def test_the_next_price_is_told_to_members_and_to_nobody_else(app):
    path = project_path(app, FORMING_BY_COUNCIL)
    assert "次の単価まで" in signed_in(app, ASKED_STAFF).page(path).text
    for client in (StrictClient(app), signed_in(app, VENDOR), signed_in(app, STRANGER)):
        assert "次の単価" not in client.page(path).text


def test_the_page_asks_the_database_little(app, count_queries):
    client = signed_in(app, LEAD_STAFF)
    path = project_path(app, AGREEMENT, "sharing/rules")
    client.page(path)
    with count_queries() as log:
        client.page(path)
    log.at_most(12)


def test_bands_and_an_exponent_stand_beside_the_usual_rules(app):
    """Typed by the reader, kept nowhere; what cannot be read is said and the rest still shown."""
    client = signed_in(app, ASKED_STAFF)
    path = project_path(app, AGREEMENT, "sharing/rules")
    page = client.page(f"{path}?exponent=０.８&bands=0=1、10000=1.5")
    heads = list(page.table(CAPTION)[0])
    added = [head for head in heads if head.startswith(("逓減割", "段階割"))]
    assert len(added) == 3  # the usual exponent, 0.8 and the bands
    sums = page.table(CAPTION)[-1]
    assert len({sums[head] for head in ("今の条件", *added)}) == 1
    assert page.soup.select_one("#bands")["value"] == "0=1、10000=1.5"
    wrong = client.page(f"{path}?exponent=9&bands=たくさん")
    assert "逓減割の指数は0より大きく1以下" in wrong.text
    assert wrong.soup.select_one("#unreadable") is not None
    assert "人口割" in wrong.table(CAPTION)[0]
