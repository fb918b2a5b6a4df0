"""The strict reader of pages finds what it says it finds."""

import pytest

from tests.harness.page import PageError, read_page
from tests.harness.page_rules import skeleton_of

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


# What a page may hold besides: of each kind that is left out of the skeleton, and of each kept.
FULL = GOOD.replace(
    "<h1>見出し</h1>",
    '<h1>見出し</h1>\n<p class="a b" title="題">R&amp;D &lt;1&gt; 「あ」</p>'
    '<a href="/x?a=1&amp;b=2#c">先</a><textarea name="t" aria-label="文">\r\n一行</textarea>',
)


def test_pages_that_differ_in_words_only_have_one_skeleton():
    other = (
        FULL.replace("見出し", "べつの見出し")
        .replace('value="1"', 'value="&lt;script&gt;"')
        .replace("R&amp;D", "&#39;0")
        .replace("/x?a=1&amp;b=2#c", "/y/17")
        .replace('class="a b"', 'class="c"')
    )
    assert other != FULL
    assert skeleton_of(other) == skeleton_of(FULL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("見出し</h1>", "</h1>"),  # an empty one is another page
        ("見出し</h1>", "\x01</h1>"),  # a character that must not stand in a page
        ("見出し</h1>", "&nosuch;</h1>"),
        ("見出し</h1>", "a & b</h1>"),
        ("見出し</h1>", "a > b</h1>"),
        ('value="t"', 'value=""'),
        ('value="t"', "value=t"),
        ('value="t"', 'value="a&b"'),
        ('id="a"', 'id="b"'),
        ('for="a"', 'for="b"'),
        ('href="/x', 'href="//x'),
        ('href="/x', 'href="https://x'),
        ('class="a b"', 'style="a b"'),
        ("</p>", ""),
        ("<caption>表</caption>", "<caption>　</caption>"),
        ('lang="ja"', 'lang="en"'),
    ],
)
def test_whatever_a_rule_looks_at_is_in_the_skeleton(old, new):
    assert old in FULL
    assert skeleton_of(FULL.replace(old, new, 1)) != skeleton_of(FULL)


def test_a_broken_page_is_refused_every_time():
    broken = GOOD.replace("</form>", "</div></form>", 1)
    read_page("/x", GOOD)
    for words in ("見出し", "もう一つ"):
        with pytest.raises(PageError):
            read_page("/x", broken.replace("見出し", words))


def test_selectors_and_the_quick_reader_read_the_same():
    page = read_page("/x", FULL)
    assert page.text == " ".join(page.soup.body.get_text(" ").split())
    assert [form.tag["action"] for form in page.forms] == ["/x"]
    assert page.links == ["/x?a=1&b=2"]
