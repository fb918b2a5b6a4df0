"""The consent form: a maximum for each fiscal year of the version."""

from collections.abc import Mapping
from typing import Any

from wtforms import Form, HiddenField

from foundation.clock import fiscal_year_label
from foundation.forms import DayField, LineField, MoyaiForm, YenField, required, required_value
from procurement.queries.own_page import OwnPage


class ConsentForm(MoyaiForm):
    """決裁日, 決裁番号 and the version read; a maximum per year is added by make_consent_form."""

    version = HiddenField()
    approval_date = DayField(
        "決裁日", [required_value()], description="例：2026-11-20、令和8年11月20日"
    )
    approval_number = LineField("決裁番号", [required()])


def make_consent_form(
    years: tuple[int, ...], posted: Mapping[str, Any] | None, page: OwnPage | None = None
) -> ConsentForm:
    """The form for these years; filled with the default maximum when nothing was posted."""

    class _YearsForm(ConsentForm):
        pass

    for year in years:
        field = YenField(
            f"{fiscal_year_label(year)}の上限額（税込）", [required_value()], minimum=0
        )
        setattr(_YearsForm, f"maximum_{year}", field)
    form: ConsentForm = _YearsForm() if posted is not None else _YearsForm(formdata=None)
    if page is not None:
        form.version.data = str(page.version_number or "")
        for year in years:
            form[f"maximum_{year}"].data = page.default_maximum.get(year)
    return form


def maximum_of(form: Form, years: tuple[int, ...]) -> dict[int, int]:
    """Fiscal year → yen, as typed."""
    return {year: form[f"maximum_{year}"].data for year in years}
