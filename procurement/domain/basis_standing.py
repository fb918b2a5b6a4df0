"""What has become of the price plan an estimate was frozen with."""

from foundation.labels import LabelledEnum


class BasisStanding(LabelledEnum):
    """How the plan is offered now; the estimate itself goes on with what was frozen."""

    OFFERED = "offered", "掲載中（料金は同じ）"
    CHANGED = "changed", "料金が変わりました"
    PLAN_GONE = "plan_gone", "この料金プランの提供が終わりました"
    SUSPENDED = "suspended", "掲載の公開が停止されています"
    WITHDRAWN = "withdrawn", "掲載が終了しました"


def basis_standing(*, status: str, offered: bool, same_price: bool) -> BasisStanding:
    """The gravest of what happened. status: of the plan's entry in the catalog."""
    if status != "published":
        ended = status == "withdrawn"
        return BasisStanding.WITHDRAWN if ended else BasisStanding.SUSPENDED
    if not offered:
        return BasisStanding.PLAN_GONE
    return BasisStanding.OFFERED if same_price else BasisStanding.CHANGED
