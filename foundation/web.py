"""What every page of a web program needs: its sessions, its clock, its headers, its errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.utils import cached_property

from foundation.db import Database, is_duplicate
from foundation.errors import Conflict, NotFound, Refused
from foundation.filters import FILTERS
from foundation.paging import read_page_number
from foundation.text import printable

log = logging.getLogger("moyai.web")

PUBLIC = "public"

MAX_FORM_MEMORY_BYTES = 2 * 1024 * 1024
MAX_FORM_PARTS = 1000

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# Status → what the reader is told when the program says nothing more exact.
_ERRORS = {
    400: ("送られた内容を読み取れませんでした", "入力や指定を確かめて、もう一度お試しください。"),
    401: ("サインインが必要です", "サインインしてから、もう一度お試しください。"),
    403: ("この操作は許可されていません", "必要な権限については、所属の管理者に確認してください。"),
    404: ("ページが見つかりません", "アドレスが変わったか、公開されていない可能性があります。"),
    405: ("この方法では利用できません", "前のページに戻って、もう一度お試しください。"),
    409: ("今はこの操作を行えません", "次の理由を確かめてください。"),
    410: ("この操作はすでに済んでいます", "同じ操作を二度行うことはできません。"),
    413: ("送られたデータが大きすぎます", "大きさを確かめて、分けて送ってください。"),
    415: ("この形式は受け付けられません", "ファイルの形式を確かめてください。"),
    422: ("内容に誤りがあります", "次の理由を確かめてください。"),
    429: ("操作の回数が多すぎます", "しばらく待ってから、もう一度お試しください。"),
    500: ("サーバーで問題が起きました", "時間をおいて、もう一度お試しください。"),
    503: ("ただいま利用できません", "時間をおいて、もう一度お試しください。"),
}
_REGISTERED_BEFORE = "同じ内容が先に登録されました。登録済みの内容を確かめてください。"
_UNKNOWN_HOST = "このアドレスの名前では利用できません。"
_FORM_EXPIRED = "画面の有効期限が切れています。ページを開き直して、もう一度送ってください。"


class PrintableRequest(Request):
    """A request whose parameters hold only what a page can show and a database can keep."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        typed = super().args.items(multi=True)
        return ImmutableMultiDict((name, printable(value)) for name, value in typed)


def init_web(app: Flask, database: Database) -> None:
    """Give the application its request session, headers, error pages and filters."""
    app.extensions["moyai_database"] = database
    app.config.setdefault("MOYAI_NOW", "")
    # A form stays valid as long as the session it was made in: a clerk may be called away.
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_FORM_MEMORY_SIZE=MAX_FORM_MEMORY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.filters.update(FILTERS)
    CSRFProtect(app)
    app.request_class = PrintableRequest
    app.before_request(_refuse_unprintable_address)
    app.teardown_request(_close_read_session)
    app.after_request(_add_headers)
    _register_errors(app)


def get_database() -> Database:
    """The running application's database."""
    database: Database = current_app.extensions["moyai_database"]
    return database


def get_session() -> Session:
    """This request's read session: one snapshot, opened at first use, closed at the end."""
    if "read_session" not in g:
        g.read_session = get_database().open_read_session()
    session: Session = g.read_session
    return session


@contextmanager
def transaction() -> Iterator[Session]:
    """The write road of a view. What is read after it is read anew.

    Raises Conflict where a row was changed by somebody else since it was loaded, and where
    somebody else has just added the very same one.
    """
    try:
        with get_database().transaction() as session:
            yield session
    except StaleDataError as error:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。") from error
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise Conflict(
            "同じ内容が先に登録されました。登録済みの内容を確かめてください。"
        ) from error
    finally:
        _close_read_session()


def now() -> datetime:
    """This moment in UTC, or the one the configuration (MOYAI_NOW, ISO 8601) says it is."""
    return now_of(current_app)


def now_of(app: Flask) -> datetime:
    """The moment it is for this application, asked outside a request."""
    fixed = app.config.get("MOYAI_NOW")
    if not fixed:
        return datetime.now(UTC)
    moment = fixed if isinstance(fixed, datetime) else datetime.fromisoformat(fixed)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def safe_next(address: str | None, fallback: str = "/") -> str:
    """The address if it is a path of this site, else the fallback: never another host."""
    if not address or not address.startswith("/") or any(ord(sign) < 33 for sign in address):
        return fallback
    # Browsers read a backslash as a slash, and two slashes begin another host's address.
    plain = address.replace("\\", "/")
    parts = urlsplit(plain)
    return fallback if plain.startswith("//") or parts.netloc or parts.scheme else address


def page_number(name: str = "page") -> int:
    """`page` of a page's address, 1 where it has none; 404 for anything that is no page.

    Past the last one is none either: see `foundation.paging.existing`.
    """
    number = read_page_number(request.args.get(name, "1"))
    return abort(404) if number is None else number


def attachment(content: str | bytes, mimetype: str, name: str) -> Response:
    """An answer that is saved under this name (ASCII, ours: never what somebody typed)."""
    response: Response = current_app.response_class(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def wants_json() -> bool:
    """Whether the request came to a program's address."""
    return request.path.startswith("/api/")


def error_response(
    status: int, text: str = "", reasons: list[str] | None = None
) -> tuple[str | Response, int]:
    """The answer that says what went wrong, as a page or as JSON."""
    title, advice = _ERRORS.get(status, _ERRORS[500 if status >= 500 else 400])
    if wants_json():
        body = {"status": status, "message": text or title, "reasons": reasons or []}
        return jsonify(error=body), status
    page = render_template(
        "foundation/error.html",
        status=status,
        title=title,
        text=text or advice,
        reasons=reasons or [],
        back=_page_before(),
    )
    return page, status


def _page_before() -> str:
    """The page of this site a form was posted from, so that its reader can go on; else ''."""
    sender = urlsplit(request.referrer or "")
    if request.method == "GET" or sender.netloc != request.host:
        return ""
    try:
        current_app.url_map.bind(request.host).match(sender.path, method="GET")
    except HTTPException:
        return ""  # the answer to an earlier form: nothing a link could lead to
    return safe_next(f"{sender.path}?{sender.query}" if sender.query else sender.path, "")


def _refuse_unprintable_address() -> None:
    """No page's address holds such a character; PostgreSQL could not even look it up."""
    if printable(request.path) != request.path:
        abort(404)


def _close_read_session(_error: BaseException | None = None) -> None:
    session = g.pop("read_session", None)
    if session is not None:
        session.close()


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if g.get("personal"):
        # A page made for one person stays in no cache, a shared desk's browser included.
        response.headers["Cache-Control"] = "no-store"
    return response


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Refused, _on_refused)
    app.register_error_handler(Conflict, _on_conflict)
    app.register_error_handler(NotFound, _on_not_found)
    app.register_error_handler(HTTPException, _on_http_error)


def _on_refused(error: Refused) -> ResponseReturnValue:
    return error_response(409, reasons=[blocker.message for blocker in error.blockers])


def _on_conflict(error: Conflict) -> ResponseReturnValue:
    return error_response(409, reasons=[str(error)])


def _on_not_found(_error: NotFound) -> ResponseReturnValue:
    return error_response(404)


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400 or error.response is not None:
        return error  # a redirect, or an answer already made
    if isinstance(error, InternalServerError):
        return _on_crash()
    if isinstance(error, SecurityError):
        # A made-up Host: no page, since every link on one would be built from it.
        return Response(f"{_UNKNOWN_HOST}\n", 400, mimetype="text/plain")
    text = _FORM_EXPIRED if isinstance(error, CSRFError) else _own_words(error)
    answer, status = error_response(error.code, text)
    response = current_app.make_response((answer, status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _own_words(error: HTTPException) -> str:
    """What the view said in `abort(400, "…")`; the framework's English is left out."""
    said = error.description or ""
    return "" if said == type(error).description else said


def _on_crash() -> ResponseReturnValue:
    # The database may be what failed: the page is made without asking it anything.
    g.crashed = True
    try:
        return error_response(500)
    except Exception:
        log.exception("the error page itself failed")
        title, advice = _ERRORS[500]
        page = f'<!doctype html><html lang="ja"><title>{title}</title><h1>{title}</h1><p>{advice}'
        return page, 500
