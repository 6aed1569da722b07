"""Words in the reader's language, wherever they are said."""

import threading

import pytest

from kit import i18n
from kit.i18n import _, _n, current_locale, mark, pgettext, set_locale, speaking

CART = mark("Your cart")


def test_outside_of_any_language_it_is_english():
    assert current_locale() == "en"
    assert _("Your cart") == "Your cart"


def test_inside_the_block_and_only_there():
    with speaking("pt"):
        assert _("Your cart") == "O seu carrinho"
        with speaking("en"):
            assert _("Your cart") == "Your cart"
        assert current_locale() == "pt"
    assert current_locale() == "en"


def test_what_was_marked_at_import_is_translated_where_it_is_said():
    with speaking("pt"):
        assert _(CART) == "O seu carrinho"
    assert CART == "Your cart"


def test_a_percent_sign_is_a_percent_sign_until_there_are_values():
    assert _("100% wool") == "100% wool"
    assert _("Order %(number)s", number="A-1") == "Order A-1"


def test_values_go_where_the_translation_wants_them():
    with speaking("pt"):
        assert _("%(stars)s out of 5 stars", stars="4,5") == "4,5 de 5 estrelas"


@pytest.mark.parametrize(
    ("locale", "num", "said"),
    [
        ("en", 1, "1 review"),
        ("en", 0, "0 reviews"),
        ("pt", 1, "1 avaliação"),
        ("pt", 0, "0 avaliações"),
        ("pt", 2, "2 avaliações"),
        ("es", 0, "0 reseñas"),
        ("fr", 0, "0 avis"),
        ("de", 1, "1 Bewertung"),
        ("it", 2, "2 recensioni"),
    ],
)
def test_how_many_decides_the_form(locale, num, said):
    with speaking(locale):
        assert _n("%(num)d review", "%(num)d reviews", num) == said


def test_none_is_one_in_french_and_many_elsewhere():
    said = {}
    for locale in i18n.LANGUAGES:
        with speaking(locale):
            said[locale] = _n("%(num)d product", "%(num)d products", 0)
    assert said == {"pt": "0 produtos", "en": "0 products", "es": "0 productos", "fr": "0 produit",
                    "de": "0 Produkte", "it": "0 prodotti"}  # fmt: skip


def test_only_the_languages_that_are_spoken_are_loaded():
    i18n._catalogue.cache_clear()
    assert set(i18n.translated()) == set(i18n.LANGUAGES) and i18n._catalogue.cache_info().currsize == 0
    with speaking("de"):
        assert _("Your cart") == "Ihr Warenkorb"
    assert i18n._catalogue.cache_info().currsize == 1


def test_one_word_may_mean_several_things():
    with speaking("pt"):
        assert pgettext("cost", "Delivery") == "Portes"
        assert _("Delivery") == "Entrega"


@pytest.mark.parametrize("unknown", ["xx", "", "pt_BR", "../en"])
def test_a_language_nobody_knows_is_english(unknown):
    with speaking(unknown):
        assert current_locale() == "en"


def test_every_language_has_its_words():
    assert set(i18n.translated()) == set(i18n.LANGUAGES) == {"pt", "en", "es", "fr", "de", "it"}


def test_a_language_without_a_catalogue_speaks_english_words(monkeypatch):
    monkeypatch.setitem(i18n.LANGUAGES, "nl", "Nederlands")
    i18n.translated.cache_clear()
    with speaking("nl"):
        assert (current_locale(), _("Your cart")) == ("nl", "Your cart")
        assert "nl" not in i18n.translated()
    i18n.translated.cache_clear()


def test_threads_do_not_hear_each_other():
    heard = []
    with speaking("pt"):
        other = threading.Thread(target=lambda: (set_locale("en"), heard.append(_("Your cart"))))
        other.start()
        other.join()
        assert (heard, _("Your cart")) == (["Your cart"], "O seu carrinho")
