"""The text of a PDF file, read as a program that selects text reads it: by its character maps."""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_SHOWN = re.compile(rb"/(\S+)\s+[\d.]+\s+Tf|<([0-9a-fA-F]*)>")


def pdf_text(data: bytes) -> str:
    """All text of the file in the order it is drawn."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(data)}
    for body in list(objects.values()):
        objects |= _packed(body)
    fonts = _fonts(objects)
    return "".join(
        _drawn(content, fonts) for content in map(_unpacked, objects.values()) if b" Tf" in content
    )


def _packed(body: bytes) -> dict[int, bytes]:
    """The objects of an object stream; none for any other object."""
    first = re.search(rb"/First\s+(\d+)", body) if b"/ObjStm" in body else None
    if first is None:
        return {}
    text = _unpacked(body)
    numbers = [int(number) for number in text[: int(first[1])].split()]
    starts = [int(first[1]) + start for start in numbers[1::2]] + [len(text)]
    return {
        number: text[starts[place] : starts[place + 1]] for place, number in enumerate(numbers[::2])
    }


def _fonts(objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """Name of each font → glyph → characters."""
    maps = {}
    for body in objects.values():
        for name, number in re.findall(rb"/(\S+)\s+(\d+) 0 R", body):
            map_ = re.search(rb"/ToUnicode\s+(\d+) 0 R", objects.get(int(number), b""))
            if map_:
                maps[name] = _characters(_unpacked(objects[int(map_[1])]))
    return maps


def _characters(cmap: bytes) -> dict[int, str]:
    characters: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.S):
        for glyph, text in _PAIR.findall(block):
            characters[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.S):
        for first, last, text in _RANGE.findall(block):
            for place in range(int(last, 16) - int(first, 16) + 1):
                characters[int(first, 16) + place] = chr(int(text, 16) + place)
    return characters


def _drawn(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    return "".join(_glyphs(content, fonts))


def _glyphs(content: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    characters: dict[int, str] = {}
    for font, shown in _SHOWN.findall(content):
        if font:
            characters = fonts.get(font, {})
        for place in range(0, len(shown), 4):
            yield characters.get(int(shown[place : place + 4], 16), "")


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
