"""生成AI, 電子申請, 文書管理・電子決裁, 自治体チャット: suggestions to start from."""

from catalog.plan_units import Unit
from procurement.domain.templates.shape import (
    ABOUT_TODAY,
    BY_QUANTITY,
    EQUAL_AND_POPULATION,
    EQUAL_AND_QUANTITY,
    EXIT,
    ProjectTemplate,
    questions,
    requirements,
)

GENERATIVE_AI = ProjectTemplate(
    key="generative_ai",
    name="生成AIサービス",
    summary="職員が使う生成AIを共同で調達し、利用規程と研修も分け合う案件です。",
    main_unit=Unit.ACCOUNT,
    questions=(
        *questions(
            ("使う職員の数（アカウントの数）", "quantity"),
            ("同時に使う職員の数の見込み", "number"),
            ("1か月に使う文字の数の見込み", "number"),
            ("利用規程はありますか", "yes_no"),
            ("職員への研修が必要ですか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            ("LGWAN端末から使えること", "必須・希望・不要が団体で分かれやすい要件です"),
            ("入力した内容をAIの学習に使わないこと", ""),
            (
                "データを国内のデータセンターに保存すること",
                "保存の場所と、処理の場所を分けて答える",
            ),
            ("日本の法律が適用され、国内の裁判所が管轄すること", ""),
            ("同時に使える数が足りること", "団体ごとの見込みの合計を満たすこと"),
            ("利用の記録を団体ごとに確かめられること", ""),
            ("接続元のIPアドレスを限れること", ""),
            ("稼働率の目標を示すこと", ""),
            ("庁内の文書を読み込ませて回答できること", ""),
            ("職員向けの研修を含むこと", "団体ごとの選択とすることができる"),
        ),
        *EXIT,
    ),
    rules=(EQUAL_AND_QUANTITY, BY_QUANTITY),
)
ELECTRONIC_APPLICATION = ProjectTemplate(
    key="electronic_application",
    name="電子申請サービス",
    summary="住民と事業者の申請をオンラインで受け付けるサービスを共同で調達する案件です。",
    main_unit=Unit.RESIDENT,
    questions=(
        *questions(
            ("1年に受け付ける申請の数の見込み", "number"),
            ("オンラインにしたい手続の数", "number"),
            ("手数料のオンライン納付が必要ですか", "yes_no"),
            ("公的個人認証（JPKI）での本人確認が必要ですか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            ("公的個人認証（JPKI）で本人を確認できること", ""),
            ("GビズIDで事業者を確認できること", ""),
            ("手数料をオンラインで納められること", ""),
            ("団体の職員が申請の様式を作れること", ""),
            ("域内で共通の様式を分け合えること", ""),
            ("LGWANから受付の内容を取り出せること", ""),
            ("スマートフォンで申請できること", ""),
            ("高齢者や障害のある人が使えること", "JIS X 8341-3 への対応の状況を示すこと"),
            ("通知をメールなどで送れること", ""),
        ),
        *EXIT,
    ),
    rules=(EQUAL_AND_POPULATION,),
)
DOCUMENT_MANAGEMENT = ProjectTemplate(
    key="document_management",
    name="文書管理・電子決裁",
    summary="収受から廃棄までの文書管理と電子決裁を共同で調達し、分類と規程をそろえる案件です。",
    main_unit=Unit.ACCOUNT,
    questions=(
        *questions(
            ("使う職員の数（アカウントの数）", "quantity"),
            ("1年に作る文書の数の見込み", "number"),
            ("文書分類表はありますか", "yes_no"),
            ("今の文書を移行する必要がありますか", "yes_no"),
            ("財務会計システムとの連携が必要ですか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            ("起案・決裁・保存・廃棄を一貫して電子で行えること", ""),
            ("文書分類表を団体ごとに設定できること", ""),
            ("保存年限の満了を知らせること", ""),
            ("代決・後閲・引戻しができること", ""),
            ("組織の改正を年度の変わり目に反映できること", ""),
            ("財務会計システムと連携できること", ""),
            ("情報公開のための目録を出せること", ""),
            ("LGWAN端末から使えること", ""),
            ("今の文書を移行できること", "移行の範囲と費用を示すこと"),
        ),
        *EXIT,
    ),
    rules=(EQUAL_AND_QUANTITY,),
)
MUNICIPAL_CHAT = ProjectTemplate(
    key="municipal_chat",
    name="自治体チャット",
    summary="庁内と団体の間の連絡に使うチャットを共同で調達する案件です。",
    main_unit=Unit.ACCOUNT,
    questions=(
        *questions(
            ("使う職員の数（アカウントの数）", "quantity"),
            ("スマートフォンから使う職員の数", "number"),
            ("災害のときに使いますか", "yes_no"),
            ("外部の人と使う必要がありますか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            ("LGWAN端末から使えること", ""),
            ("インターネット端末・スマートフォンから使えること", ""),
            ("ほかの団体の職員と連絡できること", ""),
            ("記録の保存期間を団体ごとに決められること", ""),
            ("ファイルを送れること", "LGWANとの間の無害化の有無を示すこと"),
            ("端末をなくしたときに利用を止められること", ""),
            ("災害のときの一斉の連絡に使えること", ""),
        ),
        *EXIT,
    ),
    rules=(BY_QUANTITY, EQUAL_AND_QUANTITY),
)
