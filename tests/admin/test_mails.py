"""Every mail can be looked at in every language, alone in its frame, and be sent to oneself."""

from pathlib import Path

import pytest
from sqlalchemy import select

from gateways import mail
from kit.db import db
from kit.i18n import LANGUAGES
from models.outbox import OutboxMessage
from services.notifications import samples
from tests import cast

HERE = Path(mail.__file__).parents[1] / "templates" / "emails"
TEMPLATES = {path.stem for path in HERE.glob("*.html") if not path.stem.startswith("_")} - {"layout"}


def test_every_template_has_a_sample():
    assert set(samples.SAMPLES) == TEMPLATES
    assert {path.stem for path in HERE.glob("*.txt") if not path.stem.startswith("_")} - {
        "layout"
    } == TEMPLATES


@pytest.mark.parametrize("name", sorted(samples.SAMPLES))
def test_each_mail_can_be_drawn_in_every_language(roast, name):
    for locale in LANGUAGES:
        letter = samples.draw(name, locale)
        assert letter.subject and "%(" not in letter.subject + letter.text
        assert f'<html lang="{locale}"' in letter.html and letter.text.strip(), locale
        assert "<script" not in letter.html


def test_the_list_leads_to_each_mail_with_its_look_and_its_text(roast, browser):
    alice = browser.as_(cast.ALICE)
    listed = alice.get("/admin/settings/mails").text
    for name in samples.SAMPLES:
        assert f"/admin/settings/mails/{name}" in listed
    shown = alice.get("/admin/settings/mails/order_shipped?in=pt")
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "A sua encomenda" in shown.text and "AB123456789PT" in shown.text


def test_the_letter_stands_alone_and_can_do_nothing(roast, browser):
    alone = browser.as_(cast.ALICE).get("/admin/settings/mails/welcome/html?in=en")
    policy = alone.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "script-src" not in policy and "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy and "Welcome" in alone.text


def test_a_trial_goes_to_who_asks_for_it(roast, browser, monkeypatch):
    sent = []
    monkeypatch.setattr(mail, "send", sent.append)
    answer = browser.as_(cast.ALICE).post("/admin/settings/mails/order_confirmed/test", data={"in": "en"})
    assert answer.status_code == 303
    asked = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == "mail.test_requested")
    ).one()
    samples.send_test(**asked.payload)
    (letter,) = sent
    assert letter.to == cast.ALICE.email and letter.subject.startswith("[Test] ")
    assert "1042" in letter.text


@pytest.mark.parametrize(
    ("name", "data"), [("nonsense", {"in": "en"}), ("welcome", {"in": "xx"}), ("welcome", {})]
)
def test_there_are_no_other_mails(roast, browser, everything, name, data):
    alice, before = browser.as_(cast.ALICE), everything()
    assert alice.post(f"/admin/settings/mails/{name}/test", data=data).status_code == 404
    assert alice.get("/admin/settings/mails/nonsense").status_code == 404
    assert alice.get("/admin/settings/mails/nonsense/html").status_code == 404
    assert everything() == before


def test_who_does_not_run_the_store_sends_nothing(roast, browser, everything):
    mia, before = browser.as_(cast.MIA), everything()
    assert mia.post("/admin/settings/mails/welcome/test", data={"in": "en"}).status_code == 403
    assert mia.get("/admin/settings/mails/welcome/html").status_code == 403
    assert everything() == before
