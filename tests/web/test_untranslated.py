"""Pages and mails in a language that puts every text into brackets: what stands outside of them was not said through
gettext.

The scanner of tests/architecture reads the sources; this sees what is put together while a page is made.
"""

import html
import re
from collections.abc import Iterator
from gettext import NullTranslations

import pytest
from babel import Locale
from babel.dates import format_timedelta

from gateways import mail
from kit import i18n
from kit.db import transaction
from models.accounts import User
from models.orders import PaymentMethod
from services import carriers, notifications, tenants
from services.accounts import invitations
from services.accounts.roles import InviteDraft
from tests import cast, make
from tests.admin.test_pages import LEAST
from tests.services.test_mail import an_order
from tests.services.test_wishlists import switch_on
from tests.shop import shelf

SHOP = ("/", "/products", "/products?sort=price_asc&in_stock=1&max_price=1", "/products/blue-mug",
        "/products/linen-shirt", "/products/linen-shirt/reviews", "/categories/kitchen-and-table", "/search?q=mug",
        "/search?q=nonsense", "/cart", "/cart/drawer", "/checkout", "/orders", "/login",
        "/register", "/password/forgot", "/wishlist", "/nothing-here")  # fmt: skip
ACCOUNT = ("/account", "/account/orders", "/account/addresses", "/account/addresses/new", "/account/details",
           "/account/preferences", "/account/sessions")  # fmt: skip
SHOWN = ("alt", "title", "placeholder", "aria-label")
KEYS = {"Ctrl", "Shift"}
DATA = """Blue mug Gold bowl For table Linen shirt Home Kitchen Table Red Colour Size Iberia Post Courier Mug Roast
Vitrine Holds stoneware Test Werkzeug IBAN EUR Rua Lisboa Thing TEN
carla roast localhost Ana Silva Rua das Flores CTT"""
OURS = re.compile(r"[^\W\d_]{3,}")


class Brackets(NullTranslations):
    """Babel's own words, such as months, stay as they are."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


@pytest.fixture
def bracketed(monkeypatch):
    monkeypatch.setattr(i18n, "_catalogue", lambda locale: Brackets())


def outside(text: str) -> str:
    depth, kept = 0, []
    for char in text:
        depth += (char == "⟦") - (char == "⟧")
        if depth == 0 and char != "⟧":
            kept.append(char)
    return "".join(kept)


def pieces(page: str) -> Iterator[str]:
    """What a reader gets to see, without what Babel writes and what the log of changes calls by its column."""
    page = re.sub(r"<!--.*?-->|<(script|style|svg|code|time)\b.*?</\1>", "", page, flags=re.S)
    page = re.sub(r'<details class="quiet-details">.*?</details>', "", page, flags=re.S)
    page = re.sub(r'<option value="([A-Z]{2,3}|[A-Z]\w+/[^"]*|UTC)".*?</option>', "", page, flags=re.S)
    yield from (value for name, value in re.findall(r'\s([a-z-]+)="([^"]*)"', page) if name in SHOWN)
    yield from re.split(r"<[^>]*>", page)


def known_words() -> set[str]:
    babel = Locale.parse(i18n.cldr("en"))
    said = [
        *babel.territories.values(),
        *babel.currencies.values(),
        *i18n.LANGUAGES.values(),
        *carriers.KNOWN,
        DATA,
    ]
    said += [
        format_timedelta(-seconds, add_direction=True, locale=babel) for seconds in (1, 2, 60, 120, 90_000)
    ]
    said += [
        name
        for names in (babel.months, babel.days)
        for kind in names["format"].values()
        for name in kind.values()
    ]
    said += [who.email.title() for who in vars(cast).values() if isinstance(who, cast.Person)]
    return KEYS | {word for text in said for word in OURS.findall(text)}


def strange_in(texts: Iterator[str], known: set[str]) -> set[str]:
    """Words outside of the brackets that are not data; addresses and numbers of things are none."""
    left = (re.sub(r"\S*[@/_=\d]\S*", "", outside(html.unescape(text))) for text in texts)
    return {word for text in left for word in OURS.findall(text) if word not in known}


def test_no_page_of_the_shop_has_words_of_its_own(bracketed, roast, browser):
    shelves = shelf.fill()
    switch_on()
    carla = browser.as_(cast.CARLA)
    for face in (browser, carla):
        face.post("/cart/items", data={"product_id": str(shelves.mug), "quantity": "1"})
    asked = [(browser, path) for path in SHOP] + [(carla, path) for path in (*ACCOUNT, "/checkout")]
    known = known_words()
    answers = [(path, face.get(path)) for face, path in asked]
    assert {path for path, answer in answers if answer.status_code != 200} == {"/nothing-here"}
    found = [(path, strange_in(pieces(answer.text), known)) for path, answer in answers]
    assert [(path, words) for path, words in found if words] == []


def test_no_page_of_the_back_office_has_words_of_its_own(bracketed, roast, browser):
    shelves = shelf.fill()
    order, coupon = make.paid_order(), make.coupon("TEN")
    own = (f"orders/{order.id}", f"orders/{order.id}/refund", f"orders/{order.id}/slip", f"coupons/{coupon.id}",
           f"products/{shelves.shirt}", f"customers/{cast.CARLA.id}")  # fmt: skip
    alice, known = browser.as_(cast.ALICE), known_words()
    paths = (*(path for path, _least in LEAST), *(f"/admin/{path}" for path in own))
    answers = {path: alice.get(path) for path in paths}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    found = {path: strange_in(pieces(answer.text), known) for path, answer in answers.items()}
    assert {path: words for path, words in found.items() if words} == {}


def letters(monkeypatch: pytest.MonkeyPatch, locale: str) -> list[mail.Letter]:
    """Of every kind of sentence at least one, to a reader and a store of this language."""
    sent: list[mail.Letter] = []
    monkeypatch.setattr(mail, "send", sent.append)
    with transaction() as session:
        tenants.row().locale = session.get(User, cast.CARLA.id).locale = locale
        tenants.forget()
    with i18n.speaking(locale):
        invited = invitations.invite(InviteDraft(email=f"{locale}@roast.test"), actor=cast.ALICE.actor)
    carla = str(cast.CARLA.id)
    for send in (notifications.send_welcome, notifications.send_confirmation, notifications.send_password_changed,
                 notifications.send_invite):  # fmt: skip
        send(user_id=carla)
    notifications.send_register_repeated(email=cast.CARLA.email)
    notifications.send_invitation(invitation_id=str(invited.id))
    notifications.send_email_change(user_id=carla, email="new@roast.test")
    notifications.send_erased(email="gone@roast.test", name="", locale=locale)
    for method in (PaymentMethod.PAY_IN_SHOP, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER):
        order = str(an_order(method, locale=locale))
        notifications.send_order_received(order_id=order)
    with tenants.in_store(cast.ROAST):  # as it speaks now: its staff are written to
        for tell in (notifications.send_order_confirmed, notifications.send_order_cancelled,
                     notifications.send_order_expired, notifications.send_payment_failed,
                     notifications.send_new_unpaid_order, notifications.send_dispute_opened,
                     notifications.send_order_oversold):  # fmt: skip
            tell(order_id=order)
        notifications.send_differences_found(mended=1, open=2)
    notifications.send_units_cancelled(order_id=order, lines=[{"name": "Mug", "quantity": 1}], notify=True)
    assert len(sent) >= 19
    return sent


def test_no_mail_has_words_of_its_own(bracketed, monkeypatch, roast):
    known = known_words()
    found = {
        letter.subject: strange_in(iter([letter.subject, letter.text, *pieces(letter.html)]), known)
        for letter in letters(monkeypatch, "en")
    }
    assert {subject: words for subject, words in found.items() if words} == {}


def test_mails_are_in_the_language_of_who_reads_them(monkeypatch, roast):
    subjects: dict[str, set[str]] = {}
    for locale in i18n.LANGUAGES:
        sent = letters(monkeypatch, locale)
        assert {re.search(r'<html[^>]* lang="(\w+)"', letter.html)[1] for letter in sent} == {locale}
        subjects[locale] = {re.sub(r"\S*\d\S*", "", letter.subject) for letter in sent}
    said = [subject for found in subjects.values() for subject in found]
    assert len(said) == len(set(said)), "no subject is the same in two languages"
