"""Who rises and who falls when one body joins or leaves: the preview now and then (domain §3)."""

import re
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.plan_units import Quantities
from foundation.errors import Blocker, Refused
from foundation.text import normalize
from procurement.domain.estimates import ShareChange, changed
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember
from procurement.models import Project
from procurement.queries.figures import facts_of, with_guest, without
from procurement.queries.own_figures import estimate_quantity
from procurement.queries.previews import BasisPreview, Previews

MOST_QUANTITY = 1_000_000_000
_SIX_DIGITS = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a reader asks. joiner, leaver: codes, '' for none; quantity: of the joiner, if typed."""

    joiner: str = ""
    leaver: str = ""
    quantity: int | None = None


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """The answer, or why there is none. quantity: the joiner's, with its source."""

    name: str
    code: str
    joins: bool
    change: ShareChange | None = None
    quantity: int | None = None
    quantity_source: str = ""
    blockers: tuple[Blocker, ...] = ()


def find_what_if(
    session: Session,
    project: Project,
    previews: Previews,
    chosen: BasisPreview | None,
    question: Question,
) -> WhatIf | None:
    """None where nothing is asked or there is no preview to compare with. At most one query.

    The joiner's quantity is typed or estimated from its published facts: what it said in
    confidence is not read here.
    """
    if chosen is None or chosen.preview is None:
        return None
    if question.joiner:
        return _joining(session, project, previews, chosen, question)
    if question.leaver:
        return _leaving(previews, chosen, question.leaver)
    return None


def _joining(
    session: Session,
    project: Project,
    previews: Previews,
    chosen: BasisPreview,
    question: Question,
) -> WhatIf:
    code = normalize(question.joiner)
    body = session.get(LocalBody, code) if _SIX_DIGITS.fullmatch(code) else None
    asked = WhatIf(name=body.name if body else code, code=code, joins=True)
    if body is None:
        return _refused(asked, "団体コード（6桁）の団体が見つかりません。")
    if any(member.code == body.code for member in previews.members):
        return _refused(asked, f"{body.name}はすでに参加しています。")
    if body.fictional != project.fictional and not project.reenactment_of:
        return _refused(asked, "実在の団体と架空の団体は、いっしょに計算できません。")
    if question.quantity is not None and not 0 < question.quantity <= MOST_QUANTITY:
        return _refused(asked, f"数量は1から{MOST_QUANTITY:,}までの整数で入力してください。")
    estimated = estimate_quantity(body, project.main_unit, None)
    amount = question.quantity or estimated.amount
    if not amount:
        return _refused(asked, f"{body.name}の数量の見込みを入力してください。")
    quantities = Quantities.from_dict({"body": 1, project.main_unit: amount})
    guest = replace(facts_of(body), quantities=quantities)
    asked = replace(
        asked,
        quantity=amount,
        quantity_source="入力した数量" if question.quantity else estimated.source,
    )
    return _compared(asked, chosen, with_guest(previews.members, guest))


def _leaving(previews: Previews, chosen: BasisPreview, code: str) -> WhatIf:
    member = next((each for each in previews.members if each.code == code), None)
    asked = WhatIf(name=member.name if member else code, code=code, joins=False)
    if member is None:
        return _refused(asked, "参加団体ではありません。")
    others = without(previews.members, code)
    if not others:
        return _refused(asked, "残る団体がありません。")
    return _compared(asked, chosen, others)


def _compared(asked: WhatIf, chosen: BasisPreview, members: tuple[SharingMember, ...]) -> WhatIf:
    assert chosen.preview is not None
    try:
        then = preview(chosen.preview.terms, members, chosen.basis.costs)
    except Refused as refused:
        return replace(asked, blockers=refused.blockers)
    return replace(asked, change=changed(chosen.preview, then))


def _refused(asked: WhatIf, message: str) -> WhatIf:
    return replace(asked, blockers=(Blocker(code="what_if", message=message),))
