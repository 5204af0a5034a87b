"""The full text of a regulation, with an anchor at each clause: `（一）月人均收入…… {#五（一）}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

ANCHOR = re.compile(r"[ \t]*\{#([^{}\s]{1,90})\}[ \t]*$", re.MULTILINE)
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
    ["image", "link", "autolink", "html_inline", "html_block"]
)

NOTHING: Mapping[str, SafeString] = MappingProxyType({})


@dataclass(frozen=True)
class Regulation:
    text: str

    @cached_property
    def clauses(self) -> dict[str, int]:
        """Clause number -> line of the text (from 1)."""
        return {match[1]: self.text.count("\n", 0, match.start()) + 1 for match in ANCHOR.finditer(self.text)}

    def repeated(self) -> list[tuple[str, int]]:
        """Anchors that stand twice, with the line of the second."""
        seen: set[str] = set()
        found = []
        for match in ANCHOR.finditer(self.text):
            if match[1] in seen:
                found.append((match[1], self.text.count("\n", 0, match.start()) + 1))
            seen.add(match[1])
        return found

    def words(self, clause: str) -> str:
        """The clause's own line, without its anchor and number marks."""
        for match in ANCHOR.finditer(self.text):
            if match[1] == clause:
                start = self.text.rfind("\n", 0, match.start()) + 1
                return self.text[start : match.start()].strip().lstrip("#*- ").strip()
        return ""

    def html(self, *, prefix: str = "", beside: Mapping[str, SafeString] = NOTHING) -> str:
        """Safe HTML: no raw tags, links or pictures; each clause is a target, `prefix` + its number.

        `beside` is set after a clause: the links to the rules that rest on it.
        """
        tokens = _MARKDOWN.parse(self.text)
        for place, token in enumerate(tokens):
            if token.type == "inline":
                _lift_anchors(tokens, place, prefix, beside)
            elif token.type in ("heading_open", "heading_close"):  # the page's own title is the only h1
                token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _lift_anchors(tokens: list[Token], place: int, prefix: str, beside: Mapping[str, SafeString]) -> None:
    """Take `{#…}` out of the text: the first makes the block a target, further ones (a paragraph of several lines) their line."""
    token, children = tokens[place], []
    is_first = tokens[place - 1].nesting == 1
    for child in token.children or []:
        match = ANCHOR.search(child.content) if child.type == "text" else None
        if match is None:
            children.append(child)
            continue
        child.content = child.content[: match.start()]
        if is_first:
            opening = tokens[place - 1]
            # In a list the number stands before the paragraph: the whole item is the target.
            if opening.hidden and place >= 2:
                opening = tokens[place - 2]
            opening.attrSet("id", prefix + match[1])
        else:
            children.append(_raw(format_html('<span id="{}"></span>', prefix + match[1])))
        is_first = False
        children.append(child)
        if match[1] in beside:
            children.append(_raw(beside[match[1]]))
    token.children = children


def _raw(markup: SafeString) -> Token:
    """Our own markup among the words; none of it comes from the text."""
    return Token("html_inline", "", 0, content=str(markup))
