"""The kit in a real browser: accessible, no wider than the screen, nothing refused by the CSP, large enough in 大字."""

from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from PIL import Image

from tests import browser as web

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed"),
]

PAGES = ["/kit/", "/kit/?toast=1", "/kit/phone/", "/kit/phone/?elder=1"]
ORIGIN = "http://localhost"


@pytest.fixture(scope="module")
def chromium():
    with web.launch() as browser:
        yield browser


@pytest.fixture
def pages(client):
    """Every page as the server answers it, drawn before the browser asks (nothing here needs the database)."""
    return {path: client.get(path) for path in PAGES}


def opened(browser, pages, path, width, **options):
    """The page in a fresh context, its answers and static files handed over without a server."""

    def answer(route):
        url = urlsplit(route.request.url)
        if url.path.startswith("/static/"):
            route.fulfill(path=finders.find(url.path.removeprefix("/static/")))
            return
        found = pages[url.path + (f"?{url.query}" if url.query else "")]
        route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.content)

    page = web.context(browser, width, **options).new_page()
    page.route("**/*", answer)
    heard = web.listen(page)
    page.goto(ORIGIN + path, wait_until="load")
    return page, heard


@pytest.mark.parametrize("width", [390, 768, 1366])
def test_the_kit_is_accessible_and_fits(chromium, pages, width):
    for path in PAGES:
        page, _ = opened(chromium, pages, path, width, bypass_csp=True)
        page.set_viewport_size({"width": width, "height": 6000})
        assert web.axe(page) == [], path
        assert web.overflow(page) == [], path
        assert web.small_text(page, 18 if "elder" in path else 12) == [], path
        page.context.close()


def test_nothing_is_refused_by_the_policy(chromium, pages):
    for path in PAGES:
        page, heard = opened(chromium, pages, path, web.PHONE)
        assert heard == [], path
        page.context.close()


@pytest.mark.parametrize(("path", "least"), [("/kit/phone/", 44), ("/kit/phone/?elder=1", 60)])
def test_what_a_thumb_presses_is_large_enough(chromium, pages, path, least):
    page, _ = opened(chromium, pages, path, web.PHONE)
    assert web.small_taps(page, least) == []
    page.context.close()


def test_a_dialog_opens_with_and_without_a_script(chromium, pages):
    page, _ = opened(chromium, pages, "/kit/", web.DESKTOP)
    page.click("[data-dialog=kit-close]")
    assert page.locator("#kit-close").evaluate("dialog => dialog.open")
    page.context.close()
    page, _ = opened(chromium, pages, "/kit/", web.DESKTOP, javascript=False)
    page.click("a[href='#kit-close']")
    assert page.locator("#kit-close button").is_visible()
    page.context.close()


def test_the_bar_counts_what_is_picked(chromium, pages):
    page, _ = opened(chromium, pages, "/kit/", web.DESKTOP)
    page.check("[data-pick-all]")
    assert "已选 3 户" in page.inner_text("[data-bulk]")
    page.click("[data-bulk-clear]")
    assert page.locator("[data-bulk]").is_hidden()
    page.context.close()


def test_a_revealed_value_masks_itself_again(chromium, pages):
    page, _ = opened(chromium, pages, "/kit/", web.DESKTOP)
    page.evaluate("document.querySelector('[data-hide-after]').dataset.end = Date.now() + 900")
    page.get_by_text("6222 0000 0000 4417").wait_for(state="detached", timeout=5000)
    assert "**** 4417" in page.inner_text(".bf-facts")
    page.context.close()


def test_a_photo_is_made_small_and_loses_its_place_data(chromium, pages, tmp_path):
    large = Image.effect_noise((2600, 2000), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    large.save(tmp_path / "visit.jpg", quality=95, exif=exif)
    assert (tmp_path / "visit.jpg").stat().st_size > 2_000_000
    page, heard = opened(chromium, pages, "/kit/", web.PHONE)
    page.set_input_files("[data-photo]", str(tmp_path / "visit.jpg"))
    page.locator("#kit-thumbs img").wait_for()
    sent = page.evaluate(
        "async () => { const f = document.querySelector('[data-photo]').files[0];"
        " return [f.size, f.type, Array.from(new Uint8Array(await f.arrayBuffer())).map((b) => String.fromCharCode(b)).join('').includes('taken at home')]; }"
    )
    assert sent[0] <= 500 * 1024 and sent[1:] == ["image/jpeg", False] and heard == []
    page.context.close()


def test_a_signature_becomes_a_picture_and_keys_work(chromium, pages):
    page, heard = opened(chromium, pages, "/kit/", web.DESKTOP)
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=5)
    page.mouse.up()
    assert page.locator("#kit-signature").input_value().startswith("data:image/png;base64,")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "毕学文"
    assert heard == []
    page.context.close()
