"""Chromium for tests and pictures: launch, accessibility, sideways scroll, what the console said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parent / "vendor/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = 1366, 390


def chromium() -> str | None:
    """The browser of this machine; BANGFU_CHROMIUM names another."""
    return os.environ.get("BANGFU_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


CHROMIUM = chromium()


@contextmanager
def launch() -> Iterator[Browser]:
    """A browser of our own, closed at the end. Raises RuntimeError where there is none."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        raise RuntimeError("Chromium is not installed")
    # Playwright keeps a loop in this thread, and Django would refuse the database beside it; nothing here is concurrent.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def context(browser: Browser, width: int = DESKTOP, *, bypass_csp: bool = False, javascript: bool = True) -> BrowserContext:
    """A fresh context as wide as an office screen or a phone. axe needs bypass_csp; keep it off to see violations."""
    phone = width < 768
    return browser.new_context(
        viewport={"width": width, "height": 844 if phone else 768},
        device_scale_factor=1.5 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        bypass_csp=bypass_csp,
        java_script_enabled=javascript,
    )


def listen(page: Page) -> list[str]:
    """A list that fills with the page's console errors, refused requests and script errors; CSP violations are among them."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def axe(page: Page, root: str | None = None) -> list[dict[str, Any]]:
    """Violations of WCAG A and AA on this page: id, impact, help and the elements. The context needs bypass_csp."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "([root, tags]) => axe.run(root || document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [root, RULES],
    )
    return [
        {
            "id": rule["id"],
            "impact": rule["impact"],
            "help": rule["help"],
            "nodes": [(node["html"][:160], (node.get("failureSummary") or "").split("\n")[-1].strip()) for node in rule["nodes"]],
        }
        for rule in found["violations"]
    ]


def overflow(page: Page) -> list[str]:
    """What makes the page scroll sideways: elements that stick out on the right; empty when nothing does."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return Array.from(document.body.querySelectorAll("*"))
            .filter((node) => node.getBoundingClientRect().right > width + 1 && !node.closest(".visually-hidden, .bf-scroll, .bf-tabs"))
            .slice(0, 5).map((node) => node.tagName.toLowerCase() + "." + (node.getAttribute("class") || "") + " " + node.textContent.trim().slice(0, 40));
        }"""
    )


def small_taps(page: Page, least: int) -> list[str]:
    """Buttons, fields and stand-alone links lower than `least` px (44 on the phone, 60 in 大字)."""
    return page.evaluate(
        """(least) => Array.from(document.querySelectorAll("a, button, select, summary, textarea, input:not([type=hidden])"))
          .filter((node) => node.offsetParent !== null && !node.closest(".bf-skip, .visually-hidden"))
          .map((node) => [node.closest("label") || node, node])
          .filter(([area]) => { const box = area.getBoundingClientRect(); return box.height + 0.5 < least; })
          .map(([area, node]) => Math.round(area.getBoundingClientRect().height) + "px " + node.tagName.toLowerCase() + " " + (node.textContent || node.name || "").trim().slice(0, 30))""",
        least,
    )


def small_text(page: Page, least: int) -> list[str]:
    """Text set smaller than `least` px (12 anywhere, 18 in 大字)."""
    return page.evaluate(
        """(least) => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const holder = node.parentElement;
            if (!node.textContent.trim() || holder.closest("script, style, noscript, .visually-hidden, .bf-skip")) continue;
            const size = parseFloat(getComputedStyle(holder).fontSize);
            if (size + 0.01 < least && holder.getClientRects().length) found.add(size + "px " + node.textContent.trim().slice(0, 30));
          }
          return Array.from(found);
        }""",
        least,
    )
