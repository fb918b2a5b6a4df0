"""Templates are whole, say where their facts are from, and can be copied as they are."""

import re

import pytest

from catalog.example.tables import catalog_table
from procurement.domain.requirements import MAX_DETAIL, MAX_REQUIREMENTS, MAX_TEXT
from procurement.domain.rules import parse_rule
from procurement.domain.survey import MAX_QUESTION, MAX_QUESTIONS, AnswerKind
from procurement.domain.templates.shelf import TEMPLATES, find_template

ALL = list(TEMPLATES.values())


def test_every_kind_asked_for_has_one():
    assert set(TEMPLATES) == {
        *("school_administration", "giga_device", "leak_survey", "generative_ai"),
        *("electronic_application", "document_management", "municipal_chat", "school_network"),
    }
    known = {row["code"] for row in catalog_table("system_types")}
    assert set(TEMPLATES) <= known
    assert find_template("nothing") is None


@pytest.mark.parametrize("template", ALL, ids=lambda each: each.key)
def test_a_template_fits_a_survey_and_a_list(template):
    texts = [question.text for question in template.questions]
    assert 4 <= len(texts) <= MAX_QUESTIONS
    assert len(set(texts)) == len(texts)
    assert all(0 < len(text) <= MAX_QUESTION for text in texts)
    kinds = [question.kind for question in template.questions]
    assert kinds.count(AnswerKind.QUANTITY) <= 1
    wanted = [each.text for each in template.requirements]
    assert 5 <= len(wanted) <= MAX_REQUIREMENTS
    assert len(set(wanted)) == len(wanted)
    assert all(len(each.text) <= MAX_TEXT for each in template.requirements)
    assert all(len(each.detail) <= MAX_DETAIL for each in template.requirements)
    assert template.rules
    assert all(parse_rule(rule.text).label and rule.reason for rule in template.rules)


@pytest.mark.parametrize("template", ALL, ids=lambda each: each.key)
def test_every_fact_has_its_source_and_day(template):
    for condition in template.conditions:
        assert condition.source and re.fullmatch(r"\d{4}-\d\d-\d\d", condition.as_of)
        assert re.fullmatch(r"S\d:\d+(-\d+)?(; S\d:\d+(-\d+)?)*", condition.lines)
    facts = [*(each.text for each in template.requirements), template.summary]
    assert not [text for text in facts if re.search(r"\d{4}年|令和\d", text)]


def test_devices_ask_for_spares_and_for_teachers():
    giga = TEMPLATES["giga_device"]
    asked = " ".join(question.text for question in giga.questions)
    assert "予備機の割合" in asked and "指導者用端末の台数" in asked
    assert any("補助要件" in condition.text for condition in giga.conditions)
    assert any("S1:358-366" in condition.lines for condition in giga.conditions)


def test_networks_ask_for_the_assessment_and_name_the_goal():
    network = TEMPLATES["school_network"]
    asked = " ".join(question.text for question in network.questions)
    assert "評価（アセスメント）は済んでいますか" in asked
    assert "推奨帯域を満たさない学校の数" in asked
    assert any("帯域" in each.text for each in network.requirements)
    spans = [span for condition in network.conditions for span in condition.spans]
    assert [(span.kind, span.first_year, span.last_year) for span in spans] == [
        ("目標の年度", 2025, 2025)
    ]
    assert any("S1:235-241" in condition.lines for condition in network.conditions)
