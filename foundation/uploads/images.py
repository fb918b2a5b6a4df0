"""PNG and JPEG: whole from the first to the last byte, and of a size one can open."""

import zlib

from foundation.uploads.kinds import broken, refused, two_in_one

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
MOST_PIXELS = 60_000_000
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA


def check_png(content: bytes) -> None:
    """Every chunk is whole and nothing follows the last. Raises Refused."""
    place = len(PNG_MAGIC)
    while True:
        length = int.from_bytes(content[place : place + 4])
        name = content[place + 4 : place + 8]
        end = place + 12 + length
        if len(name) < 4 or end > len(content):
            raise broken()
        checked = content[place + 4 : end - 4]
        if zlib.crc32(checked) != int.from_bytes(content[end - 4 : end]):
            raise broken()
        if place == len(PNG_MAGIC):
            _check_header(name, checked[4:])
        if name == b"IEND":
            break
        place = end
    if end != len(content):
        raise two_in_one()


def check_jpeg(content: bytes) -> None:
    """Segments lead to the image's data, which ends the file. Raises Refused."""
    place = 2
    sized = False
    while True:
        if content[place : place + 1] != b"\xff" or place + 4 > len(content):
            raise broken()
        marker = content[place + 1]
        length = int.from_bytes(content[place + 2 : place + 4])
        if marker in _FRAMES:
            high, wide = (int.from_bytes(content[place + at : place + at + 2]) for at in (5, 7))
            _check_pixels(high, wide)
            sized = True
        place += 2 + length
        if marker == _SCAN:
            break
    if not sized:
        raise broken()
    if not content.endswith(b"\xff\xd9"):
        raise two_in_one()


def _check_header(name: bytes, data: bytes) -> None:
    if name != b"IHDR" or len(data) != 13:
        raise broken()
    _check_pixels(int.from_bytes(data[:4]), int.from_bytes(data[4:8]))


def _check_pixels(high: int, wide: int) -> None:
    if not high or not wide:
        raise broken()
    if high * wide > MOST_PIXELS:
        raise refused("too_many_pixels", "画像が大きすぎます。縦横の画素数を減らしてください。")
