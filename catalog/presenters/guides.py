"""The guides in words: each with its source, its precedents and what to check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.guides.clause_scan import Finding, Sentence
from catalog.guides.queries import SHOWN, PrecedentRow
from catalog.guides.tables import (
    Clause,
    Guide,
    GuideGroup,
    Precedent,
    list_guides,
    list_precedents,
)
from catalog.presenters.policy import SourceText, source_text

_SEARCHED_BY = {GuideGroup.METHOD: "procurement_method", GuideGroup.MODEL: "contract_model"}


@dataclass(frozen=True, kw_only=True)
class GuideView:
    """One guide. source: None where the policy documents do not name it."""

    guide: Guide
    source: SourceText | None
    told: tuple[tuple[Precedent, SourceText], ...]
    cases: tuple[PrecedentRow, ...]
    more_cases: int
    search_url: str


@dataclass(frozen=True, kw_only=True)
class FoundSentence:
    """A sentence of a contract, in words."""

    line: str
    text: str
    finding: str
    tone: str


_TONES = {Finding.PASSES: "warning", Finding.STAYS: "neutral", Finding.MORAL: "warning"}


def present_guides(
    cases: Mapping[str, Sequence[PrecedentRow]],
) -> list[tuple[GuideGroup, list[GuideView]]]:
    """The guides by group, in the order of their table."""
    return [
        (group, [_view(guide, cases) for guide in list_guides() if guide.group is group])
        for group in GuideGroup
    ]


def _view(guide: Guide, cases: Mapping[str, Sequence[PrecedentRow]]) -> GuideView:
    found = tuple(cases.get(guide.key, ()))
    name = _SEARCHED_BY.get(guide.group)
    return GuideView(
        guide=guide,
        source=source_text(guide.source_doc, guide.source_lines, guide.as_of)
        if guide.source_doc
        else None,
        told=tuple(
            (each, source_text(each.source_doc, each.source_lines, each.as_of))
            for each in list_precedents()
            if each.guide == guide.key
        ),
        cases=found[:SHOWN],
        more_cases=max(len(found) - SHOWN, 0),
        search_url=f"/search?kind=case&{name}={guide.key}&fictional=real" if name else "",
    )


def checklist_text(clauses: Sequence[Clause]) -> str:
    """The clauses as plain text, to be pasted into a draft."""
    parts = [f"□ {clause.topic}\n{clause.clause}\n（{clause.why}）" for clause in clauses]
    head = "SaaSの契約で確かめる条項（文案の例。自団体の契約規則に合わせて直してください）"
    return "\n\n".join([head, *parts]) + "\n"


def found_sentences(sentences: Sequence[Sentence]) -> list[FoundSentence]:
    """What the scan found, in the order of the text."""
    return [
        FoundSentence(
            line=f"{sentence.line}行目",
            text=sentence.text,
            finding=sentence.finding.label,
            tone=_TONES[sentence.finding],
        )
        for sentence in sentences
    ]
