"""A table against the 30 rules of machine readability, by a page; the file is not kept (F16)."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from accounts.access import requires
from accounts.bodies import load_body_names
from accounts.roles import Action
from catalog.table_check.check import check_table, level_text
from catalog.table_check.reading import BESIDE_FILES, Given
from catalog.table_check.rules import ANSWERABLE, RULES, SCOPE, SOURCE, Report
from foundation.errors import Refused, refuse
from foundation.forms import MoyaiForm, add_blockers
from foundation.web import get_session

blueprint = Blueprint("table_check", __name__)

LARGEST_ON_PAGE = 2 * 1024 * 1024
# A cell takes some 40 µs: whoever waits for the page waits for seconds, not for minutes.
MOST_CELLS_ON_PAGE = 200_000


class CheckForm(MoyaiForm):
    """The file, and what is published beside it."""

    file = FileField(
        "ファイル",
        [FileRequired("ファイルを選んでください。")],
        description="CSV か Excel（.xlsx）。データと定義をまとめた zip も確かめられます。"
        f"2MB、{MOST_CELLS_ON_PAGE:,}セル（行の数×列の数）まで。",
    )
    beside = MultipleFileField(
        "添えるファイル",
        description=f"あれば {'・'.join(BESIDE_FILES)} を選びます。",
    )
    previous = FileField(
        "前に公開したファイル", description="あれば、項目が変わっていないかを確かめます。"
    )
    confirmed = SelectMultipleField(
        "自分で確かめた規則",
        choices=[(rule.id, f"{rule.id}　{rule.text}") for rule in ANSWERABLE],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
        description=(
            "プログラムでは決められない規則です。自分の目で確かめたものに印を付けると、結果に"
            "そう書かれます。はっきりした不適合は、印を付けても変わりません。"
        ),
    )

    @property
    def ticked(self) -> tuple[str, ...]:
        """The rules that were ticked; what is no rule is left out."""
        known = {rule.id for rule in ANSWERABLE}
        return tuple(number for number in self.confirmed.data or () if number in known)


@blueprint.route("/open-data/check-table", methods=["GET", "POST"])
@requires(Action.USE_OWN_ACCOUNT)
def check() -> ResponseReturnValue:
    """The form; after it the same page with what each rule makes of the file."""
    form = CheckForm()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    try:
        report = check_table(_given(form), form.ticked)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(form), 422
    return _page(form, report)


def _given(form: CheckForm) -> Given:
    beside = [upload for upload in form.beside.data or [] if upload]
    return Given(
        name=form.file.data.filename or "",
        content=_read(form.file.data, form.file.name),
        beside={each.filename or "": _read(each, form.beside.name) for each in beside},
        previous=_read(form.previous.data, form.previous.name) or None,
        bodies=load_body_names(get_session()),
        most_cells=MOST_CELLS_ON_PAGE,
    )


def _read(upload: FileStorage | None, field: str) -> bytes:
    content = upload.read(LARGEST_ON_PAGE + 1) if upload else b""
    if len(content) > LARGEST_ON_PAGE:
        raise refuse(
            "too_large",
            "このページで確かめられるのは2MBまでです。大きいファイルはコマンドで確かめてください。",
            field,
        )
    return content


def _page(form: CheckForm, report: Report | None = None) -> str:
    return render_template(
        "catalog/table_check.html",
        form=form,
        report=report,
        level=level_text(report) if report else "",
        rules=RULES,
        source=SOURCE,
        scope=SCOPE,
    )
