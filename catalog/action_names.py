"""What the audit page calls the catalog's actions, fields and codes."""

import csv
from pathlib import Path

from accounts.wording import Wording
from catalog.criterion import Group, Review
from catalog.entry_files import FileDisclosure, FileUse
from catalog.policy import PolicyScope

_TYPES = Path(__file__).resolve().parent / "data" / "system_types.csv"


def _system_types() -> dict[str, str]:
    with _TYPES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


ACTION_NAMES: dict[str, str] = {
    "register_vendor": "事業者の登録",
    "publish_vendor": "事業者の公開",
    "request_rename": "事業者の名称の変更の申請",
    "approve_rename": "事業者の名称の変更の承認",
    "send_back_rename": "事業者の名称の変更の差し戻し",
    "merge_vendors": "事業者の統合",
    "invite_member": "事業者の利用者の招待",
    "change_member": "事業者の利用者の役割の変更",
    "remove_member": "事業者の利用者を外す",
    "create_offering": "掲載の作成",
    "publish_offering": "掲載の公開",
    "withdraw_offering": "掲載の取り下げ",
    "save_draft": "掲載の下書きの保存",
    "renew_draft": "掲載の年次更新の開始",
    "revert_draft": "掲載を以前の版に戻す準備",
    "discard_draft": "掲載の変更の破棄",
    "submit_offering": "掲載の提出",
    "recall_submission": "掲載の提出の取り下げ",
    "approve_submission": "掲載の承認",
    "send_back_submission": "掲載の差し戻し",
    "suspend_offering": "掲載の公開停止",
    "resume_offering": "掲載の公開再開",
    "add_file": "掲載への添付ファイルの追加",
    "remove_file": "掲載の添付ファイルを外す",
    "download_file": "公開でない添付ファイルの取得",
    "publish_case": "事例の公開",
    "start_case": "事例の下書きの開始",
    "save_case": "事例の下書きの保存",
    "submit_case": "事例の提出",
    "recall_case": "事例の提出の取り下げ",
    "approve_case": "事例の承認",
    "send_back_case": "事例の差し戻し",
    "refresh_case": "事例の内容の確認",
    "ask_contact_office": "事例の問い合わせ",
    "reply_to_inquiry": "事例の問い合わせへの返信",
    "link_case_offering": "事例と掲載の結び付け",
    "unlink_case_offering": "事例と掲載の結び付けの解除",
    "import_offerings": "掲載の取り込み",
    "import_cases": "事例の取り込み",
    "save_search": "検索の保存",
    "change_saved_search": "保存した検索の変更",
    "delete_saved_search": "保存した検索の削除",
    "stop_saved_search": "保存した検索の通知の停止",
    "create_selection_record": "選定記録の作成",
    "edit_selection_record": "選定記録の変更",
    "delete_selection_record": "選定記録（下書き）の削除",
    "lock_selection_record": "選定記録の確定",
    "download_selection_record": "選定記録の書き出し",
    "answer_selection_outcome": "選定記録の結論",
    "register_synonyms": "同義語の登録",
    "change_synonyms": "同義語の変更",
    "report_progress": "共通化対象の進捗の報告",
    "load_reference": "基準データの読み込み",
    "load_example": "見本データの作成",
}

WORDING = Wording(
    actions=ACTION_NAMES,
    fields={
        "key": "キー",
        "name": "名前",
        "number": "版",
        "section": "画面",
        "user_id": "利用者の番号",
        "manager": "管理者",
        "submission_id": "提出の番号",
        "review": "審査の区分",
        "content_sha256": "内容の検証値（SHA-256）",
        "offering_id": "掲載サービスの番号",
        "reason": "理由",
        "vendor": "事業者",
        "offering": "掲載サービス",
        "case": "調達事例",
        "policy_item": "政策の項目",
        "system_type": "システム種別",
        "system_type_code": "システム種別",
        "policy": "国の方針との関係",
        "shared": "団体内での共有",
        "notify": "通知",
        "words": "語",
        "note": "備考",
        "active": "検索で使う",
        "candidates": "候補の数",
        "excluded": "除外の数",
        "format": "形式",
        "file_sha256": "ファイルの検証値（SHA-256）",
        "selection_outcome": "結論",
        "result": "結果",
        "fields": "変えた項目",
        "use": "用途",
        "disclosure": "公開の範囲",
        "sha256": "ファイルの検証値（SHA-256）",
        "inquiry_id": "問い合わせの番号",
        "successor": "統合先",
        "report_id": "報告の番号",
        "as_of": "時点",
    },
    codes={
        "section": {group.value: group.label for group in Group}
        | {"basic": "名称と概要", "prices": "販売と料金"},
        "review": {review.value: review.label for review in Review},
        "system_type_code": _system_types(),
        "use": {use.value: use.label for use in FileUse},
        "disclosure": {each.value: each.label for each in FileDisclosure},
        "policy": {scope.value: scope.label for scope in PolicyScope},
        "selection_outcome": {
            "chosen": "この中から選んだ",
            "project": "共同調達を始めた",
            "none": "適するものがなかった",
        },
    },
    subjects={
        "vendor": "事業者",
        "offering": "掲載サービス",
        "case": "調達事例",
        "case_draft": "調達事例の下書き",
        "saved_search": "保存した検索",
        "selection_record": "選定記録",
        "synonym_group": "同義語の組",
        "policy_item": "政策の項目",
        "reference": "基準データ",
        "example": "見本データ",
    },
)
