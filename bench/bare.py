"""What pages are measured against: Flask and Jinja drawing a plain page of about the same size."""

from flask import Flask, render_template_string

# As many rows as make a page of the product's usual weight (about 30 KB); no database.
ROWS = [
    {"id": n, "name": f"サービス {n}", "vendor": f"事業者 {n % 17}", "yen": n * 12_345}
    for n in range(150)
]
PAGE = """<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>表</title></head><body>
<h1>表</h1><table><caption>一覧</caption><thead><tr><th>名称</th><th>事業者</th><th>金額</th></tr>
</thead><tbody>{% for row in rows %}<tr><th scope="row"><a href="/rows/{{ row.id }}">{{ row.name }}
</a></th><td>{{ row.vendor }}</td><td>{{ "{:,}".format(row.yen) }}円</td></tr>{% endfor %}</tbody>
</table></body></html>"""


def create_bare() -> Flask:
    """A Flask application with one page."""
    app = Flask("bare")

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, rows=ROWS)

    return app
