"""The guides' rules: which clauses the answers call for, what a contract's text says."""

import io
import zipfile
from itertools import product

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from catalog.entries import ContractModel, ProcurementMethod
from catalog.guides.clause_scan import Finding, scan
from catalog.guides.contract_files import LARGEST_FILE, read_contract
from catalog.guides.tables import GuideGroup, list_clauses, list_guides, list_precedents
from catalog.guides.wizard import QUESTIONS, advise, read_answers


def test_every_method_and_model_of_the_product_has_its_guide():
    by_group = {g: {each.key for each in list_guides() if each.group is g} for g in GuideGroup}
    two_stage = ProcurementMethod.TWO_STAGE_PROCUREMENT
    assert by_group[GuideGroup.METHOD] == {m.value for m in ProcurementMethod if m is not two_stage}
    assert by_group[GuideGroup.MODEL] == {model.value for model in ContractModel}
    assert {p.guide for p in list_precedents()} == {"council", "two_stage"}


def test_no_guide_says_that_a_method_is_lawful():
    for guide in list_guides():
        told = guide.what + guide.fits + guide.note + "".join(guide.steps + guide.check_points)
        assert "適法" not in told and "合法" not in told and "違法" not in told, guide.key
        assert guide.check_points, guide.key


def keys(**answers):
    return [clause.key for clause in advise(read_answers(answers)).clauses]


def test_the_answers_choose_the_clauses():
    service = keys(kind="service", transfer="yes", data="yes", deliverables="no", joint="no")
    assert service == ["license", "data_owner", "data_return", "data_deletion", "confidential"]
    built = keys(kind="development", deliverables="yes", joint="yes")
    assert "license" not in built
    assert {"deliverables", "joint_users", "moral", "transfer"} <= set(built)


def test_what_is_not_answered_keeps_its_clauses():
    assert keys() == [clause.key for clause in list_clauses()]
    assert keys(kind="no such answer") == keys()


def test_every_combination_is_answered():
    for values in product(*(question.answers for question in QUESTIONS)):
        answers = dict(zip((q.name for q in QUESTIONS), values, strict=True))
        advice = advise(read_answers(answers))
        assert advice.clauses
        assert len(advice.open_questions) == sum(not value for value in values)
        warned = any("著作権の移転を前提" in text for text in advice.warnings)
        uses_service = answers["kind"] in ("service", "both")
        assert warned == (uses_service and answers["transfer"] == "yes")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("乙は成果物の著作権を甲に譲渡する。", Finding.PASSES),
        ("成果物に係る著作権(第27条及び第28条の権利を含む。)は甲に移転する。", Finding.PASSES),
        ("成果物の著作権は、すべて発注者に帰属するものとする。", Finding.PASSES),
        ("本サービスの著作権は乙に帰属する。", Finding.STAYS),
        ("知的財産権は、甲に移転しないものとする。", Finding.STAYS),
        ("本契約は著作権を譲渡するものではない。", Finding.STAYS),
        ("乙は著作者人格権を行使しない。", Finding.MORAL),
        ("ＡＢＣの著作権を　譲渡　する。", Finding.PASSES),
    ],
)
def test_what_a_sentence_seems_to_say(text, finding):
    assert [sentence.finding for sentence in scan(text)] == [finding]


@pytest.mark.parametrize(
    "text",
    ["", "著作権法を守る。", "備品を譲渡する。", "著作権を守る。\n\n備品は甲に帰属する。"],
)
def test_what_is_about_something_else_is_left_alone(text):
    assert scan(text) == ()


def test_a_sentence_goes_on_over_lines_and_brackets():
    text = "第1条 総則\n\n乙は、著作権\n（第27条の権利を含む。）を\n甲に譲渡する。次の文。"
    (found,) = scan(text)
    assert found.line == 3
    assert found.text == "乙は、著作権（第27条の権利を含む。）を甲に譲渡する。"


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    for sentence in scan(text):
        assert sentence.text
        assert 1 <= sentence.line <= max(len(text.splitlines()), 1)


def word_file(*paragraphs, cell=""):
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if cell:
        document.add_table(rows=1, cols=1).rows[0].cells[0].text = cell
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_member(content, name):
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, b"x")
    return out.getvalue()


def test_word_and_text_are_read_whatever_they_are_called():
    text = "著作権を甲に譲渡する。"
    assert text in read_contract(word_file("はじめに", text))
    assert text in read_contract(word_file("はじめに", cell=text))
    assert read_contract(text.encode("utf-8-sig")) == text
    assert read_contract(text.encode("cp932")) == text


def test_what_cannot_be_read_says_why():
    refused = {
        b"": "空",
        b"%PDF-1.7 ": "PDF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest": "パスワード",
        b"PK\x03\x04broken": "壊れて",
        b"\x00\x01\x02\x00": "読み取れません",
        b"a" * (LARGEST_FILE + 1): "5MB",
        with_member(word_file("a"), "word/vbaProject.bin"): "マクロ",
    }
    for content, word in refused.items():
        with pytest.raises(ValueError, match=word):
            read_contract(content)


@given(st.binary(max_size=400))
def test_no_upload_breaks_it(content):
    for start in (b"", b"PK\x03\x04"):
        try:
            read_contract(start + content)
        except ValueError as refused:
            assert str(refused)
