"""In development the mails can be read in the browser; elsewhere there is no such page."""

from dataclasses import replace

import pytest

from gateways import mail
from gateways.mail import Letter


@pytest.fixture
def letter(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "_url", f"file://{tmp_path}")
    html = "<p style='color:red'>Hello</p>"
    text = "See http://roast.localhost/orders/x"
    mail.send(Letter(to="carla@roast.test", subject="Hello <b>", text=text, html=html))
    return next(tmp_path.glob("*.eml")).stem


def test_mails_are_listed_and_read(app, browser, letter):
    face = browser.at("localhost")
    assert "Hello &lt;b&gt;" in face.get("/platform/mails").text
    page = face.get(f"/platform/mails/{letter}")
    assert page.status_code == 200 and '<a href="http://roast.localhost/orders/x"' in page.text
    raw = face.get(f"/platform/mails/{letter}/html")
    assert "Hello" in raw.text and "script" not in raw.headers["Content-Security-Policy"]


def test_no_way_out_of_the_folder(app, browser, letter):
    for name in ("..%2f..%2fetc%2fpasswd", "nothing", letter + "x", letter.replace("-", "_")):
        assert browser.at("localhost").get(f"/platform/mails/{name}").status_code == 404


def test_not_on_a_stores_host_and_not_in_production(app, browser, letter):
    assert browser.at("roast.localhost").get("/platform/mails").status_code == 404
    before = app.config["VITRINE"]
    app.config["VITRINE"] = replace(before, env="production")
    try:
        for path in ("", f"/{letter}", f"/{letter}/html"):
            assert browser.at("localhost").get(f"/platform/mails{path}").status_code == 404
    finally:
        app.config["VITRINE"] = before
