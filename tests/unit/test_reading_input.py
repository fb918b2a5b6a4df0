"""What a Japanese keyboard types, read into values; and addresses nobody can be lured with."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from foundation.errors import Blocker
from foundation.filters import era_date, fy, jst, number, yen
from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    WholeNumberField,
    YenField,
    add_blockers,
    required,
)
from foundation.text import find_number, parse_date, parse_month, parse_percent, printable
from foundation.web import safe_next
from procurement.forms.tender import read_points


class SampleForm(MoyaiForm):
    class Meta(MoyaiForm.Meta):
        csrf = False

    name = LineField("名前", [required()])
    seats = WholeNumberField("人数", minimum=1, maximum=1000)
    amount = YenField("金額")
    day = DayField("日付")


@pytest.fixture
def fill():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="test", WTF_I18N_ENABLED=False)

    def make(**typed):
        with app.test_request_context():
            form = SampleForm(formdata=MultiDict(typed))
            form.validate()
            return form

    return make


def test_full_width_input_is_normalised_to_values(fill):
    form = fill(name="　札幌　市 ", seats="１２３", amount="１，２００円")
    assert form.name.data == "札幌 市"
    assert form.seats.data == 123
    assert form.amount.data == 1200
    assert not form.errors


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("seats", "3.5", "整数"),
        ("seats", "-1", "1以上"),
        ("seats", "５０００", "1,000以下"),
        ("seats", "12人", "整数"),
        ("amount", "-1", "0円以上"),
        ("amount", "1,23", "整数"),
        ("day", "2026/2/30", "日付はありません"),
        ("day", "26-1-1", "日付として読めません"),
    ],
)
def test_what_cannot_be_read_is_said_and_stays_as_typed(fill, name, typed, said):
    form = fill(name="x", **{name: typed})
    assert said in "".join(form[name].errors)
    assert f'value="{typed}"' in str(form[name]())


def test_messages_are_japanese(fill):
    assert fill(name="").errors["name"] == ["入力してください。"]


def test_a_blocker_stands_beside_its_field_or_at_the_head(fill):
    form = fill(name="x")
    add_blockers(
        form,
        [
            Blocker(code="a", message="人数を減らしてください", field="seats"),
            Blocker(code="b", message="期限を過ぎました"),
        ],
    )
    assert form.seats.errors == ["人数を減らしてください"]
    assert form.form_errors == ["期限を過ぎました"]


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-20",
        "２０２６／１１／２０",
        "2026年11月20日",
        "令和8年11月20日",
        "R8.11.20",
        "r８－11－20",
    ],
)
def test_one_day_in_all_its_writings(typed):
    assert parse_date(typed) == date(2026, 11, 20)


def test_the_first_year_of_an_era_is_read():
    assert parse_date("令和元年5月1日") == date(2019, 5, 1)


@pytest.mark.parametrize(
    "typed",
    ["0001-01-01", "1800-04-01", "9999-12-01", "2100-01-01", "令和99年1月1日", "令和999年1月1日"],
)
def test_a_day_nobody_means_is_refused(typed):
    with pytest.raises(ValueError, match=f"「{typed}」は西暦.*1900年から2099年まで"):
        parse_date(typed)


def test_the_year_an_era_hides_is_named():
    with pytest.raises(ValueError, match="「令和99年3月」は西暦2117年です"):
        parse_month("令和99年3月")
    assert parse_month("平成40年3月") == date(2028, 3, 1)  # as contracts of Heisei still say
    assert parse_date("2099-12-31") == date(2099, 12, 31)


@given(st.dates(min_value=date(2019, 5, 1), max_value=date(2099, 12, 31)))
def test_an_era_date_we_print_is_read_back(day):
    assert parse_date(era_date(day)) == day


def test_figures_nobody_knows_are_said_to_be_unknown():
    assert {yen(None), number(None), jst(None), fy(None), era_date(None)} == {"記載なし"}
    assert (yen(0), number(1234)) == ("0円", "1,234")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "projects",
        "/x\r\nSet-Cookie: a=b",
        "",
        None,
    ],
)
def test_no_address_leads_off_the_site(address):
    assert safe_next(address) == "/"


@given(st.text(max_size=40))
def test_a_followed_address_is_always_a_path_of_ours(address):
    target = safe_next(address)
    assert target.startswith("/")
    assert not target.replace("\\", "/").startswith("//")


def test_a_path_of_ours_is_kept_with_its_query():
    assert safe_next("/projects/3/join?from=search") == "/projects/3/join?from=search"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("3", "3"), ("２．５％", "2.5"), ("0", "0"), ("100", "100"), ("0.1250", "0.1250")],
)
def test_a_percentage_is_read(typed, read):
    assert str(parse_percent(typed)) == read


@pytest.mark.parametrize(
    "typed", ["", "-1", "100.1", "1e309", "1e-5", "NaN", "sNaN", "Infinity", "1/2", "0.00001", "三"]
)
def test_what_is_no_percentage_is_refused_in_japanese(typed):
    with pytest.raises(ValueError, match="割合として読めません"):
        parse_percent(typed)


@pytest.mark.parametrize("text", [None, "", "-1", "１２", "1e3", "4.0", "1" * 10, "a"])
def test_a_hidden_number_that_came_back_changed_is_none(text):
    assert find_number(text) is None


def test_a_hidden_number_is_read():
    assert find_number("0") == 0
    assert find_number("123456789") == 123_456_789
    assert find_number("1500000000", 15) == 1_500_000_000


@given(st.text())
def test_what_is_printable_stays_and_nothing_else_does(text):
    kept = printable(text)
    assert len(kept) == len(text)
    assert printable(kept) == kept
    assert not set(kept) & set("\x00\x1b\x7f\ufffe\ud800")
    assert all(b in (a, " ") for a, b in zip(text, kept, strict=True))


@pytest.mark.parametrize("text", ["Infinity", "sNaN", "1e9999999", "1_0", "-1", "", "1234567"])
def test_points_are_written_by_hand(text) -> None:
    with pytest.raises(ValueError, match="3行目"):
        read_points(text, 3)
    assert [read_points(each, 1) for each in ("60点", "12.50", "7")] == [60, "12.50", 7]
