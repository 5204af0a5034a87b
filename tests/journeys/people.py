"""People at their screens: each with a browser of her own, signed in through the form, pressing what she sees.

Every page that somebody comes to is looked at once a session, at both widths: accessible, no sideways scroll, nothing in the
console, nothing refused by the CSP. The context keeps the CSP; axe comes in beside it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image

from bangfu.demo.cast import DEMO_PASSWORD, PEOPLE
from tests import browser as web
from tests.live import Live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Response

NAMES = {person.username: person.name for person in PEOPLE}
LOOKED: set[tuple[str, ...]] = set()  # what was looked at in this session
WIDTHS = (web.DESKTOP, web.PHONE)


class Person:
    """One account at one screen."""

    def __init__(self, town: Town, username: str, *, width: int = web.DESKTOP, javascript: bool = True) -> None:
        self.town, self.username, self.width, self.javascript = town, username, width, javascript
        self.context = web.context(town.browser, width, javascript=javascript)
        if javascript:
            self.context.add_init_script(path=str(web.AXE))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.heard = web.listen(self.page)
        self.clicks = 0
        if username:
            self.sign_in()

    @property
    def name(self) -> str:
        return NAMES[self.username]

    def sign_in(self) -> None:
        """Through the form; also after a while without work, when the page asks again."""
        if "/sign-in/" not in self.page.url:
            self.page.goto(f"{self.town.url}/sign-in/")
        self.looked("")
        self.fill("账号", self.username).fill("密码", DEMO_PASSWORD)
        self.press("登录")
        assert "/sign-in/" not in self.page.url, self.text()

    # -- where she goes

    def go(self, path: str, *, status: int = 200) -> Person:
        """Open an address by hand, as from a bookmark or a message."""
        answer = self.page.goto(self.town.url + path)
        if "/sign-in/" in self.page.url and self.username and "/sign-in/" not in path:
            self.sign_in()
        assert answer is not None and answer.status == status, (path, answer and answer.status, self.text()[:500])
        self.looked(str(status))
        return self

    def home(self) -> Person:
        return self.go("/")

    def menu(self, title: str) -> Person:
        """The main menu; on the phone it must be opened first."""
        if self.width < 768:
            self.page.get_by_label("打开菜单").click()
        return self.follow(title, within="nav")

    def todo(self, who: str, what: str = "") -> Person:
        """The row of the to-do list of this person, and its one button."""
        self.home()
        row = self.page.locator("#todo tbody tr", has_text=who)
        if what:
            row = row.filter(has_text=what)
        assert row.count(), f"{self.username} has nothing to do for {who} {what}: {self.text()}"
        self.arrive(row.first.locator("td.act a"))
        return self

    def whose(self, what: str, without: str = "", *, within: str = "main") -> str:
        """The name at the head of the first row in which these words stand (and the others do not)."""
        rows = self.page.locator(within).locator("tbody tr", has_text=what)
        if without:
            rows = rows.filter(has_not_text=without)
        head = rows.first.locator("th").first
        return head.evaluate("head => (head.querySelector('a') || head).firstChild.textContent.trim()")

    # -- what she does

    def press(self, name: str, *, within: str = "body", status: int | None = None) -> Person:
        """Press the button whose words begin so; the page that follows is waited for."""
        return self.arrive(self.seen("button", name, within), status=status)

    def follow(self, name: str, *, within: str = "body") -> Person:
        """Follow the link whose words begin so."""
        return self.arrive(self.seen("link", name, within))

    def seen(self, role: Any, name: str, within: str = "body") -> Locator:
        """The first visible button or link whose words begin so; what a page fetches after loading may take a moment."""
        found = self.page.locator(within).get_by_role(role, name=re.compile(rf"^\s*{re.escape(name)}"))
        for _turn in range(50):
            for one in found.all():
                if one.is_visible():
                    return one
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.username} sees no {role} “{name}” on {self.page.url}: {self.text()[:1500]}")

    def can(self, role: Any, name: str, within: str = "body") -> bool:
        found = self.page.locator(within).get_by_role(role, name=re.compile(rf"^\s*{re.escape(name)}"))
        return any(one.is_visible() for one in found.all())

    def arrive(self, target: Locator, status: int | None = None) -> Person:
        """Click and come to another page (or to the same one again)."""
        self.clicks += 1
        with self.page.expect_response(self.is_document) as answered:
            target.click()
        answer = answered.value
        while 300 <= answer.status < 400:
            following = answer.request.redirected_to
            assert following is not None
            answer = following.response() or answer
        self.page.wait_for_load_state("load")
        assert answer.status < 400 or answer.status == status or (status is None and answer.status == 422), (
            self.page.url, answer.status, self.text()[:800],
        )  # fmt: skip
        if status is not None:
            assert answer.status == status, (answer.status, self.text()[:1500])
        self.looked(str(answer.status))
        return self

    def is_document(self, answer: Response) -> bool:
        return answer.request.is_navigation_request() and answer.frame == self.page.main_frame

    def unfold(self, words: str, within: str = "main") -> Person:
        """Open what is folded away under these words."""
        self.clicks += 1
        self.page.locator(within).locator("summary", has_text=words).first.click()
        return self

    def field(self, label: str, *, group: str = "", within: str = "main") -> Locator:
        """The field of this label; `group` is the question over a row of boxes."""
        area = self.page.locator(within)
        if group:
            area = area.get_by_role("group", name=group)
        return area.get_by_label(label).and_(self.page.locator("input, select, textarea")).first

    def fill(self, label: str, value: str, *, within: str = "main") -> Person:
        self.field(label, within=within).fill(value)
        return self

    def choose(self, label: str, option: str, *, within: str = "main") -> Person:
        """A choice from a list by its words (or a part of them)."""
        field = self.field(label, within=within)
        words = next(text for text in field.locator("option").all_inner_texts() if option in text)
        field.select_option(label=words.strip())
        return self

    def tick(self, label: str, *, group: str = "", within: str = "main") -> Person:
        """A box or a round of these words; `group` the question they answer."""
        self.field(label, group=group, within=within).check()
        return self

    def give(self, label: str, files: Any, *, within: str = "main") -> Person:
        self.field(label, within=within).set_input_files(files)
        return self

    def draw(self) -> Person:
        """Sign on the canvas with a finger or the mouse."""
        canvas = self.page.locator("canvas.bf-sign").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 30, box["y"] + 40)
        self.page.mouse.down()
        for x, y in ((70, 80), (120, 30), (160, 90)):
            self.page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        self.page.mouse.up()
        return self

    def opened(self, name: str) -> bytes:
        """The document behind a link (a PDF, a template), as her browser would get it."""
        address = self.seen("link", name).get_attribute("href") or ""
        answer = self.context.request.get(self.town.url + address)
        assert answer.ok, (address, answer.status)
        return answer.body()

    @contextmanager
    def downloads(self) -> Iterator[list[bytes]]:
        """What is pressed in the block brings a file: its content is in the list afterwards."""
        found: list[bytes] = []
        with self.page.expect_download() as coming:
            yield found
        with open(coming.value.path(), "rb") as file:
            found.append(file.read())

    # -- what she sees

    def text(self, within: str = "main") -> str:
        return self.page.locator(within).first.inner_text()

    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def sees(self, *words: str, within: str = "main") -> Person:
        """All the words stand there; what a page fetches after loading may take a moment."""
        for _turn in range(50):
            text = squeezed(self.text(within))
            if all(squeezed(word) in text for word in words):
                return self
            self.page.wait_for_timeout(100)
        for word in words:
            assert squeezed(word) in text, f"{self.username} does not see “{word}” on {self.page.url}:\n{self.text(within)[:1500]}"
        return self

    def misses(self, *words: str, within: str = "main") -> Person:
        text = squeezed(self.text(within))
        for word in words:
            assert squeezed(word) not in text, f"{self.username} sees “{word}” on {self.page.url}"
        return self

    def stands_at(self, place: int, title: str) -> Person:
        """The chart of a case: its place, in words for everybody, and the sentence of the drawing."""
        self.sees(f"第 {place} 步", within="#chart")
        sentence = self.page.locator("#flow-d").text_content() or ""
        assert f"现在是{title}" in sentence, sentence
        return self

    def counted(self) -> int:
        """Clicks since the last time it was asked."""
        clicks, self.clicks = self.clicks, 0
        return clicks

    # -- looking closely

    def looked(self, status: str) -> None:
        """What the console said; and a close look at a page whose kind, state and panels nobody has looked at yet."""
        heard = [f"console: {text}" for text in self.heard if not is_of_the_answer(text, status)]
        self.heard.clear()
        if self.javascript:
            panels = self.page.eval_on_selector_all("main h2, main legend", "all => all.map((one) => one.textContent.trim())")
            key = (pattern(self.page.url), status, *sorted(re.sub(r"[\d.,¥]+", "", panel) for panel in panels))
            if key not in LOOKED:
                LOOKED.add(key)
                heard += self.faults()
                self.heard.clear()
        assert not heard, f"{self.page.url} ({self.username}):\n" + "\n".join(heard)

    def faults(self) -> list[str]:
        """Both widths, in a window as high as the page: bars that stick to its edge then stand where the page ends."""
        faults = []
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 844})
            height = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": width, "height": min(max(height, 844), 12000)})
            faults += [f"{width} sticks out: {text}" for text in web.overflow(self.page)]
            faults += [
                f"{width} axe {rule['id']}: {rule['help']}\n    " + "\n    ".join(" · ".join(node) for node in rule["nodes"][:4])
                for rule in web.axe(self.page)
            ]
        self.page.set_viewport_size({"width": self.width, "height": 844 if self.width < 768 else 768})
        return faults

    def leave(self) -> None:
        self.context.close()


class Town:
    """A served demo and the people who use it."""

    def __init__(self, live: Live, browser: Browser) -> None:
        self.live, self.browser = live, browser
        self.people: list[Person] = []

    @property
    def url(self) -> str:
        return self.live.url

    def person(self, username: str, **options: Any) -> Person:
        """Somebody sits down at a screen and signs in; "" is a passer-by."""
        person = Person(self, username, **options)
        self.people.append(person)
        return person

    def move(self, **span: float) -> None:
        self.live.move(**span)

    def leave(self) -> None:
        for person in self.people:
            person.leave()
        self.people.clear()


def photo(size: tuple[int, int] = (900, 700)) -> Any:
    """A picture as a phone takes it, for a file field."""
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "JPEG")
    return {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def squeezed(text: str) -> str:
    """Without white space: what the eye reads across boxes and lines."""
    return re.sub(r"\s+", "", text)


def pattern(address: str) -> str:
    """The kind of page: its path without numbers, codes and query."""
    return re.sub(r"(?<=/)(?:[^/]*\d[^/]*|[A-Za-z0-9_-]{16,})(?=/|$)", "*", urlsplit(address).path)


def is_of_the_answer(text: str, status: str) -> bool:
    """The browser's own line about a form that came back or a page that is gone."""
    return status in ("403", "404", "410", "422") and f"status of {status}" in text
