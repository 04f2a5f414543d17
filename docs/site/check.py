"""Looks at the built site in headless Chromium: python3 docs/site/check.py [SCREENSHOTS]

Needs playwright 1.65.2 and its Chromium, or CHROMIUM, the path of one. Every page is opened with the width of a desktop
and of a phone, in light and dark. Errors: an answer other than 200 (or 304, kept from before), a request that leaves the site, a picture that does
not load, a message on the console, a link to a page or a heading that is not there, a page wider than the phone. The
search must find a word. With SCREENSHOTS, a folder, each page is kept as a picture.
"""

import functools
import http.server
import os
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag

from playwright.sync_api import Page, sync_playwright

SITE = Path(__file__).resolve().parents[2] / "target/site/html"
SIZES = {"desktop": ({"width": 1280, "height": 900}, "light"), "phone": ({"width": 360, "height": 740}, "dark")}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def visit(page: Page, url: str, errors: list[str]) -> dict[str, list[str]]:
    """Opens a page; its links and the ids that links can lead to."""
    page.goto(url, wait_until="load")
    broken = page.evaluate(
        """async () => {
            const images = [...document.images];
            images.forEach(image => image.loading = 'eager');
            await Promise.all(images.map(image => image.decode().catch(() => {})));
            return images.filter(image => image.naturalWidth === 0).map(image => image.src);
        }"""
    )
    errors += [f"{url}: picture {source} does not load" for source in broken]
    too_wide = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    if too_wide > 0:
        errors.append(f"{url}: {too_wide} pixels wider than the window of {page.viewport_size['width']}")
    return page.evaluate(
        """() => ({
            links: [...document.querySelectorAll('a[href]')].map(a => a.href),
            ids: [...document.querySelectorAll('[id], a[name]')].map(e => e.id || e.name),
        })"""
    )


def main(screenshots: Path | None) -> int:
    handler = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    every = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if path.name != "404.html")
    # rustdoc has looked at its own pages.
    pages = sorted(path for path in every if not path.startswith("rust/"))
    errors: list[str] = []
    found: dict[str, dict[str, list[str]]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for name, (size, scheme) in SIZES.items():
            page = browser.new_context(viewport=size, color_scheme=scheme, locale="en").new_page()
            page.on("request", lambda r: errors.append(f"leaves the site: {r.url}") if not r.url.startswith((base, "data:", "blob:")) else None)
            page.on("response", lambda r: errors.append(f"{r.status}: {r.url}") if r.status not in (200, 304) else None)
            page.on("console", lambda m: errors.append(f"{page.url}: {m.text}") if m.type == "error" else None)
            page.on("pageerror", lambda e: errors.append(f"{page.url}: {e}"))
            for path in pages:
                found[base + path] = visit(page, base + path, errors)
                if screenshots:
                    file = screenshots / f"{path.removesuffix('.html').replace('/', '_')}_{name}.png"
                    page.screenshot(path=file, full_page=True)
        page = browser.new_page()
        page.goto(base + "index.html?q=openness", wait_until="networkidle")
        try:
            page.wait_for_selector(".md-search-result__item", timeout=20_000, state="attached")
        except Exception:
            errors.append("the search finds nothing")
        browser.close()
    links = 0
    for url, on_page in found.items():
        for link in set(on_page["links"]):
            target, anchor = urldefrag(link)
            if not target.startswith(base):
                continue
            links += 1
            target = target + "index.html" if target == base else target.split("?")[0]
            if target in found:
                if anchor and unquote(anchor) not in found[target]["ids"]:
                    errors.append(f"{url}: no heading {link}")
            elif not (SITE / unquote(target.removeprefix(base))).is_file():
                errors.append(f"{url}: no page {link}")
    for error in sorted(set(errors)):
        print(error.replace(base, ""))
    print(f"{len(pages)} pages, {links} links, {len(set(errors))} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    sys.exit(main(folder))
