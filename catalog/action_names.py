"""What the audit page calls the catalog's actions."""

ACTION_NAMES: dict[str, str] = {
    "register_vendor": "事業者の登録",
    "create_offering": "掲載の作成",
    "publish_offering": "掲載の公開",
    "withdraw_offering": "掲載の取り下げ",
    "publish_case": "事例の公開",
    "link_case_offering": "事例と掲載の結び付け",
    "unlink_case_offering": "事例と掲載の結び付けの解除",
    "import_offerings": "掲載の取り込み",
    "import_cases": "事例の取り込み",
    "load_reference": "基準データの読み込み",
    "load_example": "見本データの作成",
}
