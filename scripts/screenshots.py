"""The pictures of docs/images: the demo group raised in a throw-away database, looked at in a real browser.

`make screenshots` runs this inside `eoffice scratch-database`; names after the script take those pictures alone.
Nothing of this machine is on them: they show the invented group only, and the server listens on loopback.
"""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.request import urlopen

import psycopg
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "docs" / "images"
PROGRAM: Final = str(Path(sys.executable).with_name("eoffice"))
PASSWORD: Final = "TruongXuan@2026"  # noqa: S105 - of the demo, printed for everyone
CLERK: Final = "huong.ntt"
LEADER: Final = "khanh.tq"
HEAD: Final = "nghia.dh"
QUEUES: Final = "events,renditions,signing,documents"
MOST_BYTES: Final = 250_000
CHROMIUM_OPTIONS: Final = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class PictureFailed(Exception):
    """A page could not be shown or its picture is too large; the message says which."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One file: who looks, in which width and theme, and the way to what is shown."""

    name: str
    who: str
    show: Callable[[Page], None]
    device: Literal["desktop", "phone"] = "desktop"
    theme: Literal["light", "dark"] = "light"


def main() -> int:
    """Raise the demo, take every picture; exit 0 when all are there and small enough."""
    OUT.mkdir(parents=True, exist_ok=True)
    _run("migrate")
    _run("demo")
    port = _free_port()
    with _serving("worker", "--queues", QUEUES, "--concurrency", "1", port=port):
        _wait_for_jobs()
    with _serving("web", "--workers", "1", port=port), sync_playwright() as playwright:
        address = f"http://127.0.0.1:{port}"
        _wait_for_web(address)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_OPTIONS)
        _take_all(browser, address)
        browser.close()
    return 0


def _take_all(browser: Browser, address: str) -> None:
    desks: dict[str, StorageState] = {}
    wanted = set(sys.argv[1:]) or {picture.name for picture in PICTURES}
    for picture in (picture for picture in PICTURES if picture.name in wanted):
        if picture.who not in desks:
            desks[picture.who] = _sign_in(browser, address, picture.who)
        context = _context(browser, picture, address, desks[picture.who])
        page = context.new_page()
        picture.show(page)
        page.wait_for_timeout(700)
        _keep(picture.name, page.screenshot())
        context.close()


def _context(browser: Browser, picture: Picture, address: str, desk: StorageState) -> BrowserContext:
    is_phone = picture.device == "phone"
    context = browser.new_context(
        base_url=address,
        storage_state=desk,
        viewport={"width": 390, "height": 844} if is_phone else {"width": 1440, "height": 900},
        device_scale_factor=2 if is_phone else 1,
        has_touch=is_phone,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "eo_theme", "value": picture.theme, "url": address}])
    return context


def _sign_in(browser: Browser, address: str, who: str) -> StorageState:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/tai-khoan/dang-nhap/")
    page.fill("[name=email]", f"{who}@truongxuan.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".nav-x", state="attached")
    desk = context.storage_state()
    context.close()
    return desk


# What is shown -----------------------------------------------------------------------------------------------


def _home(page: Page) -> None:
    page.goto("/")


def _list_of(box: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(f"/documents/incoming/?box={box}")

    return show


def _reading_of(box: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(f"/documents/incoming/?box={box}")
        page.locator("#incoming-list .item-link").first.click()
        _wait_for_paper(page)

    return show


def _directive(page: Page) -> None:
    _reading_of("to_direct")(page)
    page.locator("[data-key~=direct]").first.click()
    page.wait_for_selector("#form-dialog[open] .pick-tree li li")
    page.fill(
        "#form-dialog textarea",
        "Ban Công nghệ chủ trì, phối hợp Văn phòng và Ban Pháp chế báo cáo kết quả trước hạn.",
    )
    for unit, role in (("Ban Công nghệ", "CT"), ("Văn phòng Tập đoàn", "PH"), ("Ban Pháp chế", "ĐB")):
        row = page.locator(".pick-row", has_text=unit).first
        row.locator("button", has_text=role).first.click()
    page.locator("#form-dialog label", has_text="3 ngày").click()
    page.locator("#form-dialog .dialog-cols").evaluate("one => one.scrollTo(0, 0)")
    page.locator("#form-dialog .pick-tree").evaluate("one => one.scrollTo(0, 0)")


def _register_letter(page: Page) -> None:
    page.goto("/documents/incoming/?box=to_register")
    page.get_by_text("Đăng ký lần lượt").click()
    _wait_for_paper(page)


def _draft(page: Page) -> None:
    page.goto("/documents/drafts/create/")
    page.fill("[name=subject]", "V/v báo cáo kết quả triển khai hệ thống quản lý văn bản và điều hành năm 2026")
    page.get_by_role("button", name="Bắt đầu soạn").click()
    page.wait_for_selector(".ProseMirror")
    page.fill("[name=addressees]", "Bộ Khoa học và Công nghệ")
    page.locator(".ProseMirror").first.click()
    for number, paragraph in enumerate(PARAGRAPHS):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.insert_text(paragraph)
    page.locator("select[name=capacity]").first.evaluate(
        "one => { one.selectedIndex = 1; one.tomselect ? one.tomselect.setValue(one.options[1].value)"
        " : one.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    page.wait_for_timeout(4000)
    _wait_for_paper(page)
    page.locator(".draft-fields").evaluate("one => one.scrollTo(0, 0)")


def _signing(page: Page) -> None:
    page.goto("/documents/drafts/sign/")
    page.wait_for_selector(".place-box")
    _wait_until(
        page,
        "[...document.querySelectorAll('.placement img')].some(picture => picture.complete && picture.naturalWidth)",
    )
    page.fill("#id_pin", "246810")


def _sign_methods(page: Page) -> None:
    page.goto("/signing/methods/")


def _sign_result(page: Page) -> None:
    """One paper is signed for it; the pictures after this one have one fewer that waits."""
    _signing(page)
    page.get_by_role("button", name=re.compile("^Ký")).last.click()
    page.wait_for_selector("text=Đã ký", timeout=60_000)


def _issued(page: Page) -> None:
    page.goto("/documents/outgoing/?box=issued")
    page.locator("#outgoing-list .item", has_text="Đã phát hành").locator(".item-link").first.click()
    _wait_for_paper(page)


def _verification(page: Page) -> None:
    page.goto("/documents/outgoing/?box=issued")
    page.locator("#outgoing-list .item-link").first.click()
    link = page.locator("a[href*='download=1']").first.get_attribute("href")
    if link is None:
        raise PictureFailed("verification: no issued document to download")
    issued = page.request.get(link).body()
    page.goto("/signing/verify/")
    page.locator("input[type=file]").set_input_files(
        {"name": "van-ban-da-ky.pdf", "mimeType": "application/pdf", "buffer": issued}
    )
    page.get_by_role("button", name="Kiểm tra").click()
    page.wait_for_load_state("networkidle")


def _annex(page: Page) -> None:
    """The annex of a decision that waits for its seal, with the place of the words."""
    page.goto("/documents/outgoing/?box=to_number")
    page.locator("#outgoing-list .item", has_text="Ban Chỉ đạo").locator(".item-link").first.click()
    page.locator("a[href*='/annexes/']").first.click()
    page.wait_for_selector(".annex-page image")
    page.locator("#mark-title").evaluate("one => one.scrollIntoView()")
    page.wait_for_load_state("networkidle")


def _copies(page: Page) -> None:
    page.goto("/documents/copies/")


def _copy(page: Page) -> None:
    """A sao lục that waits for the clerk: what will stand on it, and the seal."""
    page.goto("/documents/copies/")
    page.locator("tr", has_text="Sao lục").locator("a").first.click()
    page.wait_for_selector(".copy-mark")


def _extract(page: Page) -> None:
    """An extract of the decision begun: the form is filled, its articles stand there to be picked from."""
    page.goto("/documents/outgoing/?box=issued")
    page.locator("#outgoing-list .item", has_text="Ban Chỉ đạo").locator(".item-link").first.click()
    page.get_by_label("Thao tác khác").click()
    page.get_by_role("link", name="Trích sao").click()
    page.wait_for_selector(".ProseMirror")
    page.locator("select[name=decider]").select_option(index=1)


def _seal_ways(page: Page) -> None:
    """What the seal signs with besides the key of the server: a token, a service, a program."""
    page.goto("/documents/copies/")
    page.locator("tr", has_text="Sao lục").locator("a").first.click()
    page.get_by_role("link", name="Đặt, đổi mã PIN").click()
    page.locator("h2", has_text="Thay bằng khóa từ tệp").evaluate("one => one.scrollIntoView()")


def _register(page: Page) -> None:
    page.goto("/reports/books/outgoing/")
    page.locator("[name=first]").fill("01/10/2026")
    page.get_by_role("button", name="Lọc").click()
    page.wait_for_selector("table.tbl")


def _wait_until(page: Page, condition: str, *, seconds: float = 30) -> None:
    """Ask from outside: the page's own policy lets nobody compile a string within it."""
    until = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > until:
            raise PictureFailed(f"never came true: {condition}")
        page.wait_for_timeout(200)


def _wait_for_paper(page: Page) -> None:
    """Until the viewer has drawn a page, not only its frame."""
    page.wait_for_selector("#reading canvas, .viewer canvas, .desk canvas", timeout=20_000)
    page.wait_for_timeout(1200)


PARAGRAPHS: Final = (
    "Thực hiện kế hoạch chuyển đổi số năm 2026, Tập đoàn Hạ tầng số Trường Xuân báo cáo kết quả như sau:",
    "Hệ thống đã dùng tại mọi đơn vị; văn bản đi được ký số và gửi trên môi trường mạng.",
    "Khó khăn là một số đơn vị chưa có thiết bị số hóa văn bản giấy; khâu phân công còn chậm.",
    "Tập đoàn đề nghị hướng dẫn thống nhất mã định danh của các đơn vị trực thuộc trong quý I năm 2027.",
)
PICTURES: Final = (
    Picture("home-clerk", CLERK, _home),
    Picture("home-leader", LEADER, _home),
    Picture("home-leader-dark", LEADER, _home, theme="dark"),
    Picture("incoming", HEAD, _reading_of("to_handle")),
    Picture("incoming-dark", HEAD, _reading_of("to_handle"), theme="dark"),
    Picture("register-letter", CLERK, _register_letter),
    Picture("directive", LEADER, _directive),
    Picture("draft", "tram.hnb", _draft),
    Picture("signing", LEADER, _signing),
    Picture("sign-methods", LEADER, _sign_methods),
    Picture("sign-result", LEADER, _sign_result),
    Picture("issued", CLERK, _issued),
    Picture("annex", CLERK, _annex),
    Picture("copies", CLERK, _copies),
    Picture("copy", CLERK, _copy),
    Picture("extract", CLERK, _extract),
    Picture("seal-ways", CLERK, _seal_ways),
    Picture("verification", CLERK, _verification),
    Picture("register", CLERK, _register),
    Picture("phone-home", LEADER, _home, device="phone"),
    Picture("phone-list", HEAD, _list_of("to_handle"), device="phone"),
    Picture("phone-reading", HEAD, _reading_of("to_handle"), device="phone"),
    Picture("phone-directive", LEADER, _directive, device="phone"),
)


# The machinery -----------------------------------------------------------------------------------------------


def _keep(name: str, png: bytes) -> None:
    """Write the picture with a palette of its own: an interface has few colours, so nothing is lost to the eye."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    path = OUT / f"{name}.png"
    picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise PictureFailed(f"{name}: {path.stat().st_size} bytes, at most {MOST_BYTES}")
    sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB\n")


def _run(*words: str) -> None:
    subprocess.run([PROGRAM, *words], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _serving(*words: str, port: int) -> Iterator[None]:
    process = subprocess.Popen([PROGRAM, "serve", *words], env={**os.environ, "EOFFICE_PORT": str(port)})
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for_jobs(*, seconds: float = 600) -> None:
    """Until pages are drawn, signatures checked and letters delivered."""
    until = time.monotonic() + seconds
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name = ANY(%s)"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        while time.monotonic() < until:
            row = connection.execute(waiting, [QUEUES.split(",")]).fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(1)
    raise PictureFailed("background work did not end in time")


def _wait_for_web(address: str, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own server on loopback
                return
        except OSError:
            time.sleep(0.5)
    raise PictureFailed("the web server did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
