"""校務支援, GIGA端末 and 学校ネットワーク.

Conditions are quoted from the papers named; nothing else is a fact.
"""

from catalog.plan_units import Unit
from procurement.domain.templates.shape import (
    ABOUT_TODAY,
    BY_QUANTITY,
    EQUAL_AND_QUANTITY,
    EXIT,
    ProjectTemplate,
    TemplateCondition,
    TemplateSpan,
    questions,
    requirements,
)

_SUMMARY_2025 = "デジタル行財政改革 取りまとめ2025（案）"
_MADE = "2025-06-13"

SCHOOL_ADMINISTRATION = ProjectTemplate(
    key="school_administration",
    name="校務支援システム",
    summary="次世代校務DX環境に向けて、都道府県の域内で校務支援システムを共同で調達・利用する案件です。",
    main_unit=Unit.SCHOOL,
    questions=(
        *questions(
            ("学校の数（小・中・その他の合計）", "quantity"),
            ("教職員の数", "number"),
            ("児童生徒の数", "number"),
            (
                "クラウドで利用するための教育情報セキュリティポリシーの改定は済んでいますか",
                "yes_no",
            ),
            ("学校のネットワークの評価（アセスメント）は済んでいますか", "yes_no"),
            ("県の標準と異なる独自の様式がありますか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            ("パブリッククラウドで動くこと", "校内の専用のサーバを必要としないこと"),
            ("指導要録を共通の様式で作れること", "団体ごとの改修をしないことを前提とする"),
            ("健康診断票を共通の様式で作れること", ""),
            ("出席簿を共通の様式で作れること", ""),
            ("転入学の通知書を共通の様式で作れること", "調査書を含めるかは団体の回答で決める"),
            ("域内の学校の間で、転入学の情報を受け渡せること", ""),
            ("教職員の異動のときに、操作を覚え直さずに使えること", ""),
            (
                "個別の改修をせず、設定で対応すること",
                "改修を求める団体は、業務を変えられない理由を示す",
            ),
        ),
        *EXIT,
    ),
    rules=(EQUAL_AND_QUANTITY, BY_QUANTITY),
    conditions=(
        TemplateCondition(
            text="「次世代校務DX環境整備に要する初期費用等」の補助は、「都道府県域で次世代型校務支援"
            "システムを共同調達・共同利用する」ことが条件とされています。",
            source=_SUMMARY_2025,
            lines="S1:284-292",
            as_of=_MADE,
        ),
        TemplateCondition(
            text="次世代校務DX環境への移行は令和8年度（2026年度）から令和11年度（2029年度）までの"
            "4年間で、令和11年度までに全団体が目標とされています。",
            source=_SUMMARY_2025,
            lines="S1:257-292",
            as_of=_MADE,
            spans=(
                TemplateSpan(
                    label="次世代校務DX環境への移行",
                    kind="移行の期間",
                    first_year=2026,
                    last_year=2029,
                ),
                TemplateSpan(
                    label="全団体が移行する目標",
                    kind="目標の年度",
                    first_year=2029,
                    last_year=2029,
                ),
            ),
        ),
        TemplateCondition(
            text="次世代校務DXガイドブック（2025年3月）は、参考様式を示し、カスタマイズをしないことを"
            "求めています。",
            source=_SUMMARY_2025,
            lines="S1:267-282",
            as_of=_MADE,
        ),
    ),
)

GIGA_DEVICE = ProjectTemplate(
    key="giga_device",
    name="GIGA端末",
    summary="児童生徒と指導者の学習用端末を、都道府県を中心に共同で調達する案件です。",
    main_unit=Unit.DEVICE,
    questions=(
        *questions(
            ("学習者用端末の台数", "quantity"),
            ("指導者用端末の台数", "number"),
            ("予備機の割合（%）", "number"),
            ("今の端末のOS・種類", "text"),
            ("今の端末の利用が終わる月", "month"),
            ("納入を希望する月", "month"),
            ("財産の取得に議会の議決が必要な額ですか", "yes_no"),
            ("困っていること・心配なこと", "text"),
        ),
    ),
    requirements=requirements(
        ("学習者用端末", "OSと最低の仕様を、選択肢ごとに示すこと"),
        ("指導者用端末を同じ条件で調達できること", "基金の補助要件とされているもの（条件を参照）"),
        ("予備機を同じ条件で調達できること", "割合は団体の回答で決める"),
        ("端末管理ツール（MDM）を含むこと", ""),
        ("保証の期間と修理の受付を示すこと", ""),
        ("初期設定（キッティング）を含むこと", ""),
        ("使い終わった端末のデータ消去と引取りを行うこと", "消去の証明を出すこと"),
        ("学校ごとに納入すること", "納入の時期を団体ごとに決められること"),
    ),
    rules=(BY_QUANTITY,),
    conditions=(
        TemplateCondition(
            text="都道府県の基金は2023年度に設けられ、2024年度から共同調達により「５年程度をかけて"
            "計画的・効率的な端末整備」を行うとされています。",
            source=_SUMMARY_2025,
            lines="S1:358-366; S4:229-231",
            as_of=_MADE,
        ),
        TemplateCondition(
            text="指導者用端末の整備は、基金の「補助要件」とされています。",
            source=_SUMMARY_2025,
            lines="S1:358-366; S4:229-231",
            as_of=_MADE,
        ),
    ),
)

SCHOOL_NETWORK = ProjectTemplate(
    key="school_network",
    name="学校ネットワーク",
    summary="学校の回線と校内ネットワークの評価（アセスメント）と改善を、"
    "都道府県や近隣の団体でまとめて調達する案件です。",
    main_unit=Unit.SCHOOL,
    questions=(
        *questions(
            ("対象の学校の数", "quantity"),
            ("児童生徒の数（最も多い学校）", "number"),
            ("学校のネットワークの評価（アセスメント）は済んでいますか", "yes_no"),
            ("当面の推奨帯域を満たさない学校の数", "number"),
            ("インターネットへの接続の方式（学校から直接・団体で集約）", "text"),
            ("校内の無線LANの機器を更新する予定の月", "month"),
            ("県の域内で共同の回線を使いたいですか", "yes_no"),
        ),
        *ABOUT_TODAY,
    ),
    requirements=(
        *requirements(
            (
                "学校ごとの評価（アセスメント）の結果と原因を示すこと",
                "評価がまだの学校は、改善の前に行う",
            ),
            (
                "児童生徒が同時に使うときの帯域の見込みと根拠を学校ごとに示すこと",
                "掲載サービスの「回線の帯域」の回答と見比べる",
            ),
            ("帯域を保証する区間と時間帯を示すこと", "保証しない場合は、その旨を示す"),
            ("利用の状況を学校ごと・月ごとに測って報告すること", ""),
            ("障害の受付と復旧の目標の時間を示すこと", ""),
            ("工事は授業に支障のない日時に行うこと", "学校ごとに日時を決められること"),
            ("校務支援システムとクラウドの利用に必要な安全対策を示すこと", ""),
            ("学校の統廃合のときに、回線の数を減らせること", "減らすときの費用を示すこと"),
        ),
        *EXIT,
    ),
    rules=(BY_QUANTITY, EQUAL_AND_QUANTITY),
    conditions=(
        TemplateCondition(
            text="学校のネットワークは、令和7年度（2025年度）末までに全ての学校で整えることが目標と"
            "されています。2023年11月の調べで「当面の推奨帯域」を満たす学校は２割程度でした。",
            source=_SUMMARY_2025,
            lines="S1:231-233; S1:243-249",
            as_of=_MADE,
            spans=(
                TemplateSpan(
                    label="全ての学校のネットワークを整える目標",
                    kind="目標の年度",
                    first_year=2025,
                    last_year=2025,
                ),
            ),
        ),
        TemplateCondition(
            text="2024年度補正の学校ネットワーク改善の補助は、ネットワークの評価（アセスメント）と、"
            "それにもとづく改善を支援します。",
            source=_SUMMARY_2025,
            lines="S1:235-241",
            as_of=_MADE,
        ),
        TemplateCondition(
            text="教育向け通信サービスのカタログサイトが2025年2月に開かれ、事業者が自治体に説明する"
            "ピッチイベントも行われています（「関連カタログ」のページに載せています）。",
            source=_SUMMARY_2025,
            lines="S1:243-249",
            as_of=_MADE,
        ),
    ),
)
