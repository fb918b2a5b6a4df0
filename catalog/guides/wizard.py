"""Five questions on a contract for SaaS, and the clauses and warnings the answers call for (F14).

It never says that a contract is lawful: it lists what to check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.guides.tables import Clause, list_clauses


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. answers: value → label; the first is 「まだわからない」."""

    name: str
    label: str
    answers: Mapping[str, str]


_UNKNOWN = {"": "まだわからない"}
QUESTIONS: tuple[Question, ...] = (
    Question(
        name="kind",
        label="今回の契約は、どちらに近いですか",
        answers=_UNKNOWN
        | {
            "service": "料金を払って、すでにあるサービスを利用する",
            "development": "独自のシステムを開発してもらう",
            "both": "サービスの利用と、独自の開発の両方",
        },
    ),
    Question(
        name="transfer",
        label="契約書のひな形に、著作権の譲渡・移転や著作者人格権の条項がありますか",
        answers=_UNKNOWN | {"yes": "ある", "no": "ない"},
    ),
    Question(
        name="data",
        label="自治体のデータの帰属と、終了時の返し方が書いてありますか",
        answers=_UNKNOWN | {"yes": "書いてある", "no": "書いていない"},
    ),
    Question(
        name="deliverables",
        label="設定書や手順書などの納入物がありますか",
        answers=_UNKNOWN | {"yes": "ある", "no": "ない"},
    ),
    Question(
        name="joint",
        label="後からほかの団体が加わる可能性がありますか",
        answers=_UNKNOWN | {"yes": "ある", "no": "ない"},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the answers call for. warnings: sentences; open_questions: labels not answered."""

    clauses: tuple[Clause, ...]
    warnings: tuple[str, ...]
    open_questions: tuple[str, ...]


def read_answers(given: Mapping[str, str]) -> dict[str, str]:
    """The answers among what an address says; anything else counts as not answered."""
    return {
        question.name: value if (value := given.get(question.name, "")) in question.answers else ""
        for question in QUESTIONS
    }


def advise(answers: Mapping[str, str]) -> Advice:
    """answers: as `read_answers` gives them. What is not answered keeps its clauses in."""
    asked = {
        "always": True,
        "service": answers["kind"] != "development",
        "development": answers["kind"] in ("", "development", "both"),
        "deliverables": answers["deliverables"] != "no",
        "joint": answers["joint"] != "no",
    }
    return Advice(
        clauses=tuple(clause for clause in list_clauses() if asked[clause.asked_when]),
        warnings=tuple(text for holds, text in _warnings(answers) if holds),
        open_questions=tuple(q.label for q in QUESTIONS if not answers[q.name]),
    )


def _warnings(answers: Mapping[str, str]) -> tuple[tuple[bool, str], ...]:
    uses_service = answers["kind"] in ("service", "both")
    return (
        (
            uses_service and answers["transfer"] == "yes",
            "外部のSaaSに料金を払って利用する契約に、著作権の移転を前提とした条項は合いません。"
            "製品の権利は事業者に残し、利用の許諾として書き直せるか確かめてください。",
        ),
        (
            answers["data"] == "no",
            "データの帰属と返還の条項がないと、終了や乗換えのときに形式・費用・期限で困ります。",
        ),
    )
