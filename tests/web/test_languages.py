"""Which language an answer is in, how it says so, and how money, numbers and dates are written in it."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from kit.db import transaction
from kit.i18n import LANGUAGES, speaking
from models.attributes import Attribute
from models.catalog import Category
from services import tenants
from tests.cast import ALICE, MIA
from tests.shop import shelf
from web import filters

NBSP = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture
def bilingual(roast):
    with transaction():
        row = tenants.row()
        row.locale, row.languages = "pt", ["pt", "en"]
    return shelf.fill()


def language_of(answer) -> tuple[bool, str | None]:
    return '<html lang="pt">' in answer.text, answer.headers.get("Content-Language")


def test_a_store_speaks_its_own_language_to_who_has_not_chosen(bilingual, browser):
    answer = browser.get("/products", headers={"Accept-Language": "en"})
    assert language_of(answer) == (True, "pt")
    assert "Todos os produtos" in answer.text
    assert f"12,50{NBSP}€" in answer.text


def test_kept_pages_keep_the_languages_apart(bilingual, browser):
    for _turn in range(2):  # made, then kept
        assert "€12.50" in browser.get("/products?lang=en").text
        browser.client.delete_cookie("lang", domain="roast.localhost")
        assert f"12,50{NBSP}€" in browser.get("/products").text


def test_menu_and_filters_are_in_the_readers_language_whoever_came_first(bilingual, browser):
    with transaction() as session:
        session.scalar(select(Category).where(Category.slug == "home")).translations = {
            "en": {"name": "At home"}
        }
        colour = session.scalar(select(Attribute).where(Attribute.name == "Colour"))
        colour.names, colour.values[0].names = {"en": "Tint"}, {"en": "Scarlet"}
        tenants.touch_catalog()
    for _turn in range(2):
        english, own = (browser.get(f"/products?lang={code}").text for code in ("en", "pt"))
        assert all(word in english and word not in own for word in ("At home", "Tint", "Scarlet"))
        assert all(word in own for word in ("Home", "Colour", "Red"))
        assert "Blue" in english  # has no other name


def test_a_store_offers_its_languages_and_no_others(bilingual, browser):
    def offered() -> list[str]:
        field = re.search(r'<select[^>]* name="language">(.*?)</select>', browser.get("/products").text)
        return re.findall(r'<option value="(\w+)"', field[1]) if field else []

    assert offered() == ["pt", "en"]
    with transaction():
        tenants.row().languages = list(LANGUAGES)
        tenants.touch_catalog()
    assert offered() == ["pt", "en", "es", "fr", "de", "it"]
    with transaction():
        tenants.row().languages = ["pt"]
        tenants.touch_catalog()
    assert offered() == []
    assert '<html lang="pt">' in browser.get("/products?lang=de").text


def test_who_comes_by_an_address_with_a_language_stays_in_it(bilingual, browser):
    answer = browser.get("/products?lang=en")
    assert "lang=en" in answer.headers["Set-Cookie"]
    assert "public" not in answer.headers["Cache-Control"]
    assert '<html lang="en">' in browser.get("/").text
    assert '<html lang="pt">' in browser.get("/?lang=pt").text
    assert '<html lang="pt">' in browser.get("/products").text


@pytest.mark.parametrize(
    "path", ["/products", "/products?lang=pt", "/products?lang=de", "/products?lang=%00"]
)
def test_nothing_is_remembered_of_who_asks_for_nothing_else(bilingual, browser, path):
    answer = browser.get(path)
    assert language_of(answer) == (True, "pt")
    assert "Set-Cookie" not in answer.headers


def test_refusals_are_in_the_readers_language_as_page_and_as_problem(bilingual, browser, api):
    missing = browser.get("/nothing-here")
    assert (missing.status_code, language_of(missing)) == (404, (True, "pt"))
    assert "Esta página não está aqui" in missing.text
    problem = api.get("/api/products/018f0000-0000-7000-8000-00000000ffff")
    assert (problem.json["detail"], problem.headers["Content-Language"]) == ("Esse produto não existe.", "pt")
    wrong = api.post("/api/auth/register", json={"email": "x", "password": "short"}).json["errors"]
    assert "Tem de ser um endereço de e-mail" in {e["field"]: e["message"] for e in wrong}["email"]


WRITTEN = {
    "pt": (f"1{NBSP}234,50{NBSP}€", f"12{NBSP}345,6", f"5,5{NBSP}%", "09/05/2026", "9 de maio de 2026"),
    "en": ("€1,234.50", "12,345.6", f"5.5{NBSP}%", "9 May 2026", "9 May 2026"),
    "es": (f"1.234,50{NBSP}€", "12.345,6", f"5,5{NBSP}%", "9 may 2026", "9 de mayo de 2026"),
    "fr": (f"1{THIN}234,50{NBSP}€", f"12{THIN}345,6", f"5,5{NBSP}%", "9 mai 2026", "9 mai 2026"),
    "de": (f"1.234,50{NBSP}€", "12.345,6", f"5,5{NBSP}%", "09.05.2026", "9. Mai 2026"),
    "it": (f"1.234,50{NBSP}€", "12.345,6", f"5,5{NBSP}%", "9 mag 2026", "9 maggio 2026"),
}


def test_every_language_is_looked_at():
    assert set(WRITTEN) == set(LANGUAGES)


@pytest.mark.parametrize("locale", WRITTEN)
def test_money_numbers_and_days(roast, locale):
    moment = datetime(2026, 5, 9, 12, tzinfo=UTC)
    with speaking(locale):
        said = (filters.money(123450), filters.number(12345.6), filters.percent(550), filters.day(moment),
                filters.day(moment, "long"))  # fmt: skip
    assert said == WRITTEN[locale]


def test_a_choice_is_named_without_english_between(bilingual, api):
    answer = api.as_(ALICE).post("/api/coupons", json={"code": "X", "type": "voucher", "value": "5"})
    said = {e["field"]: e["message"] for e in answer.json["errors"]}["type"]
    assert (
        said
        == "Tem de ser um destes: percentage, fixed_amount, fixed_per_item, free_shipping, buy_x_get_y, gift."
    )


def test_the_back_office_speaks_ones_own_language(bilingual, browser):
    desk = browser.as_(MIA)
    page = desk.get("/admin/orders")
    assert language_of(page) == (True, "pt")
    assert "Encomendas" in page.text
    desk.post("/admin/language", data={"language": "en", "next": "/admin/orders"})
    assert '<html lang="en">' in desk.get("/admin/orders").text
    assert '<html lang="pt">' in desk.get("/products").text  # the shop's is another choice


def test_the_platforms_page_has_a_language_too(app, browser):
    platform = browser.at("localhost")
    assert platform.get("/").headers["Content-Language"] == "en"
    answer = platform.get("/?lang=pt")
    assert language_of(answer) == (True, "pt")
    assert "As lojas desta plataforma:" in answer.text
    assert '<html lang="en">' in platform.get("/?lang=nl").text  # we have no words of it
