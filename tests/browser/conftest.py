"""A real server and a real Chromium for every test in this folder.

`page` fails its test if the browser's console has an error, or if the app asks another host for
anything. All of these tests run in one process, so that they share one server and one browser.
"""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.harness import WINDOW, Watched, serving


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of the app, with rooms of its own."""
    rooms = tmp_path_factory.mktemp("rooms") / "rooms.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{rooms}")
        with serving() as address:
            yield address


@pytest.fixture(scope="session")
def browser():
    expect.set_options(timeout=30_000)  # as Playwright's other waits: the machine may be busy
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find(), args=FLAGS)


@pytest.fixture
def open_page(browser, server):
    """open_page(path, **context) -> a page of the app in a context of its own, ready to use.

    `init` runs in it before the app; without `problems` what its console says is passed over.
    """
    watched, abandoned = [], []

    def open_(path="/", address=None, init="", problems=True, **context):
        opened = Watched(browser.new_context(**{**WINDOW, **context}))
        watched.append(opened) if problems else abandoned.append(opened)
        if init:
            opened.page.add_init_script(init)
        opened.page.goto((address or server) + path)
        opened.page.locator("h1").wait_for()
        return opened.page

    yield open_
    for each in watched + abandoned:
        each.close()
    assert [problem for each in watched for problem in each.problems] == []


@pytest.fixture
def page(open_page):
    """The Draw page at 1280 × 900."""
    return open_page("/")
