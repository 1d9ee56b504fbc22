"""Make the README's screenshots in docs/screenshots/ from the demo store: `make screenshots`.

Loads a demo store into a temporary folder and serves it there; `--url` takes one that runs already.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from shop.demo.loaders.people import PASSWORD
from tests.harness import browser

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
SCREEN = {"width": 1280, "height": 860}
LARGEST = 250_000
BUYER, PARTNER = "anna@havbris.example.com", "ingrid@fjordtek.example.com"


@contextmanager
def demo_store() -> Iterator[str]:
    """Load and serve a demo store of its own; yield its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "shop.settings.dev",
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
            "BASE_URL": url,
        }
        (Path(folder) / "static").mkdir()
        for command in (["migrate", "--noinput", "--verbosity=0"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        server = [
            sys.executable,
            "-m",
            "gunicorn",
            "shop.wsgi:application",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "4",
        ]
        with subprocess.Popen(server, cwd=ROOT, env=env) as process:
            try:
                wait_for(url)
                yield url
            finally:
                process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    """Return when the store is ready; raise after a minute."""
    for _ in range(60):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise TimeoutError(f"{url} did not become ready within a minute")


def home(page: Page) -> None:
    page.goto("/")


def checkout(page: Page) -> None:
    """A buyer with a partner of record, one sensor in the basket, at the question how to buy."""
    sign_in(page, BUYER)
    page.goto("/catalogue/category/sensors_1/?in_stock=1")
    page.locator("#results article h3 a").first.click()
    page.get_by_role("button", name="Add to basket").first.click()
    expect(page.get_by_text("is in your basket")).to_be_visible()
    page.goto("/checkout/how-to-buy/")


def portal(page: Page) -> None:
    sign_in(page, PARTNER)
    page.goto("/portal/")


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def shoot(page: Page, name: str) -> None:
    """Keep what the screen shows as WebP, in the best quality that stays below the limit."""
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    path = FOLDER / f"{name}.webp"
    for quality in (90, 80, 70, 60):
        image.save(path, quality=quality, method=6)
        if path.stat().st_size < LARGEST:
            break
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def make_all(url: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.executable(), args=browser.ARGUMENTS)
        for scene in (home, checkout, portal):
            context = chromium.new_context(
                base_url=url, viewport=SCREEN, locale="en-GB", color_scheme="light", timezone_id="UTC"
            )
            page = context.new_page()
            page.goto("/consent/")
            page.get_by_role("button", name="Only necessary").click()
            scene(page)
            shoot(page, scene.__name__)
            context.close()
        chromium.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a demo store that runs already, e.g. http://127.0.0.1:8000")
    given = parser.parse_args().url
    if given:
        make_all(given.rstrip("/"))
    else:
        with demo_store() as url:
            make_all(url)


if __name__ == "__main__":
    main()
