"""A Chromium for the browser tests: `python -m tests.browser.chromium` prints its path.

One that the system has, else Playwright's own download, else the distribution's package.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def on_the_system() -> str | None:
    """$CHROMIUM, or the first of the usual names that is on the path."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for path in map(shutil.which, NAMES) if path), None)


def of_playwright() -> str | None:
    """Playwright's own, downloaded where it is not there yet."""
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    succeeded = os.path.exists(path) or _runs(install)
    return path if succeeded and os.path.exists(path) and _runs([path, "--version"]) else None


def of_the_distribution() -> str | None:
    """The package `chromium` of Debian and its relatives, where this user may install it."""
    apt = ["apt-get"] if os.geteuid() == 0 else ["sudo", "-n", "apt-get"]
    if _runs([*apt, "update", "-q"]) and _runs([*apt, "install", "-qy", "chromium"]):
        return shutil.which("chromium")
    return None


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=sys.stderr, timeout=900).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find() -> str:
    """The path of a Chromium that runs."""
    path = on_the_system() or of_playwright() or of_the_distribution()
    if not path:
        raise SystemExit("no Chromium: install one, or set CHROMIUM to the path of one")
    return path


if __name__ == "__main__":
    print(find())
