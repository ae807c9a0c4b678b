"""Two processes behind HAProxy in a real browser: each is killed in turn, every page goes on."""

import io
import re

import pytest
from playwright.sync_api import expect

from softmax_core import load_model, save_model
from softmax_core.rooms import Rooms
from tests.benchmarks.bench_workshop import postgresql
from tests.browser.harness import answer_of, draw
from tests.browser.test_workshop import DRAWINGS, PHONE, sketch
from tests.serve.many import needs_haproxy, serving_many

BARS = [[[(60, 60 + 50 * n), (210, 60 + 50 * n)]] for n in range(3)]
SOON = 10_000  # ms

pytestmark = [pytest.mark.slow, needs_haproxy]


@pytest.fixture(scope="module")
def service():
    """(the address of the rooms, two processes of the app)."""
    with postgresql() as (database, _), serving_many(2, DATABASE_URL=database) as many:
        yield database, many


def at(page, many):
    """The cookie that names the process of a page."""
    (found,) = [c for c in page.context.cookies(many.address) if c["name"] == "APP"]
    return found["value"]


def one_on_each(many, open_):
    """Two pages on different processes: the proxy sends a newcomer to the one with less to do."""
    found = {}
    for _ in range(8):
        page = open_()
        found.setdefault(at(page, many), page)
        if len(found) == 2:
            return list(found.values())
    pytest.fail("all pages came to one process")


def test_phones_and_drawings_go_on_and_files_go_where_the_page_is(service, open_page):
    database, many = service
    rooms = Rooms(database)
    who, _ = rooms.create("killed", list(DRAWINGS))
    link = f"/workshop?room={who.code}"
    phones = one_on_each(many, lambda: open_page(link, many.address, problems=False, **PHONE))
    pages = one_on_each(many, lambda: open_page("/", many.address, problems=False))
    for n, kind in enumerate(("△", "○")):
        for page in pages:
            draw(page, BARS[n])
            answer_of(page, n + 1)
            page.wait_for_timeout(300)
        for k, phone in enumerate(phones):
            sketch(phone, DRAWINGS[kind], shift=9 * k)
        many.kill(n)
        for phone in phones:
            phone.get_by_role("button", name=kind, exact=True).click()
            expect(phone.locator(".said")).to_contain_text("Stored", timeout=SOON)
            expect(phone.get_by_role("button", name=f"Take back your {kind}")).to_have_count(1)
        for page in pages:
            page.locator('[data-test-connection-state="CONNECTED"]').wait_for(timeout=SOON)
            answer_of(page, n + 1)
        assert len({at(page, many) for page in [*pages, *phones]}) == 1
        many.wait_for(n)
    assert sorted(d.label for d in rooms.all_drawings(who.code)) == [1, 1, 2, 2]
    rooms.close()
    file = io.BytesIO()
    save_model(load_model("classic"), file)
    upload = {"name": "mine.npz", "mimeType": "application/octet-stream"}
    files = one_on_each(many, lambda: open_page("/weights", many.address, problems=False))
    for page in files:
        page.get_by_role("button", name="From a file").click()
        page.locator('input[type="file"]').first.set_input_files(
            {**upload, "buffer": file.getvalue()}
        )
        expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("^mine"))
