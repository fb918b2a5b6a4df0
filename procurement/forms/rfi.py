"""The forms of a request for information: whom to ask, and a vendor's structured answer."""

from decimal import Decimal
from typing import Any

from wtforms import SelectField, SelectMultipleField, TextAreaField

from catalog.plan_form import PlanForm, plan_form_data
from foundation.forms import DayField, MoyaiForm, required, required_value
from procurement.domain.quotes import Coverage, CoverageItem
from procurement.queries.rfi import OwnAnswer

_COVERAGE = [(each.value, each.label) for each in Coverage]


class RequestForm(MoyaiForm):
    """Asking several vendors at once."""

    vendors = SelectMultipleField("事業者", coerce=int, validate_choice=False)
    message = TextAreaField("依頼の文", [required()])
    closes_on = DayField(
        "回答期限", [required_value()], description="その日の17時（日本時間）に締め切ります。"
    )


def _covered(item: CoverageItem) -> Any:
    return SelectField(f"{item.label}", choices=_COVERAGE, default=Coverage.UNSTATED.value)


class AnswerRequestForm(PlanForm):
    """A plan as in the catalog, and what its price contains."""

    migration = _covered(CoverageItem.MIGRATION)
    training = _covered(CoverageItem.TRAINING)
    exit = _covered(CoverageItem.EXIT)
    data_export = _covered(CoverageItem.DATA_EXPORT)

    @property
    def coverage(self) -> dict[str, str]:
        """Item → how it is covered."""
        return {item.value: self[item.value].data for item in CoverageItem}


def answer_form(own: OwnAnswer, project_title: str) -> AnswerRequestForm:
    """The form with what the vendor answered, or the beginning of an answer."""
    data: dict[str, Any] = {"name": project_title[:60], "tax_rate_percent": Decimal(10)}
    if own.definition is not None:
        data = plan_form_data(
            {
                "name": own.definition["name"],
                "definition": own.definition,
                "tax_rate_percent": own.tax_rate_percent,
                "not_included": own.not_included,
                "price_basis": own.price_basis,
            }
        )
    return AnswerRequestForm(data={**data, **own.coverage, "seen_sha256": str(own.row_version)})
