"""Text kept as it was typed: a title's full-width brackets are its own."""

from typing import Any

from wtforms import StringField


class TypedLineField(StringField):
    """One line, as typed but for surrounding and doubled white space."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = " ".join(self.data.split())
