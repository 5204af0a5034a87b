"""Every template: text through gettext, nothing inline, a page that extends or a partial that says what it needs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("bangfu/*/templates/**/*.html")])

#: Characters and full-width signs; the wide blank (U+3000) is layout.
CHINESE = re.compile(r"[⺀-⿿、-鿿豈-﫿︰-﹏！-～‘-”…―]")
COMMENTS = re.compile(r"\{#.*?#\}|\{% comment.*?%\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
BLOCKS = re.compile(r"\{%\s*blocktrans(?:late)?\b[^%]*%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.S)
TRANSLATED = re.compile(r"\{%\s*trans(?:late)?\s+(?:\"[^\"]*\"|'[^']*')[^%]*%\}")
MARKED = re.compile(r"_\((?:\"[^\"]*\"|'[^']*')\)")
INLINE = re.compile(r"<style\b|\sstyle\s*=|<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.I)
FIRST_WORDS = re.compile(r"\s*(?:\{%\s*extends\b|\{#\s*Needs:)")


def blanked(text: str, pattern: re.Pattern) -> str:
    """The same text with every match replaced by its line breaks, so that line numbers stay."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def bare_chinese(text: str) -> list[str]:
    """`line: text` of every piece of Chinese that gettext does not see."""
    for pattern in (COMMENTS, BLOCKS, TRANSLATED, MARKED):
        text = blanked(text, pattern)
    return [f"{number}: {line.strip()[:80]}" for number, line in enumerate(text.splitlines(), 1) if CHINESE.search(line)]


def inline_code(text: str) -> list[str]:
    text = blanked(text, COMMENTS)
    return [f"{number}: {match[0]}" for number, line in enumerate(text.splitlines(), 1) for match in INLINE.finditer(line)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_the_rules(path):
    text = path.read_text(encoding="utf-8")
    assert bare_chinese(text) == [], "Chinese outside translate tags"
    assert inline_code(text) == [], "inline style, script or handler (the CSP refuses it)"
    assert FIRST_WORDS.match(text), "begins neither with {% extends %} nor with {# Needs: …#}"
    if path.name.startswith("_"):
        assert not re.search(r"\{%\s*extends\b", text), "a partial extends nothing"


@pytest.mark.parametrize(
    "good",
    [
        '{% translate "好" %}',
        "{% blocktranslate trimmed with n=count %}有 {{ n }} 件{% endblocktranslate %}",
        '{% status "due" _("今天") %}',
        "{# 注 #}",
        "<b>·</b> →",
    ],
)
def test_what_gettext_sees_is_let_through(good):
    assert bare_chinese(good) == []


@pytest.mark.parametrize("bad", ["<b>好</b>", '{% status "due" "今天" %}', '<a title="去">', "<p>（）</p>"])
def test_what_gettext_does_not_see_is_found(bad):
    assert bare_chinese(bad)


@pytest.mark.parametrize("bad", ['<a style="x">', "<script>x</script>", '<a onclick="x">', "<style>", '<a href="javascript:x">'])
def test_inline_code_is_found(bad):
    assert inline_code(bad)
