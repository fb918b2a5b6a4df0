"""Why an answer that is not for everybody should stay so: a reason for each (F14).

The rows are the questions of a protected class, so that a further one brings its row.
"""

from collections.abc import Iterable

from catalog.criterion import (
    AnswerType,
    Choice,
    Column,
    Criterion,
    Disclosure,
    Group,
    choices,
)

REASONS = "protected_reasons"
# What is true of all of them, in the vendor's words; older entries say everything here.
WORDS = "protected_information"

_KINDS = choices(
    ("know_how", "アイデア・ノウハウ"),
    ("security", "安全管理（公にすると支障がある）"),
    ("interest", "競争上の地位など正当な利益"),
    ("other", "その他"),
)


def protectable(asked: Iterable[Criterion]) -> tuple[Criterion, ...]:
    """The questions whose answers are not for everybody, those about the protection aside."""
    return tuple(
        one
        for one in asked
        if one.disclosure is not Disclosure.PUBLIC and one.key not in (REASONS, WORDS)
    )


def protection_reasons(asked: Iterable[Criterion]) -> Criterion:
    """The question that asks a reason for each of the protectable ones."""
    return Criterion(
        key=REASONS,
        label="情報公開で配慮を求める理由",
        help="開示請求のときに配慮を求める項目ごとに書きます。判断は団体の条例によります。行政機関だけに表示します。",
        type=AnswerType.TABLE,
        group=Group.TERMS,
        choices=tuple(Choice(key=one.key, label=one.label) for one in protectable(asked)),
        columns=(
            Column(key="kind", label="理由の区分", type=AnswerType.CHOICE, choices=_KINDS),
            Column(key="reason", label="理由", type=AnswerType.TEXT, needed=True),
        ),
        disclosure=Disclosure.GOVERNMENT,
        since=4,
    )
