"""Words for HTML: escaped, and what is Chinese said to be so."""

import re
from html import escape

_CHINESE = re.compile(r"[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+")


def marked(text: str) -> str:
    """Escaped text with its Chinese marked: so it is read out in Chinese, and drawn in its own letters, not Japan's.

    A name is not broken between two lines where it fits on one.
    """
    return _CHINESE.sub(
        r"<span lang='zh-Hans' style='word-break:keep-all;overflow-wrap:anywhere'>\g<0></span>", escape(text)
    )
