"""What the audit page calls the actions of joint procurement."""

from procurement.domain.moves import MOVES

ACTION_NAMES: dict[str, str] = {
    "open_project": "案件の作成",
    "edit_project": "案件の変更",
    "load_example": "見本データの作成",
    "invite_bodies": "団体への案内",
    "state_interest": "関心の表明",
    "request_join": "参加の依頼（都道府県）",
    "prepare_join": "参加の準備",
    "join_project": "参加",
    "decline": "辞退",
    "leave_project": "離脱",
    "set_internal_ceiling": "自団体上限額の設定",
    "add_estimate_basis": "試算の前提の追加",
    "remove_estimate_basis": "試算の前提の取り消し",
    "set_sharing_terms": "負担ルール・条件の設定",
    "fix_share_version": "負担案の確定",
    "consent": "負担案への同意",
    "withdraw_consent": "同意の撤回",
    "remind": "回答の督促",
    "lapse_consent": "無回答の失効",
    # Several moves share an event; the first of the table is the way forward.
    **{move.event: f"{move.label}（状態の移動）" for move in reversed(MOVES)},
}
