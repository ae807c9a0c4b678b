"""The policy that goes with every answer: each page works under it, and nothing else does."""

import pytest

from tests.browser.harness import answer_of, draw, recorded_digits


@pytest.mark.parametrize("path", ["/", "/train", "/weights", "/gradient", "/evaluate"])
def test_every_page_works_under_its_policy(open_page, path):
    page = open_page(path, bypass_csp=False)
    if path == "/":
        strokes, label = recorded_digits(1)[3]
        draw(page, strokes)
        assert answer_of(page, len(strokes))[0] == str(label)
    if path == "/train":
        page.get_by_role("button", name="Start", exact=True).click()
        page.locator("#live:not([data-epoch='0']):not([data-epoch='-1'])").wait_for()
    for _ in range(8):  # what is below is drawn when it is scrolled to
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(100)


def test_no_script_style_sheet_or_picture_of_another_host(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(server)
    page.locator("h1").wait_for()
    refused = page.evaluate(
        """async () => {
          const refused = [];
          addEventListener("securitypolicyviolation", e => refused.push(e.effectiveDirective));
          const add = (tag, more) => document.body.append(
            Object.assign(document.createElement(tag), more));
          add("img", { src: "http://127.0.0.2:1/x.png" });
          add("script", { src: "http://127.0.0.2:1/x.js" });
          add("script", { textContent: "window.ran = true" });
          add("link", { rel: "stylesheet", href: "http://127.0.0.2:1/x.css" });
          add("iframe", { src: "http://127.0.0.2:1/" });
          await new Promise(done => setTimeout(done, 500));
          return [window.ran === undefined, ...refused.sort()];
        }"""
    )
    assert refused == [
        *(True, "frame-src", "img-src", "script-src-elem", "script-src-elem", "style-src-elem")
    ]
    context.close()
