"""`mmcourse data --page FILE.html`: examples drawn from each set that is ready here, with attribution, to look at."""

from html import escape
from pathlib import Path

from mmcourse.data import SETS, Item, card, load
from mmcourse.show.figures import _img, _png

MANY = 8  # examples a set
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:auto;max-width:70em;padding:1em;color:#222;background:#fff}
ul{list-style:none;padding:0;display:grid;gap:1em;grid-template-columns:repeat(auto-fill,minmax(12em,1fr))}
li{border:1px solid #bbb;border-radius:6px;padding:.6em;overflow-wrap:anywhere}
img{display:block;min-width:7em;max-width:100%;image-rendering:auto;background:#fff}
small{color:#555}
@media (prefers-color-scheme:dark){body{color:#eee;background:#111}small{color:#bbb}li{border-color:#555}}
"""


def write(path: Path) -> list[str]:
    """Write the page; returns the names of the sets on it. Raises OSError."""
    shown, parts = [], []
    for name in SETS:
        one, state = card(name), card(name).state()
        if state.word != "ready":
            parts.append(_section(one.title, f"<p>{escape(state.word)}. {escape(state.says)}</p>"))
            continue
        data = load(name)
        step = max(1, len(data) // MANY)
        rows = range(0, len(data), step)[:MANY]
        cells = "".join(f"<li>{_example(data[i], data.classes)}</li>" for i in rows)
        said = f"<p>{escape(one.many)}.</p><ul>{cells}</ul><p><small>{escape(one.attribution)}</small></p>"
        parts.append(_section(one.title, said))
        shown.append(name)
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><style>{STYLE}</style>"
    html = f"<!doctype html><html lang='en'><head>{head}<title>Examples of mmcourse's data</title></head>"
    html += f"<body><main><h1>Examples of the data</h1>{''.join(parts)}</main></body></html>"
    path.write_text(html, encoding="utf-8")
    return shown


def _section(title: str, html: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{html}</section>"


def _example(item: Item, classes: list[str]) -> str:
    texts = "".join(f"<div lang='{escape(k[:2])}' dir='auto'>{escape(text)}</div>" for k, text in item.text.items())
    alt = f"{next(iter(item.text.values()), '')} ({classes[item.label]})"
    if item.image is not None:
        return f"{_img(_png(item.image), alt)}{texts}<small>{escape(classes[item.label])}</small>"
    vectors = [
        f"<div>{escape(name)}: {escape(', '.join(f'{x:+.1f}' for x in part.vector.flatten()[:5].tolist()))} …</div>"
        for name, part in item.meta.items()
        if hasattr(part, "vector")
    ]
    return f"{texts}{''.join(vectors)}<small>{escape(classes[item.label])}</small>"
