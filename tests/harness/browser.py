"""Chromium as the browser tests see it: no other host is reachable, and breaches of the policy are collected."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.harness.processes import MissingComponentError

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.reportToTest(`${event.violatedDirective} blocked ${event.blockedURI || "inline"} on ${location.pathname}` +
    ` (${event.sourceFile || "page"}:${event.lineNumber} ${event.sample})`);
});
"""
SERIOUS = {"serious", "critical"}


def executable() -> str:
    """Return the system's Chromium, or the one that CHROMIUM names."""
    given = os.environ.get("CHROMIUM")
    found = given or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise MissingComponentError(
            "Chromium is missing: install it (on Debian: apt-get install chromium), or name it with CHROMIUM=/path."
        )
    return found


@dataclass
class Watch:
    """What no page may do; a test fails on it at its end."""

    origin: str
    violations: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Listen on every page of the context."""
        context.expose_binding("reportToTest", lambda _source, text: self.violations.append(text))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", lambda request: self._check(request.url))
        context.on(
            "weberror", lambda error: self.script_errors.append(f"{error.error} on {error.page and error.page.url}")
        )

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(self.origin).netloc:
            self.foreign_requests.append(url)

    def assert_clean(self) -> None:
        """Fail when a page broke its policy, asked another host, or raised in its script."""
        assert not self.violations, f"Content-Security-Policy violations: {self.violations}"
        assert not self.foreign_requests, f"requests to other hosts: {self.foreign_requests}"
        assert not self.script_errors, f"errors in page scripts: {self.script_errors}"


def accessibility_faults(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds serious or critical on the page as it stands; by all rules, or just those given."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    response: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
