"""Guides: contract methods with precedents (F13), SaaS contracts and their rights (F14)."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import TextAreaField

from accounts.access import public
from catalog.guides.clause_scan import LONGEST_TEXT, Sentence, scan
from catalog.guides.contract_files import read_contract
from catalog.guides.queries import list_precedent_cases
from catalog.guides.wizard import QUESTIONS, advise, read_answers
from catalog.presenters import guides as words
from foundation.forms import MoyaiForm
from foundation.web import attachment, get_session

blueprint = Blueprint("guides", __name__)

# More sentences than a person reads; a contract has a dozen.
MOST_SHOWN = 200


class ContractForm(MoyaiForm):
    """A contract's text, pasted or as a file. It is read once and kept nowhere."""

    unlimited = frozenset({"text"})

    text = TextAreaField("契約書の文章を貼り付ける")
    file = FileField("または、ファイルを選ぶ", description="Word（.docx）かテキスト。5MBまで。")

    def contract(self) -> str:
        """The text to look through. Raises ValueError with what is wrong."""
        typed = self.text.data or ""
        if typed.strip() and self.file.data:
            # The text of an earlier look still stands in the form: it is not to hide the file.
            raise ValueError("文章とファイルの両方があります。調べるほうだけを残してください。")
        if typed.strip():
            if len(typed) > LONGEST_TEXT:
                raise ValueError(f"文章は{LONGEST_TEXT:,}文字以内にしてください。")
            return typed
        if not self.file.data:
            raise ValueError("文章を貼り付けるか、ファイルを選んでください。")
        return read_contract(self.file.data.read())


@blueprint.get("/guides/methods")
@public
def methods() -> ResponseReturnValue:
    """Methods, patterns and contract models, each with what to check and who did it."""
    groups = words.present_guides(list_precedent_cases(get_session()))
    return render_template("catalog/guides/methods.html", groups=groups)


@blueprint.get("/guides/saas-contract")
@public
def saas_contract() -> ResponseReturnValue:
    """Five questions; the answers stand in the address and are stored nowhere."""
    return _contract_page(ContractForm(formdata=None))


@blueprint.get("/guides/saas-contract/checklist.txt")
@public
def checklist() -> Response:
    """The clauses the answers call for, as text to paste."""
    advice = advise(read_answers(request.args))
    text = words.checklist_text(advice.clauses)
    return attachment(text, "text/plain", "saas-contract-checklist.txt")


@blueprint.post("/guides/saas-contract/scan")
@public
def scan_contract() -> ResponseReturnValue:
    """Sentences of a contract that speak of who owns the rights."""
    form = ContractForm()
    if not form.validate():
        return _contract_page(form), 422
    try:
        text = form.contract()
    except ValueError as problem:
        field = form.text if (form.text.data or "").strip() else form.file
        field.errors = [*field.errors, str(problem)]
        return _contract_page(form), 422
    return _contract_page(form, scan(text))


def _contract_page(form: ContractForm, found: Sequence[Sentence] | None = None) -> str:
    answers = read_answers(request.args)
    advice = advise(answers)
    return render_template(
        "catalog/guides/saas_contract.html",
        questions=QUESTIONS,
        answers=answers,
        advice=advice,
        checklist=words.checklist_text(advice.clauses),
        form=form,
        found=None if found is None else words.found_sentences(found[:MOST_SHOWN]),
        more=max(0, len(found or ()) - MOST_SHOWN),
    )
