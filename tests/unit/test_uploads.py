"""What a file is, told by its content; what is refused, and why."""

import pytest

from foundation.errors import Refused
from foundation.uploads.kinds import KINDS, PDF
from foundation.uploads.recognise import clean_name, recognise, size_words
from foundation.uploads.store import FileStore
from tests.harness.evil_files import EVIL, GOOD, image, pdf, stream, xlsx

LARGEST = 10 * 1024 * 1024


@pytest.mark.parametrize("name", EVIL)
def test_what_could_do_harm_is_refused_with_the_reason(name: str) -> None:
    make, code = EVIL[name]
    with pytest.raises(Refused) as refused:
        recognise(make(), LARGEST)
    assert [blocker.code for blocker in refused.value.blockers] == [code]
    assert refused.value.blockers[0].field == "file"
    assert refused.value.blockers[0].message.endswith("。")


@pytest.mark.parametrize("name", GOOD)
def test_what_people_attach_is_told_by_its_content(name: str) -> None:
    make, key = GOOD[name]
    assert recognise(make(), LARGEST) is KINDS[key]


def test_our_own_papers_can_be_attached() -> None:
    from weasyprint import HTML

    paper = HTML(string="<h1>価格表</h1><p><a href='https://a.example/'>a</a></p>").write_pdf()
    assert recognise(paper, LARGEST) is PDF


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    content = image("PNG")
    assert recognise(content, len(content)).key == "png"
    with pytest.raises(Refused, match="以下"):
        recognise(content, len(content) - 1)


def test_every_torn_file_is_refused() -> None:
    for content in (xlsx(), pdf(stream(b"a" * 500)), image("PNG"), image("JPEG")):
        for cut in range(20, len(content) - 20, max(1, len(content) // 60)):
            with pytest.raises(Refused):
                recognise(content[:cut], LARGEST)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("価格表.xlsm", "価格表.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\佐藤\見積 書.pdf", "見積_書.pdf"),
        ("evil\u202efdp.exe", "evilfdp.pdf"),
        ('a";filename="b', "a_;filename=_b.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("長" * 300 + ".pdf", "長" * 80 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert clean_name(given, PDF) == kept


def test_sizes_in_words() -> None:
    assert [size_words(n) for n in (1, 2048, 1024 * 1024, 1_600_000)] == [
        "1KB",
        "2KB",
        "1MB",
        "1.5MB",
    ]


def test_a_file_lies_under_a_random_name_for_its_owner_only(tmp_path) -> None:
    store = FileStore(tmp_path / "files", LARGEST)
    names = {store.put(b"same"), store.put(b"same")}
    assert len(names) == 2
    for name in names:
        assert store.find(name) == b"same"
        assert (tmp_path / "files" / name[:2] / name).stat().st_mode & 0o077 == 0
    assert {name for name, _ in store.list_files()} == names
    store.remove(next(iter(names)))
    assert store.find(next(iter(names))) is None
    for bad in ("../x", "a/b", ""):
        with pytest.raises(ValueError, match="not a name"):
            store.find(bad)
