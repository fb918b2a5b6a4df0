"""The pages of 提案上限額: typed by the lead, answered line by line by vendors, read at opening."""

import pytest

from procurement.models import Participation, Project, ProposalCeiling
from tests.harness.client import as_page
from tests.pages.test_tender import AFTER_CLOSING, hand_in, scene  # noqa: F401

CEILING = 105_600


@pytest.fixture
def capped(scene):  # noqa: F811
    """The project at its notice has a monthly ceiling for each of its bodies: (scene, codes)."""
    with scene.app.extensions["moyai_database"].transaction() as session:
        project = session.get_one(Project, int(scene.noticed.rsplit("/", 1)[1]))
        codes = sorted(row.body_code for row in _members(session, project))
        session.add_all(
            ProposalCeiling(
                project_id=project.id, body_code=code, cost_kind="monthly", amount_yen=CEILING
            )
            for code in codes
        )
    return scene, codes


def _members(session, project):
    return session.query(Participation).filter_by(project_id=project.id)


def draft_form(scene):  # noqa: F811
    client = scene.client("lead")
    return client, client.page(f"{scene.draft}/notice").form("/notice")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("架空市、月額、100", "1行目：団体コードは6桁の数字です。"),
        ("\n131016、日額、100", "1行目：費目は月額・初期・LGWAN接続・年額・期間全体のどれか"),
        ("131016、月額、百円", "1行目"),
        (
            "東京都、月額、1\n131016、月額、百\n131016、月額、1\n131016、毎日、1",
            "6桁の数字です。 2行目：「百」は整数として読めません。 4行目：費目は",
        ),
        ("131016、月額", "1行目：「団体コード、費目、金額」のように"),
        ("131016、月額、100", "この案件にない団体のコードです：131016"),
    ],
)
def test_a_line_that_cannot_be_read_is_said_and_kept(scene, text, said):  # noqa: F811
    client, form = draft_form(scene)
    answer = form.submit(client, ceilings=text)
    page = as_page(answer, status=409 if "案件にない" in said else 422)
    assert said in page.text
    assert page.soup.select_one("#ceilings-error")
    assert page.soup.select_one("textarea[name=ceilings]").get_text().strip() == text.strip()


def test_what_is_saved_comes_back_into_the_form(scene):  # noqa: F811
    with scene.app.extensions["moyai_database"].read_session() as session:
        project = session.get_one(Project, int(scene.draft.rsplit("/", 1)[1]))
        code = min(row.body_code for row in _members(session, project))
    client, form = draft_form(scene)
    saved = form.submit(client, ceilings=f"{code}\t月額\t105,600円", ceilings_tax="excluded")
    assert saved.status_code == 302
    page = client.page(f"{scene.draft}/notice")
    assert page.soup.select_one("textarea[name=ceilings]").get_text().strip() == (
        f"{code}、月額、105600"
    )
    assert page.table("団体・費目ごとの提案上限額（税抜）")[0]["月額"] == "105,600円"
    kept = page.soup.select_one("select[name=ceilings_tax] option[selected]")
    assert kept["value"] == "excluded"


def test_everybody_reads_the_ceilings_with_the_notice(capped):
    scene, codes = capped  # noqa: F811
    page = scene.client().page(f"{scene.noticed}/notice")
    rows = page.table("団体・費目ごとの提案上限額（税込）")
    assert len([row for row in rows if row["月額"] == "105,600円"]) == len(codes)
    assert "一つでも提案上限額を超える提案は失格とします。" in page.text


def test_a_vendor_names_every_amount_and_is_told_when_it_is_out(capped):
    scene, codes = capped  # noqa: F811
    client = scene.client("bidder")
    page = client.page(f"{scene.noticed}/proposals")
    lines = page.soup.select_one("textarea[name=offered]").get_text().split()
    assert lines == [f"{code}、月額、" for code in codes]
    short = as_page(hand_in(scene), status=422)  # sent as it stood, without amounts
    assert "1行目：「団体コード、費目、金額」のように入力してください。" in short.text
    few = as_page(hand_in(scene, offered=f"{codes[0]}、月額、1"), status=409)
    assert "の金額を入力してください。" in few.text and few.soup.select_one("#offered-error")
    over = "\n".join(f"{line}96001" for line in lines)
    assert hand_in(scene, offered=over).status_code == 302
    page = client.page(f"{scene.noticed}/proposals")
    told, own = page.text, page.table("提出した金額（税抜）と提案上限額")
    assert [row["自社の金額"] for row in own] == ["96,001円（超過）"] * len(codes)
    assert "96,001円" not in scene.client("rival").page(f"{scene.noticed}/proposals").text
    assert "このままでは失格になります" in told and "税込 105,601円" in told
    assert hand_in(scene, offered=over.replace("96001", "96000")).status_code == 302
    assert "このままでは失格" not in client.page(f"{scene.noticed}/proposals").text


def test_the_lead_reads_the_amounts_beside_the_ceilings_after_the_opening(capped):
    scene, codes = capped  # noqa: F811
    lines = [f"{code}、月額、{96_000 + place}" for place, code in enumerate(codes)]
    assert hand_in(scene, offered="\n".join(lines)).status_code == 302
    assert "96,000円" not in scene.client("lead").page(f"{scene.noticed}/proposals").text
    scene.app.config["MOYAI_NOW"] = AFTER_CLOSING
    for name, button in (("lead", "開札を申し出る"), ("second", "二人目として開札する")):
        client = scene.client(name)
        page = client.page(f"{scene.noticed}/proposals")
        assert page.form("/proposals/open", button=button).submit(client).status_code == 302
    rows = client.page(f"{scene.noticed}/proposals").table(
        "団体・費目ごとの金額（税抜）と提案上限額"
    )
    assert [row["架空入札株式会社"] for row in rows] == [
        "96,000円",
        "96,001円（超過）",
        "96,002円（超過）",
    ]
