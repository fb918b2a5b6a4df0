"""PDF: one that only shows. What it does, hides or encrypts is looked for in every object.

Names may be written with #xx for any letter, and objects may lie in compressed streams: both
are undone before looking. Source of the names: ISO 32000-1, 12.6.4 (actions), 7.5.7 (object
streams), 7.3.5 (names).
"""

import re
import zlib
from collections.abc import Iterator

from foundation.uploads.kinds import broken, refused, two_in_one

MAGIC = b"%PDF-"
LARGEST_INFLATED = 100 * 1024 * 1024
MOST_STREAMS = 20_000
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_END_OF_NAME = rb"(?![A-Za-z0-9_\-])"
# Name → what a reader of the refusal can act on.
_DOES = {
    b"JavaScript": "プログラム（JavaScript）",
    b"JS": "プログラム（JavaScript）",
    b"Launch": "ほかのソフトを起動する動作",
    b"Rendition": "プログラムを伴う再生の動作",
    b"RichMedia": "動画などの埋め込み",
    b"XFA": "プログラムを含む入力フォーム（XFA）",
    b"SubmitForm": "入力を外部へ送る動作",
    b"ImportData": "外部のデータを読み込む動作",
    b"GoToE": "埋め込まれた文書への移動",
    b"EmbeddedFile": "埋め込まれたファイル",
}
# Short enough to stand in an image by chance: looked for outside of raw streams only.
_SHORT = frozenset({b"JS", b"XFA"})
_LONG = re.compile(rb"/(" + b"|".join(set(_DOES) - _SHORT) + rb")" + _END_OF_NAME)
_ANY = re.compile(rb"/(" + b"|".join(_DOES) + rb")" + _END_OF_NAME)
_ENCRYPTED = re.compile(rb"/Encrypt" + _END_OF_NAME)
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FILTERS = re.compile(rb"/(?:[A-Za-z0-9]+Decode|Fl|AHx|A85|LZW|RL|Crypt)" + _END_OF_NAME)
_FLATE = (b"/FlateDecode", b"/Fl")


def check_pdf(content: bytes) -> None:
    """Nothing but pages. Raises Refused with what was found."""
    if not content.rstrip(b"\x00\t\n\x0c\r ").endswith(b"%%EOF"):
        raise two_in_one() if b"%%EOF" in content else broken()
    plain = _unescaped(content)
    if _ENCRYPTED.search(plain):
        raise refused(
            "encrypted", "パスワードや印刷制限の付いたPDFは受け取れません。外して保存してください。"
        )
    _refuse_found(_LONG.search(plain))
    left = LARGEST_INFLATED
    for dictionary, start in _streams(content):
        head = _unescaped(dictionary)
        _refuse_found(_ANY.search(head))
        inflated = _inflate(content, start, head, left)
        left -= len(inflated)
        found = _ANY if b"/ObjStm" in head else _LONG
        _refuse_found(found.search(_unescaped(inflated)))
    _refuse_found(_ANY.search(_unescaped(_without_streams(content))))


def _unescaped(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data


def _refuse_found(found: re.Match[bytes] | None) -> None:
    if found is not None:
        what = _DOES[found[1]]
        message = f"PDFに{what}が含まれているため、受け取れません。外して保存し直してください。"
        raise refused("active_pdf", message)


def _streams(content: bytes) -> Iterator[tuple[bytes, int]]:
    """(what stands between 「obj」 and 「stream」, where its data begin)."""
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS:
            raise refused("too_complex", "PDFの構造が複雑すぎるため、受け取れません。")
        yield content[content.rfind(b"obj", 0, found.start()) + 3 : found.start()], found.end()


def _inflate(content: bytes, start: int, head: bytes, left: int) -> bytes:
    """A stream's data as its reader sees them; b'' for those that hold no objects."""
    filters = _FILTERS.findall(head)
    if b"/ObjStm" in head:
        _check_object_stream(head, filters)
    if not filters or filters[0] not in _FLATE:
        return b""
    inflater = zlib.decompressobj()
    parts: list[bytes] = []
    view = memoryview(content)
    try:
        # 「endstream」 may stand within the data: they end where they say they end.
        for at in range(start, len(content), 65536):
            part = inflater.decompress(view[at : at + 65536], left + 1)
            left -= len(part)
            parts.append(part)
            if left < 0:
                raise refused("bomb", "PDFの中身が大きすぎるため、受け取れません。")
            if inflater.eof:
                break
    except zlib.error:
        if b"/ObjStm" in head:
            raise broken() from None
    return b"".join(parts)


def _check_object_stream(head: bytes, filters: list[bytes]) -> None:
    """Objects may lie uncompressed or deflated once; nobody writes them otherwise."""
    unread = b"/Filter" in head and (len(filters) != 1 or filters[0] not in _FLATE)
    if unread or b"/DecodeParms" in head:
        raise refused("unreadable", "PDFの中身を確かめられないため、受け取れません。")


def _without_streams(content: bytes) -> bytes:
    return re.sub(rb"(?s)(?<!end)stream\r?\n.*?endstream", b" ", content)
