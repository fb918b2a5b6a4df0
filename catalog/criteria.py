"""What a catalog entry is asked: one declaration, read by form, page, comparison and import.

An answer that is missing means 「記載なし」 (not stated), which is never the same as "no".
Stored values: choice = its key, choices = list of keys, text = str, whole = int,
percent = decimal string ("99.9"), conformance = list of objects (catalog.conformance).
"""

import hashlib
from collections.abc import Iterable
from functools import cache

from catalog.criterion import AnswerType, Criterion, Disclosure, Group, choices

_YES_NO = choices(("yes", "あり"), ("no", "なし"))
_HOURS = choices(
    ("business_hours", "平日の日中"), ("extended", "平日の夜間を含む"), ("always", "24時間365日")
)
_FORMATS = choices(
    *(("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"), ("xml", "XML"), ("pdf", "PDF")),
    ("none", "書き出せない"),
)
_PLACES = choices(
    ("domestic", "国内のみ"), ("selectable", "国内に限定できる"), ("overseas", "国外を含む")
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        key="purposes",
        label="目的",
        help="何のために使うものかを選びます。",
        type=AnswerType.CHOICES,
        group=Group.PURPOSE,
        choices=choices(
            ("staff_work", "職員の業務効率化"),
            ("resident_service", "住民サービスの向上"),
            ("paperless", "ペーパーレス"),
            ("information_sharing", "情報共有"),
            ("safety", "防災・安全"),
            ("education", "教育・子育て"),
            ("infrastructure", "インフラの維持管理"),
            ("cost", "経費の削減"),
        ),
        required=True,
        facet=True,
        indexed=True,
    ),
    Criterion(
        key="technologies",
        label="要素技術",
        help="主に使っている技術を選びます。",
        type=AnswerType.CHOICES,
        group=Group.PURPOSE,
        choices=choices(
            ("generative_ai", "生成AI"),
            ("machine_learning", "機械学習"),
            ("ocr", "文字認識（OCR）"),
            ("speech", "音声認識"),
            ("rpa", "RPA"),
            ("gis", "地理空間情報"),
            ("iot", "IoT・センサー"),
            ("satellite", "衛星データ"),
            ("blockchain", "電子署名・タイムスタンプ"),
            ("web", "Webアプリケーション"),
        ),
        facet=True,
        indexed=True,
    ),
    Criterion(
        key="component_kind",
        label="構成要素の区分",
        help="システムのどの部分に当たるものかを選びます。",
        type=AnswerType.CHOICE,
        group=Group.PURPOSE,
        choices=choices(
            ("authentication", "認証"),
            ("signature", "署名"),
            ("payment", "決済"),
            ("portal", "ポータル"),
            ("application", "申請"),
            ("case_processing", "審査・事務処理"),
            ("database", "データベース"),
            ("terminal", "端末"),
            ("server", "サーバ"),
            ("network", "ネットワーク"),
            ("business_app", "業務アプリケーション"),
        ),
        facet=True,
    ),
    Criterion(
        key="delivery_model",
        label="提供形態",
        help="サービスとして利用するものか、それ以外かを選びます。",
        type=AnswerType.CHOICE,
        group=Group.PURPOSE,
        choices=choices(("saas", "SaaS"), ("other", "SaaS以外")),
        required=True,
        facet=True,
    ),
    Criterion(
        key="applicability_conditions",
        label="適用条件",
        help="利用の前提となる環境や人数などを書きます。",
        type=AnswerType.LONG_TEXT,
        group=Group.PURPOSE,
        indexed=True,
    ),
    Criterion(
        key="introduction_effects",
        label="導入効果",
        help="測った効果と、その測り方を書きます。",
        type=AnswerType.LONG_TEXT,
        group=Group.PURPOSE,
        indexed=True,
    ),
    Criterion(
        key="introduction_records",
        label="導入実績",
        help="導入した団体の数です。0 は「実績なし」という回答です。",
        type=AnswerType.WHOLE,
        group=Group.PURPOSE,
        unit="団体",
    ),
    Criterion(
        key="lgwan_endpoint",
        label="LGWAN接続口",
        help="LGWANから届く接続口があるか。ASP登録・接続方法・認証とは別の問いです。",
        type=AnswerType.CHOICE,
        group=Group.NETWORK,
        choices=_YES_NO,
        required=True,
        facet=True,
    ),
    Criterion(
        key="lgwan_asp_registration",
        label="LGWAN-ASP登録",
        help="LGWAN-ASPとしての登録の状況です。",
        type=AnswerType.CHOICE,
        group=Group.NETWORK,
        choices=choices(("registered", "登録済み"), ("applying", "申請中"), ("none", "登録なし")),
        facet=True,
    ),
    Criterion(
        key="lgwan_connection",
        label="LGWANからの接続方法",
        help="LGWAN側の端末からどう接続するかを選びます。",
        type=AnswerType.CHOICE,
        group=Group.NETWORK,
        choices=choices(
            ("direct", "LGWANから直接"),
            ("relay", "中継サービス経由"),
            ("local_breakout", "特定通信（ローカルブレイクアウト）"),
            ("internet_only", "インターネット接続系のみ"),
        ),
        facet=True,
    ),
    Criterion(
        key="sign_in",
        label="利用者の認証",
        help="職員がサインインする方法をすべて選びます。",
        type=AnswerType.CHOICES,
        group=Group.NETWORK,
        choices=choices(
            ("password", "IDとパスワード"),
            ("mfa", "多要素認証"),
            ("saml", "SAML連携"),
            ("oidc", "OpenID Connect連携"),
            ("ip_restriction", "接続元IPの制限"),
            ("client_certificate", "端末証明書"),
        ),
        facet=True,
    ),
    Criterion(
        key="hosting",
        label="設置場所",
        help="システムが動く場所です。",
        type=AnswerType.CHOICE,
        group=Group.HOSTING,
        choices=choices(
            ("government_cloud", "ガバメントクラウド"),
            ("other_cloud", "その他のクラウド"),
            ("vendor_data_center", "事業者のデータセンター"),
            ("on_premises", "庁内設置"),
        ),
        required=True,
        facet=True,
    ),
    Criterion(
        key="data_location",
        label="データの保存場所",
        help="預けたデータを保存する国です。",
        type=AnswerType.CHOICE,
        group=Group.HOSTING,
        choices=_PLACES,
        required=True,
        facet=True,
    ),
    Criterion(
        key="processing_location",
        label="データの処理場所",
        help="生成AIのモデルなど、保存先とは別に処理する場所です。",
        type=AnswerType.CHOICE,
        group=Group.HOSTING,
        choices=_PLACES,
    ),
    Criterion(
        key="certifications",
        label="認証・登録",
        help="「登録なし」も回答です。登録がないことで表示が外れることはありません。",
        type=AnswerType.CHOICES,
        group=Group.SECURITY,
        choices=choices(
            ("ismap", "ISMAP"),
            ("ismap_liu", "ISMAP-LIU"),
            ("iso27001", "ISO/IEC 27001"),
            ("iso27017", "ISO/IEC 27017"),
            ("iso27018", "ISO/IEC 27018"),
            ("p_mark", "プライバシーマーク"),
            ("none", "登録なし"),
        ),
        required=True,
        facet=True,
    ),
    Criterion(
        key="certification_details",
        label="認証の番号・範囲・有効期限",
        help="登録番号、対象の範囲、有効期限を書きます。",
        type=AnswerType.LONG_TEXT,
        group=Group.SECURITY,
    ),
    Criterion(
        key="security_measures",
        label="安全管理の内容",
        help="脆弱性診断、ログ、暗号化などの内容です。行政機関だけに表示します。",
        type=AnswerType.LONG_TEXT,
        group=Group.SECURITY,
        disclosure=Disclosure.GOVERNMENT,
        indexed=True,
    ),
    Criterion(
        key="incident_contact",
        label="事故時の連絡体制",
        help="事故の連絡までの時間と体制です。行政機関だけに表示します。",
        type=AnswerType.LONG_TEXT,
        group=Group.SECURITY,
        disclosure=Disclosure.GOVERNMENT,
    ),
    Criterion(
        key="sla_availability",
        label="稼働率の保証",
        help="契約で保証する稼働率です。目標だけのときは空欄にします。",
        type=AnswerType.PERCENT,
        group=Group.OPERATION,
        unit="％",
    ),
    Criterion(
        key="support_hours",
        label="問合せの受付時間",
        help="問合せを受け付ける時間です。",
        type=AnswerType.CHOICE,
        group=Group.OPERATION,
        choices=_HOURS,
        facet=True,
    ),
    Criterion(
        key="accessibility",
        label="アクセシビリティ",
        help="JIS X 8341-3への対応の度合いです。",
        type=AnswerType.CHOICE,
        group=Group.OPERATION,
        choices=choices(
            ("aa", "適合レベルAAに準拠"), ("partial", "一部準拠"), ("not_tested", "試験していない")
        ),
        facet=True,
    ),
    Criterion(
        key="customization_policy",
        label="カスタマイズの方針",
        help="標準のまま使えるか、個別の改修を受けるかです。",
        type=AnswerType.CHOICE,
        group=Group.FIT,
        choices=choices(
            ("none", "しない"),
            ("config_only", "設定の範囲のみ"),
            ("limited", "一部に限り受ける"),
            ("custom", "個別に受ける"),
        ),
        required=True,
        facet=True,
    ),
    Criterion(
        key="connects_to",
        label="つながる先",
        help="連携できる国や共通の基盤を選びます。",
        type=AnswerType.CHOICES,
        group=Group.FIT,
        choices=choices(
            ("sobo_web", "SOBO-WEB"),
            ("l_alert", "Lアラート"),
            ("myna_portal_api", "マイナポータルAPI"),
            ("digital_auth_app", "デジタル認証アプリ"),
            ("gbiz_id", "GビズID"),
            ("pmh", "PMH"),
            ("learning_portal", "学習eポータル"),
            ("mexcbt", "MEXCBT"),
            ("water_data", "水道情報活用システム"),
            ("e_gov", "e-Gov"),
        ),
        facet=True,
    ),
    Criterion(
        key="spec_conformance",
        label="仕様書への適合",
        help="1行に1件、「仕様書｜版｜状況｜確認した者｜満たさない点；満たさない点」の順に書きます。",
        type=AnswerType.CONFORMANCE,
        group=Group.FIT,
    ),
    Criterion(
        key="api",
        label="API",
        help="外から呼べるAPIがあるかです。",
        type=AnswerType.CHOICE,
        group=Group.FIT,
        choices=choices(("public", "仕様を公開"), ("on_request", "契約者に開示"), ("none", "なし")),
    ),
    Criterion(
        key="export_formats",
        label="データの書き出し形式",
        help="終了時に自団体のデータを受け取れる形式です。",
        type=AnswerType.CHOICES,
        group=Group.EXIT,
        choices=_FORMATS,
        required=True,
        facet=True,
    ),
    Criterion(
        key="exit_support",
        label="移行の支援",
        help="終了時の移行を誰の費用で支援するかです。",
        type=AnswerType.CHOICE,
        group=Group.EXIT,
        choices=choices(("included", "料金に含む"), ("paid", "別料金で行う"), ("none", "行わない")),
        required=True,
    ),
    Criterion(
        key="exit_notice_months",
        label="解約の予告期間",
        help="解約を申し出てから終了までの月数です。",
        type=AnswerType.WHOLE,
        group=Group.EXIT,
        unit="か月",
    ),
    Criterion(
        key="deletion_proof",
        label="データ消去の証明",
        help="終了時にデータを消した証明を出すかです。",
        type=AnswerType.CHOICE,
        group=Group.EXIT,
        choices=_YES_NO,
    ),
    Criterion(
        key="trial",
        label="試用",
        help="契約の前に試せるかです。",
        type=AnswerType.CHOICE,
        group=Group.TRIAL,
        choices=choices(("free", "無料で可"), ("paid", "有料で可"), ("none", "不可")),
        facet=True,
    ),
    Criterion(
        key="minimum_term_months",
        label="最低利用期間",
        help="途中で解約できない月数です。ないときは 0 と書きます。",
        type=AnswerType.WHOLE,
        group=Group.TRIAL,
        unit="か月",
    ),
)


@cache
def criteria_by_key() -> dict[str, Criterion]:
    """Every criterion by its key."""
    return {criterion.key: criterion for criterion in CRITERIA}


def visible_criteria(disclosures: Iterable[Disclosure]) -> tuple[Criterion, ...]:
    """The criteria a reader with these disclosure classes may see answers to."""
    allowed = frozenset(disclosures)
    return tuple(c for c in CRITERIA if c.disclosure in allowed)


PUBLIC_ONLY = (Disclosure.PUBLIC,)
PUBLIC_AND_GOVERNMENT = (Disclosure.PUBLIC, Disclosure.GOVERNMENT)


def schema_sha256(criteria: Iterable[Criterion] = CRITERIA) -> str:
    """Changes whenever the declaration changes: the search index rebuilds itself on it."""
    return hashlib.sha256(repr(tuple(criteria)).encode()).hexdigest()
