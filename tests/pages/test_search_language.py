"""What a reader typed, as the page and the API understood it."""

import pytest

WORDS = {
    "電子申請 または 文書 -議事録": "「電子申請」または「文書」を含み、「議事録」を含まないもの",
    "「電子申請」": "「電子申請」（この並びのまま）を含むもの",
    "-架空": "「架空」を含まないもの",
    '"文書': "「文書」を含むもの",
}


@pytest.mark.parametrize(("text", "sentence"), WORDS.items())
def test_the_page_says_what_was_understood(client, text, sentence):
    response = client.get("/search", query_string={"q": text})
    assert response.status_code == 200
    assert sentence in response.text
    assert sentence in client.get("/api/v1/search", query_string={"q": text}).json["sentence"]


def total(client, text, **more):
    return client.get("/api/v1/search", query_string={"q": text} | more).json["total"]


def test_alternatives_add_and_exclusions_take_away(client):
    either = total(client, "電子申請 または 予約")
    both, first, second = (total(client, q) for q in ("電子申請 予約", "電子申請", "予約"))
    assert either == first + second - both
    assert both > 0
    assert total(client, "予約 -クラウド") == second - total(client, '予約 "クラウド"')


def test_another_text_answers_and_the_page_says_so_and_leads_back(client):
    page = client.page("/search?q=ぶんしょかんり")
    answered = "「文書管理」の結果を表示しています"
    assert f"「ぶんしょかんり」では見つからなかったため、{answered}" in page.text
    assert "「文書管理」を含むもの" in page.text
    answer = client.get("/api/v1/search", query_string={"q": "ぶんしょかんり"}).json
    assert (answer["query"], answer["answered_query"]) == ("ぶんしょかんり", "文書管理")
    assert answer["total"] == total(client, "文書管理") > 0
    literal = client.get("/search", query_string={"q": "ぶんしょかんり", "exact": "1"})
    assert "見つからなかったため" not in literal.text
    assert total(client, "ぶんしょかんり", exact="1") == 0


def test_the_typed_words_stay_literal_while_narrowing_but_not_in_the_next_search(client):
    page = client.page("/search?q=文書&exact=1&sort=updated")
    box = [f for f in page.soup.find_all("form") if f.find("input", {"name": "q"})]
    names = [
        {i["name"] for i in form.find_all("input") if i.get("type") == "hidden"} for form in box
    ]
    assert any("exact" in found for found in names)  # the filters
    assert any("exact" not in found for found in names)  # the search box


def test_the_api_names_what_exact_can_be(client):
    response = client.get("/api/v1/search?q=a&exact=2")
    assert response.status_code == 400
    assert "exact" in response.text
    assert client.get("/search?q=a&exact=2").status_code == 200


@pytest.mark.parametrize(
    ("text", "only_ranks"),
    [
        ("電子申請 クラウド", ["クラウド"]),
        ("電子申請 システム 導入", ["システム", "導入"]),
        ("電子申請", []),
        ("「クラウド」 電子申請", []),
        ("システム", []),
        ("電子申請 または クラウド", []),
        ("電子申請システム", ["システム"]),
        ("職員が使える庁内の文書", ["職員", "使える", "庁内"]),
        ("書かない窓口", []),
    ],
)
def test_words_that_only_rank_are_named(client, text, only_ranks):
    """What 「A」と「B」を含む says must be so, or be taken back: a record keeps the sentence."""
    shown = client.get("/search", query_string={"q": text}).text
    note = "は、含まないものも表示し、並び順だけに使っています。"
    assert (note in shown) == bool(only_ranks)
    if only_ranks:
        assert "".join(f"「{word}」" for word in only_ranks) + note in shown
        assert not any(f"と「{word}」を含む" in shown for word in only_ranks)


@pytest.mark.parametrize(
    ("typed", "answered"), [("かかない窓口", "書かない窓口"), ("TRYX", "try-x"), ("SaaS", "SaaS")]
)
def test_what_is_answered_is_another_writing_and_no_other_thing(client, typed, answered):
    answer = client.get("/api/v1/search", query_string={"q": typed}).json
    assert answer["answered_query"] == answered
    assert answer["total"] == client.get(f"/api/v1/search?q={answered}").json["total"] > 0


def test_a_body_of_which_nothing_is_found_has_a_page(client):
    for typed in ("梼原町", "檮原町"):
        page = client.page("/search?q=" + typed)
        assert (
            "見つかりませんでした" in page.text and "別の言い方か、より広い意味の語で" in page.text
        )
        assert page.soup.select_one("a[href='/bodies/394050']").text == "梼原町のページ"
    assert "のページ</a>で、団体の情報" not in client.get("/search?q=神戸市").text
    assert "語を減らすか" in client.get("/search?q=ぬぬぬぬ ねねねね").text


def test_a_text_is_not_turned_round(client):
    answer = client.get("/api/v1/search", query_string={"q": "\u202e電子申請"}).json
    assert (answer["query"], answer["answered_query"]) == ("電子申請", "電子申請")


@pytest.mark.parametrize("text", ["R8", "三万人", "PaaS"])
def test_a_digit_or_a_single_sign_is_no_part_of_an_answer(client, text):
    assert client.get(f"/api/v1/search?q={text}").json["total"] == 0


@pytest.mark.parametrize("text", ["１２３", "人口3万人", '"', "(", "*", "_", "%%%"])
def test_numbers_and_signs_are_no_slips_for_others(client, text):
    answer = client.get("/api/v1/search", query_string={"q": text}).json
    assert (answer["answered_query"], answer["did_you_mean"]) == (text, None)


def test_a_program_is_told_of_the_limit(client):
    answer = client.get("/api/v1/search", query_string={"q": "あ" * 5_000})
    assert answer.status_code == 400
    assert "「q」" in answer.text and "200文字以内" in answer.text
