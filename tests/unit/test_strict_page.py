"""The strict reader of pages finds what it says it finds."""

import pytest

from tests.harness.page import PageError, read_page

GOOD = """<!DOCTYPE html><html lang="ja"><head><title>題</title></head><body><main><h1>見出し</h1>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">
<label for="a">名前</label><input id="a" name="a" value="1">
<label><input type="checkbox" name="b" value="yes" checked> 同意</label>
<select name="c" aria-label="選択"><option value="1">一</option>
<option value="2" selected>二</option>
</select><button>送信</button></form>
<table><caption>表</caption><thead><tr><th>名</th><th>額</th></tr></thead>
<tbody><tr><th>甲</th><td>1</td></tr></tbody></table></main></body></html>"""


def test_a_good_page_is_read():
    page = read_page("/x", GOOD)
    assert page.h1 == "見出し"
    assert page.table("表") == [{"名": "甲", "額": "1"}]
    assert page.form("/x", button="送信").values.to_dict() == {
        "csrf_token": "t",
        "a": "1",
        "b": "yes",
        "c": "2",
    }


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('lang="ja"', 'lang="en"', "lang=ja"),
        ("<title>題</title>", "<title></title>", "no title"),
        ("</main>", "<h1>二つめ</h1></main>", "2 h1"),
        ('<label for="a">', '<label for="z">', "points at nothing"),
        ('<label for="a">名前</label>', "", "has no label"),
        ("</main>", '<p id="a"></p></main>', "used twice"),
        ('name="csrf_token"', 'name="other"', "0 CSRF"),
        ('method="post"', 'method="get"', "in addresses"),
        ("<main>", '<main style="color:red">', "has style"),
        ("<main>", '<main onclick="x()">', "onclick"),
        ("</main>", "<script>1</script></main>", "inline <script>"),
        ("</head>", '<script src="https://cdn.example/x.js"></script></head>', "another host"),
        ("<caption>表</caption>", "", "without caption"),
        ("</form>", "</div></form>", "HTML end-tag-too-early"),
    ],
)
def test_each_rule_catches_its_break(old, new, complaint):
    with pytest.raises(PageError, match=complaint):
        read_page("/x", GOOD.replace(old, new, 1))
