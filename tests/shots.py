"""Pictures of pages with their faults: `python -m tests.shots OUTDIR URL… [--user NAME] [--width 1366,390] [--elder]`.

A URL is a path on the server at --base (default http://127.0.0.1:8000). For each page and width: a PNG of the whole page,
console errors and CSP violations, sideways scroll, text under 12 px, WCAG A/AA violations (axe). Exit 1 when one was found.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import quote

from tests import browser as web


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("outdir", type=Path)
    ask.add_argument("urls", nargs="+")
    ask.add_argument("--user", help="sign in as this account")
    ask.add_argument("--password", default="", help="default: the demo password")
    ask.add_argument("--base", default="http://127.0.0.1:8000")
    ask.add_argument("--width", default="1366,390")
    ask.add_argument("--elder", action="store_true", help="大字")
    ask.add_argument("--no-js", action="store_true", help="without scripts (axe is then left out)")
    ask.add_argument("--screen", action="store_true", help="only the first screen, not the whole page")
    wish = ask.parse_args()
    wish.outdir.mkdir(parents=True, exist_ok=True)
    faults = 0
    with web.launch() as browser:
        for width in (int(text) for text in wish.width.split(",")):
            seen = web.context(browser, width, javascript=not wish.no_js)
            prepared(seen, wish)
            axed = None
            if not wish.no_js:
                axed = web.context(browser, width, bypass_csp=True)
                axed.add_cookies(seen.cookies())
            for url in wish.urls:
                faults += shot(seen, axed, url, width, wish)
    say(f"{faults} faults." if faults else "No faults.")
    return 1 if faults else 0


def prepared(context, wish) -> None:
    """Sign in through the form, and choose 大字, before the pictures."""
    if wish.user:
        page = context.new_page()
        page.goto(f"{wish.base}/sign-in/?next={quote(wish.urls[0])}")
        page.fill("input[autocomplete=username], input[name=username]", wish.user)
        page.fill("input[type=password]", wish.password or demo_password())
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        if "/sign-in/" in page.url:
            said = page.inner_text("main")[:200]
            raise SystemExit(f"{wish.user} could not sign in: {said}")
        page.close()
    if wish.elder:
        context.add_cookies([{"name": "elder", "value": "1", "url": wish.base}])


def demo_password() -> str:
    from bangfu.demo.cast import DEMO_PASSWORD

    return DEMO_PASSWORD


def shot(seen, axed, url: str, width: int, wish) -> int:
    """One picture and the list of faults; answers how many."""
    page = seen.new_page()
    heard = web.listen(page)
    answer = page.goto(wish.base + url, wait_until="load")
    page.wait_for_timeout(150)
    name = re.sub(r"[^\w]+", "-", url).strip("-") or "home"
    target = wish.outdir / f"{name}{'-elder' if wish.elder else ''}-{width}.png"
    if not wish.screen:
        tall(page, width)
    page.screenshot(path=str(target), full_page=not wish.screen)
    faults = [f"answered {answer.status}"] if answer and answer.status >= 400 else []
    faults += [f"console: {text}" for text in heard]
    if not wish.no_js:
        faults += [f"sticks out: {text}" for text in web.overflow(page)]
        faults += [f"small text: {text}" for text in web.small_text(page, 18 if wish.elder else 12)]
        if wish.elder or width < 768 and page.query_selector("body.bf-pub"):
            faults += [f"small tap: {text}" for text in web.small_taps(page, 60 if wish.elder else 44)]
    page.close()
    if axed is not None:
        faults += violations(axed, wish.base + url, width)
    say(f"{target}  {url} {width}: {len(faults)} faults")
    for fault in faults:
        say(f"    {fault}")
    return len(faults)


def tall(page, width: int) -> None:
    """A window as high as the page, so that bars which stick to its edge stand where the page ends."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 768), 12000)})


def violations(axed, address: str, width: int) -> list[str]:
    page = axed.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(150)
    tall(page, width)
    found = [
        f"axe {rule['id']}: {rule['help']}\n        " + "\n        ".join(map(" · ".join, rule["nodes"][:4]))
        for rule in web.axe(page)
    ]
    page.close()
    return found


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
