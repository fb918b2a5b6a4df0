"""A printed page as PDF: text that can be selected, nothing asked of any other host."""

from typing import Any


class PdfUnavailable(Exception):
    """This machine cannot make PDF files; the message says what to do, in Japanese."""


_MISSING = (
    "このサーバでは PDF を作れません（PDF 用のライブラリ Pango が入っていません）。"
    "「印刷用の画面」を開き、ブラウザの印刷で PDF に保存してください。"
)


def make_pdf(html: str, styles: str, base_url: str) -> bytes:
    """The page as a tagged PDF. base_url: what its links lead from. Raises PdfUnavailable."""
    try:
        # Its system libraries are looked for at import: only those who want a PDF need them.
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable(_MISSING) from error
    document = HTML(string=html, base_url=base_url, url_fetcher=_fetch_nothing)
    sheet = CSS(string=styles, url_fetcher=_fetch_nothing)
    return bytes(document.write_pdf(stylesheets=[sheet], pdf_tags=True, presentational_hints=False))


def _fetch_nothing(url: str, *_more: Any, **_options: Any) -> Any:
    raise ValueError(f"a record refers to nothing outside itself: {url}")
