"""The macros every page is made of, rendered through the real page frame."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, TextAreaField

from foundation.errors import Blocker
from foundation.forms import LineField, MoyaiForm, WholeNumberField, required
from foundation.gallery import blueprint as gallery
from tests.harness.page import Page, read_page

ROOT = Path(__file__).resolve().parents[2]
VISITOR = SimpleNamespace(user_id=None, name="", organization_name="")


class JoinForm(MoyaiForm):
    """One field of each kind the pages use."""

    title = LineField("案件名", validators=[required()], description="参加団体に表示されます。")
    seats = WholeNumberField("利用者数", validators=[required()])
    system_type = SelectField(
        "システム種別",
        choices=[SelectChoice("document", "文書管理"), SelectChoice("ai", "生成AI")],
    )
    rule = RadioField(
        "負担のルール",
        choices=[SelectChoice("equal", "均等割"), SelectChoice("population", "人口割")],
    )
    note = TextAreaField("備考")
    agreed = BooleanField("条件を確認しました", validators=[required()])


@pytest.fixture(scope="module")
def frame() -> Flask:
    """An application with nothing but the templates: what they need must be in them."""
    app = Flask(
        "frame", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.update(SECRET_KEY="only for this test", WTF_I18N_ENABLED=False)
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    app.register_blueprint(gallery)
    app.context_processor(lambda: {"actor": VISITOR, "example_mode": True})
    return app


def shown(frame: Flask, body: str, address: str = "/page", **context: object) -> Page:
    """The page with that body under one heading, read strictly."""
    source = (
        '{% extends "base.html" %}{% block title %}見本{% endblock %}'
        "{% block main %}<h1>見本</h1>" + body + "{% endblock %}"
    )
    with frame.test_request_context(address):
        html = render_template_string(source, **context)
    return read_page(address, html)


def shown_form(frame: Flask, values: dict[str, str]) -> Page:
    body = """{% from "components/form.html" import field, submit, csrf, error_summary %}
    <form method="post">{{ csrf(form) }}{{ error_summary(form) }}
    {% for item in form if item.name != "csrf_token" %}{{ field(item) }}{% endfor %}
    {{ submit("送る") }}</form>"""
    with frame.test_request_context("/page"):
        form = JoinForm(MultiDict(values), meta={"csrf": False})
        form.validate()
    return shown(frame, body, form=form)


def test_a_faulty_field_names_its_error_and_its_hint_to_a_screen_reader(frame: Flask) -> None:
    page = shown_form(frame, {"title": "", "seats": "12"})
    field = page.soup.select_one("#title")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "title-hint title-error"
    assert "入力してください。" in page.soup.select_one("#title-error").get_text()


def test_the_error_summary_links_to_each_faulty_field_and_to_no_other(frame: Flask) -> None:
    page = shown_form(frame, {"title": "", "seats": "−5", "system_type": "ai", "agreed": "y"})
    links = [a["href"] for a in page.soup.select("#error-summary a")]
    assert links == ["#title", "#seats", "#rule"]


def test_no_error_summary_stands_over_a_form_without_errors(frame: Flask) -> None:
    values = {"title": "A", "seats": "5", "system_type": "ai", "rule": "equal", "agreed": "y"}
    assert not shown_form(frame, values).soup.select("#error-summary")


def test_a_required_field_says_so_in_words_and_leaves_the_checking_to_the_server(
    frame: Flask,
) -> None:
    page = shown_form(frame, {})
    assert "※必須" in page.soup.select_one("label[for=title]").get_text()
    assert "※必須" not in page.soup.select_one("label[for=note]").get_text()
    assert not page.soup.select("main [required], main [maxlength], main [type=number]")


def test_what_was_typed_wrongly_is_shown_again(frame: Flask) -> None:
    page = shown_form(frame, {"seats": "十二"})
    assert page.soup.select_one("#seats")["value"] == "十二"


def test_choices_stand_in_a_group_with_a_name(frame: Flask) -> None:
    group = shown_form(frame, {}).soup.select_one("fieldset#rule")
    assert "負担のルール" in group.legend.get_text()
    assert [label["for"] for label in group.select("label")] == ["rule-0", "rule-1"]


def test_a_blocked_button_is_disabled_and_its_reasons_are_tied_to_it(frame: Flask) -> None:
    blockers = [Blocker(code="closed", message="回答期限を過ぎたため参加できません")]
    page = shown(
        frame,
        '{% from "components/form.html" import submit %}'
        '{{ submit("参加する", blockers=reasons, id="join") }}{{ submit("戻る", id="back") }}',
        reasons=blockers,
    )
    join, back = page.soup.select("main button")
    assert join.has_attr("disabled")
    assert blockers[0].message in page.soup.select_one("#" + join["aria-describedby"]).get_text()
    assert not back.has_attr("disabled")


def test_paging_keeps_the_filters_and_marks_the_page_shown(frame: Flask) -> None:
    page = shown(
        frame,
        '{% from "components/nav.html" import pagination %}{{ pagination(found) }}',
        address="/search?q=文書&kind=case&kind=offering&page=4",
        found=SimpleNamespace(page=4, pages=28),
    )
    links = {a.get_text(): a["href"] for a in page.soup.select(".dads-page-navigation a")}
    kept = "/search?q=%E6%96%87%E6%9B%B8&kind=case&kind=offering"
    assert links["次へ"] == f"{kept}&page=5"
    assert links["ページ28"] == f"{kept}&page=28"
    assert "4" in page.soup.select_one(".dads-page-navigation [aria-current=page]").get_text()


def test_one_page_needs_no_paging(frame: Flask) -> None:
    body = '{% from "components/nav.html" import pagination %}{{ pagination(found) }}'
    page = shown(frame, body, found=SimpleNamespace(page=1, pages=1))
    assert not page.soup.select(".dads-page-navigation")


def test_a_table_scrolls_in_a_region_named_by_its_caption(frame: Flask) -> None:
    page = shown(
        frame,
        '{% from "components/table.html" import table %}'
        '{% call(row) table("負担", ["団体", ("負担額", "num")], rows, '
        'foot=["計", ("3円", "num")]) %}'
        '<th scope="row">{{ row[0] }}</th><td data-align="num">{{ row[1] }}</td>{% endcall %}'
        '{% call(row) table("単独額", ["団体"], []) %}<td></td>{% endcall %}',
        rows=[("青浜市", "1円"), ("<b>", "2円")],
    )
    assert page.table("負担") == [
        {"団体": "青浜市", "負担額": "1円"},
        {"団体": "<b>", "負担額": "2円"},
        {"団体": "計", "負担額": "3円"},
    ]
    region = page.soup.select_one("[role=region][tabindex='0']")
    assert page.soup.select_one("#" + region["aria-labelledby"]).get_text() == "負担"
    assert page.table("単独額") == [{"団体": "該当するものはありません。"}]


def test_chips_may_be_texts_pairs_or_markup_and_texts_are_escaped(frame: Flask) -> None:
    page = shown(
        frame,
        '{% from "components/page.html" import chips, chip, fictional_chip %}'
        "{{ chips(['<i>', ('募集中', 'info'), fictional_chip(), chip('済', 'success')]) }}",
    )
    found = page.soup.select("main .dads-chip-label")
    assert [(one.get_text(), one["data-tone"]) for one in found] == [
        ("<i>", "neutral"),
        ("募集中", "info"),
        ("架空", "fictional"),
        ("済", "success"),
    ]


def test_a_blank_value_is_said_to_be_unknown_and_zero_is_not(frame: Flask) -> None:
    page = shown(
        frame,
        '{% from "components/page.html" import description_list %}'
        "{{ description_list([('仕様書', None), ('件数', 0), ('備考', '')]) }}",
    )
    values = [dd.get_text() for dd in page.soup.select("main dd")]
    assert values == ["記載なし", "0", "記載なし"]


def test_the_frame_greets_a_visitor_and_a_clerk_differently(frame: Flask) -> None:
    clerk = SimpleNamespace(user_id=7, name="海野 太郎", organization_name="青浜市")
    assert "/login" in shown(frame, "").links
    page = shown(frame, "", actor=clerk, unread_count=3)
    assert "/login" not in page.links
    assert page.form("/logout").method == "post"
    assert "未読 3 件" in page.text
    assert "架空のデータを含む試用環境です" in page.text
    assert "試用環境" not in shown(frame, "", example_mode=False).text


def test_the_gallery_shows_every_part_and_only_where_data_are_examples(frame: Flask) -> None:
    client = frame.test_client()
    frame.config["EXAMPLE_MODE"] = False
    assert client.get("/design").status_code == 404
    frame.config["EXAMPLE_MODE"] = True
    page = read_page("/design", client.get("/design").get_data(as_text=True))
    shown_parts = {name for tag in page.soup.select("[class]") for name in tag["class"]}
    assert shown_parts >= {
        "dads-search-box", "dads-resource-list", "dads-chip-label", "moyai-table",
        "dads-step-navigation", "dads-notification-banner", "dads-form-control",
        "dads-breadcrumb", "dads-button", "dads-description-list", "dads-page-navigation",
        "dads-tab", "moyai-facets", "moyai-figure", "moyai-tile-map", "moyai-compare",
        "moyai-amounts", "moyai-stat", "moyai-blockers", "moyai-sheet",
    }  # fmt: skip


@pytest.mark.parametrize("sheet", sorted(ROOT.glob("static/*.css")), ids=lambda path: path.name)
def test_style_sheets_ask_no_other_host_and_are_linked(frame: Flask, sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
    assert f"/static/{sheet.name}" in shown(frame, "").html
