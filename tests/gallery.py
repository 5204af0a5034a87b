"""Pictures of the main pages for a person to look at: `make gallery` -> var/gallery/ and docs/screenshot.png.

The demo of a fixed day, served and walked through as its people do, at 1366 and 390 px. BANGFU_TEST_DEMO names a demo that
is already built.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.config.settings")

from tests import browser as web
from tests.journeys.conftest import MORNING, TODAY
from tests.journeys.people import Person, Town
from tests.journeys.roster import XLSX
from tests.live import run, served

ROOT = Path(__file__).parents[1]
TARGET, SCREENSHOT = ROOT / "var/gallery", ROOT / "docs/screenshot.png"
SCREEN = {"width": web.DESKTOP, "height": 640}

Walk = Callable[[Person, "Album"], object]


class Album:
    """Takes the pictures of one width; `said` collects what a page did wrong."""

    def __init__(self, town: Town, width: int) -> None:
        self.town, self.width, self.said = town, width, list[str]()

    def take(self, person: Person, name: str) -> Person:
        """One picture of the whole page, in a window as high as the page."""
        person.page.wait_for_timeout(150)
        height = person.page.evaluate("document.documentElement.scrollHeight")
        person.page.set_viewport_size({"width": self.width, "height": min(max(height, 768), 12000)})
        person.page.screenshot(path=str(TARGET / f"{name}-{self.width}.png"), full_page=True)
        person.page.set_viewport_size({"width": self.width, "height": 768})
        self.said += [f"{name} {self.width}: {fault}" for fault in web.overflow(person.page)]
        return person


def office(her: Person, album: Album) -> None:
    album.take(her.home(), "home")
    if album.width == web.DESKTOP:
        her.page.set_viewport_size(SCREEN)
        her.page.screenshot(path=str(SCREENSHOT))
    album.take(her.go("/households/"), "households")
    album.take(her.follow("张守诚"), "household")
    album.take(her.go("/cases/"), "cases")
    album.take(her.follow(her.whose("回访"), within="main tbody"), "case")
    album.take(her.todo("张守诚"), "case-on-notice")
    album.take(her.follow("看公示页"), "notice")
    address = her.text("#open-url").removeprefix(album.town.url)
    album.take(album.town.person("", width=album.width).go(address), "open-notice")
    album.take(her.go("/policies/"), "policies")
    album.take(her.go("/figures/"), "figures")


def imports(her: Person, album: Album) -> None:
    album.take(her.go("/imports/"), "import-1-file")
    album.take(her.give("文件", XLSX).press("上传并对列"), "import-2-columns")
    album.take(her.press("试算"), "import-3-dry-run")


def committee(her: Person, album: Album) -> None:
    album.take(her.go("/sessions/").follow("2026 年第 4 次评审会"), "session")
    album.take(her.follow("看这件"), "motion")


def money(her: Person, album: Album) -> None:
    album.take(her.go("/funds/"), "funds")
    album.take(her.follow("困难职工帮扶基金"), "fund")
    album.take(her.go("/disbursements/"), "disbursements")
    album.take(her.follow("已签收").follow("", within="main tbody"), "disbursement")
    code = her.page.locator("a[href^='/check/']").first.get_attribute("href") or "/check/"
    album.take(album.town.person("", width=album.width).go(code), "check")


def worker(her: Person, album: Album) -> None:
    album.take(her.go("/my/"), "worker")
    album.take(her.follow("看进度"), "worker-progress")
    album.take(her.go("/my/file/"), "worker-file")
    album.take(her.go("/my/application/needs/"), "worker-application")


def anybody(her: Person, album: Album) -> None:
    album.take(her.go("/sign-in/"), "sign-in")
    for name in ("kit", "kit/phone"):
        album.take(her.go(f"/{name}/"), name.replace("/", "-"))


WALKS: dict[str, Walk] = {
    "": anybody, "officer": office, "clerk": imports, "committee": committee, "accountant": money, "worker": worker,
}  # fmt: skip


def main() -> int:
    TARGET.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(os.environ.get("BANGFU_TEST_DEMO") or Path(folder) / "demo")
        if not demo.exists():
            done = run(demo, "demo", "--today", TODAY)
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)
        for width in (web.DESKTOP, web.PHONE):
            with web.launch() as browser, served(demo, Path(folder) / str(width), at=MORNING) as live:
                town = Town(live, browser)
                album = Album(town, width)
                for username, walk in WALKS.items():
                    walk(town.person(username, width=width), album)
                town.leave()
                said += album.said
    for fault in said:
        print(f"sticks out: {fault}", file=sys.stderr)  # noqa: T201
    print(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET.relative_to(ROOT)}")  # noqa: T201
    return 1 if said else 0


if __name__ == "__main__":
    raise SystemExit(main())
