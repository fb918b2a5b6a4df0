"""Many bodies' requirements brought to one specification, by hand and by property."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.requirements import (
    Correction,
    Line,
    Settled,
    changes_between,
    clauses_of,
    compare,
    effective,
    summarize,
)
from procurement.domain.survey import Wish

LGWAN = Line(id=1, text="LGWANから使えること")
SLA = Line(id=2, text="稼働率99.5%以上", settled=Settled.WANTED)


def test_unanswered_is_not_a_no():
    columns = [{1: Wish.MUST}, {1: Wish.WANTED}, {}]
    counted = compare(LGWAN, columns, asked=5)
    assert (counted.must, counted.wanted, counted.not_needed, counted.unanswered) == (1, 1, 0, 3)
    assert not counted.is_conflict
    assert compare(LGWAN, [{1: Wish.MUST}, {1: Wish.NOT_NEEDED}], asked=2).is_conflict


@given(st.lists(st.one_of(st.none(), st.sampled_from(list(Wish))), max_size=60))
def test_every_body_is_counted_once_in_any_order(said):
    columns = [{} if wish is None else {1: wish} for wish in said]
    counted = compare(LGWAN, columns, asked=len(said))
    assert counted.must + counted.wanted + counted.not_needed + counted.unanswered == len(said)
    assert counted == compare(LGWAN, reversed(columns), asked=len(said))


def test_somebody_is_left_without():
    columns = [{2: Wish.MUST}, {2: Wish.WANTED}]
    assert compare(SLA, columns, 2).leaves_somebody_without
    assert not compare(replace(SLA, settled=Settled.MUST), columns, 2).leaves_somebody_without
    assert not compare(replace(SLA, settled=Settled.OPEN), columns, 2).leaves_somebody_without


def test_customising_is_counted_and_priced():
    made = {"text": "改修", "customization": True}
    lines = [
        Line(id=3, settled=Settled.MUST, customization_yen=1_200_000, **made),
        Line(id=4, settled=Settled.OPEN, **made),
        Line(id=5, settled=Settled.LEFT_OUT, customization_yen=9_000_000, **made),
        SLA,
    ]
    summary = summarize([compare(line, [], 0) for line in lines])
    assert (summary.customizations, summary.unpriced, summary.customization_yen) == (
        2,
        1,
        1_200_000,
    )
    assert (summary.lines, summary.undecided, summary.conflicts) == (4, 1, 0)


def test_a_version_holds_what_was_settled_the_musts_first():
    must = replace(LGWAN, settled=Settled.MUST)
    out = Line(id=9, text="不要なもの", settled=Settled.LEFT_OUT)
    first = clauses_of([SLA, must, out, Line(id=8, text="未決定")])
    assert [(c.number, c.text) for c in first] == [(1, must.text), (2, SLA.text)]
    second = clauses_of([replace(SLA, settled=Settled.MUST, text="稼働率99.9%以上"), out])
    assert [(c.what, c.text) for c in changes_between(first, second)] == [
        ("変更", "稼働率99.9%以上：要件の文（前は「稼働率99.5%以上」）、加点から必須へ"),
        ("削除", LGWAN.text),
    ]
    assert changes_between(first, clauses_of([must, SLA])) == ()
    assert [type(c).from_dict(c.to_dict()) for c in first] == list(first)


def test_what_holds_is_the_version_and_its_corrections():
    clauses = clauses_of([SLA])
    corrections = [
        Correction(requirement_id=2, text="99.0%"),
        Correction(requirement_id=None, text="用語の統一"),
        Correction(requirement_id=2, text="99.3%"),
    ]
    (only,) = effective(clauses, corrections)
    assert only.corrections == ("99.0%", "99.3%")
