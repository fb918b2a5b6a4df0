"""The page on which a body changes to another certified product within the term."""

import pytest

from procurement.models import Project
from procurement.queries.contracts import list_contracts
from tests.harness.client import as_page
from tests.harness.example import open_example
from tests.harness.queries import counted_queries
from tests.pages.test_certified_products import SIGNED, Scene, sign_second

WANTED = {
    "last_day": "2027-09-30",
    "old_yen": "2,160,000",
    "change_reason": "画面が使いにくいため（架空）",
    "number": "第9号",
    "signed_on": "2026-11-20",
    "ends_on": "2029-03-31",
    "amount_yen": "7,200,000",
    "clause": "第2号",
    "reason": "推奨製品のため",
    "guarantee": "paid",
    "approval_date": "2026-11-19",
    "approval_number": "契第9号",
}


class Changing(Scene):
    """The first body has contracted with the second product, and is qualified with the first's."""

    def __init__(self, app):
        super().__init__(app)
        self.certify_second()
        with self.database.transaction() as session:
            session.get_one(Project, self.id).state = "operation"
        sign_second(self)
        stated = {"number": "A-2", "valid_until": "2028-03-31"}
        with self.database.read_session() as session:
            row = next(r for r in list_contracts(session, self.id) if r.product.endswith("甲"))
        button = f"{row.vendor_name}の資格を記録する"
        self.submit("body", button, f"qualification{row.vendor_id}", stated)
        self.page_path = f"{self.path}/product"

    def form(self, client):
        return client.page(self.page_path).form("/contracts/product")

    def typed(self, form, **changes):
        options = form.tag.select("select[name='product-certification_id'] option")
        values = WANTED | {"certification_id": options[-1]["value"]} | changes
        return {f"product-{key}": each for key, each in values.items()}


@pytest.fixture
def scene(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Changing(app)


def test_what_follows_is_seen_before_it_is_recorded(scene):
    client = scene.client("body")
    assert "期間の途中でほかの推奨製品に変える" in client.page(scene.path).text
    form = scene.form(client)
    assert "この内容で変えたとき" not in client.page(scene.page_path).text
    seen = as_page(form.submit(client, scene.typed(form)))
    rows = seen.table("の年度ごとの額（税抜）")
    assert [(row["年度"], row["今の契約"], row["新しい契約"]) for row in rows][:2] == [
        ("令和9年度（2027年度）", "2,160,000円", "2,400,000円"),
        ("令和10年度（2028年度）", "0円", "4,800,000円"),
    ]
    assert "まだ何も変わっていません" in seen.text
    assert "ほかの団体の契約・負担は変わりません" in seen.text
    assert len(client.page(scene.path).table(SIGNED)) == 3  # nothing is recorded yet
    # Something else than what was seen is seen first, too.
    again = seen.form("/contracts/product")
    other = as_page(again.submit(client, {"product-amount_yen": "7,200,001"}))
    assert "7,200,001円" in other.text
    assert len(client.page(scene.path).table(SIGNED)) == 3
    done = other.form("/contracts/product").submit(client)
    assert done.status_code == 302
    lines = client.page(scene.path).table(SIGNED)[2:]
    assert [row["種類"] for row in lines] == [
        "個別契約：架空チャット乙",
        "個別契約：架空チャット甲",
    ]
    assert lines[0]["期間"].endswith("令和9年9月30日まで（製品の変更により終了）")
    assert "税抜 2,160,000円" in lines[0]["金額"]
    for name, reads in (("body", True), ("lead", True), ("", False), ("second", False)):
        text = scene.client(name).page(scene.path).text
        assert (WANTED["change_reason"] in text) is reads, name


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(scene):
    client = scene.client("body")
    form = scene.form(client)
    wrong = as_page(
        form.submit(client, scene.typed(form, last_day="2027-09-29", old_yen="9,000,000")),
        status=409,
    )
    assert "月末の日を入力してください" in wrong.soup.select_one("#product-last_day-error").text
    assert "までの額を入力してください" in wrong.soup.select_one("#product-old_yen-error").text
    assert WANTED["change_reason"] in wrong.soup.select_one("#product-change_reason").text
    empty = as_page(form.submit(client, scene.typed(form, change_reason="")), status=422)
    assert empty.soup.select_one("#product-change_reason-error")


def test_others_do_not_find_the_page(scene):
    for name, status in (("lead", 403), ("second", 403), ("", 302)):
        assert scene.client(name).get(scene.page_path).status_code in (status, 404), name
    with counted_queries(scene.database.engine) as log:
        scene.client("body").get(scene.page_path)
    log.at_most(20)
