"""Model texts for the legal pages of a store: a starting point with its identity filled in, to be read by a lawyer.

What is not known stands in the text as a mark (`<mark>`); so does the first line, which asks for a lawyer. A page that
still has a mark is told of as not finished.
"""

import html
from pathlib import Path
from string import Template
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kit.actor import Actor
from kit.countries import country_name
from kit.drafts import Draft, blank_to_none
from kit.i18n import _, mark, speaking
from models.pages import Page
from services import pages, tenants
from services.legal.countries import GENERAL, RULES, Rules, rules_of
from services.pages import PageDraft
from services.tenants import Store

__all__ = [
    "COUNTRIES",
    "KINDS",
    "LANGUAGES",
    "LegalDraft",
    "create_pages",
    "has_gaps",
    "language_for",
    "text_of",
]

KINDS = {
    "terms": mark("Terms of sale"),
    "privacy": mark("Privacy"),
    "returns": mark("Returns and withdrawal"),
    "delivery": mark("Delivery and payment"),
    "imprint": mark("Imprint"),
    "cookies": mark("Cookies"),
}
LANGUAGES = ("pt", "en", "es", "fr", "de", "it")
COUNTRIES = tuple(RULES)
GAP = "<mark>"
_HERE = Path(__file__).parent / "texts"


class LegalDraft(Draft):
    """`country`: whose law the text names; none: what holds in all of the European Union."""

    kinds: Annotated[
        list[Literal["terms", "privacy", "returns", "delivery", "imprint", "cookies"]], Field(min_length=1)
    ]
    country: Annotated[Literal["PT", "ES", "FR", "DE", "IT"] | None, BeforeValidator(blank_to_none)] = None
    language: Literal["pt", "en", "es", "fr", "de", "it"] = "en"


def has_gaps(content: str) -> bool:
    """Is something in it still to be filled in, or to be looked at?"""
    return GAP in content


def language_for(locale: str) -> str:
    """The language of a model text for a store that speaks this one."""
    return locale if locale in LANGUAGES else "en"


def create_pages(draft: LegalDraft, *, actor: Actor) -> list[Page]:
    """A page of each kind, switched off until somebody has read it."""
    made = []
    with speaking(draft.language):
        for kind in dict.fromkeys(draft.kinds):
            page = PageDraft(title=_(KINDS[kind]), content=text_of(kind, draft.country or "", draft.language),
                             is_active=False)  # fmt: skip
            made.append(pages.create_page(page, actor=actor))
    return made


def text_of(kind: str, country: str, language: str) -> str:
    """As HTML. A text that names no store's data beyond what its settings say."""
    with speaking(language):
        template = Template((_HERE / language / f"{kind}.html").read_text(encoding="utf-8"))
        rules = rules_of(country)
        body = template.substitute({**_identity(tenants.current()), **_law(rules)})
        note = _("A starting point, no legal advice: have it checked by a lawyer, fill in what is marked, then delete "
                 "this line.")  # fmt: skip
    return f"<p><mark>{html.escape(note)}</mark></p>\n{body}"


def _identity(store: Store) -> dict[str, str]:
    return {
        "shop": html.escape(store.name),
        "legal_name": _filled(store.legal_name, _("legal name")),
        "address": _filled(store.legal_address, _("postal address")).replace("\n", "<br>"),
        "email": _filled(store.contact_email, _("e-mail address")),
        "phone": _filled(store.contact_phone, _("telephone")),
        "vat_number": _filled(store.vat_number, _("VAT number")),
        "country": html.escape(country_name(store.country)),
        "currency": store.currency,
    }


def _filled(text: str, what: str) -> str:
    return html.escape(text.strip()) or f"<mark>[{html.escape(what)}]</mark>"


def _law(rules: Rules) -> dict[str, str]:
    office = (
        _link(rules.data_office_url, rules.data_office)
        if rules is not GENERAL
        else f"<mark>[{_('data protection authority')}]</mark>"
    )
    help_ = (
        _plain_link(rules.disputes_url)
        if rules.disputes_url
        else f"<mark>[{_('place for settling disputes')}]</mark>"
    )
    book = ""
    if rules.complaints_url:
        book = f"<p>{_('Complaints book:')} {_plain_link(rules.complaints_url)}</p>"
    return {
        "guarantee_years": str(rules.guarantee_years),
        "guarantee_law": html.escape(rules.guarantee_law),
        "withdrawal_law": html.escape(rules.withdrawal_law),
        "imprint_law": html.escape(rules.imprint_law),
        "data_office": office,
        "disputes": help_,
        "complaints_book": book,
    }


def _plain_link(url: str) -> str:
    return _link(url, url.removeprefix("https://"))


def _link(url: str, label: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(label)}</a>'
