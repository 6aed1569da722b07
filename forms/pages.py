"""Content pages, the model texts they may begin with, and the lines of the menus."""

from collections.abc import Iterable
from typing import Any

from babel import Locale
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.base import DraftForm
from forms.catalog import category_choices
from forms.fields import MomentField, TickListField
from forms.languages import TranslatedForm
from kit.countries import country_name
from kit.i18n import _, current_locale, mark
from models.pages import MenuItem, Page
from services import legal
from services.catalog.categories import Node
from services.legal import LegalDraft
from services.menus import MenuItemDraft
from services.pages import FullPageDraft


class PageForm(TranslatedForm):
    makes = FullPageDraft
    translated = {"title": mark("Title"), "content": mark("Text"),
                  "meta_title": mark("Title for search engines"),
                  "meta_description": mark("Description for search engines")}  # fmt: skip

    version = HiddenField()
    title = StringField(mark("Title"))
    content = TextAreaField(mark("Text"))
    slug = StringField(mark("Web address"))
    is_active = BooleanField(mark("Shown in the shop"))
    publish_at = MomentField(mark("Show from"))
    unpublish_at = MomentField(mark("Show until"))
    show_in_menu = BooleanField(mark("In the footer"))
    position = StringField(mark("Place"))
    meta_title = StringField(mark("Title for search engines"))
    meta_description = TextAreaField(mark("Description for search engines"))


class LegalForm(DraftForm):
    makes = LegalDraft

    kinds = TickListField(mark("Pages"))
    country = SelectField(mark("Law of"), validate_choice=False)
    language = SelectField(mark("Language"), validate_choice=False)

    def offer(self) -> "LegalForm":
        names = Locale.parse(current_locale()).languages
        self.kinds.choices = [(kind, _(label)) for kind, label in legal.KINDS.items()]
        self.country.choices = [
            *((code, country_name(code)) for code in legal.COUNTRIES),
            ("", _("Another country of the EU (in general)")),
        ]
        self.language.choices = [(code, names.get(code, code)) for code in legal.LANGUAGES]
        return self


class MenuItemForm(DraftForm):
    """`target` is `page:…` or `category:…`; empty, it is the address that counts."""

    makes = MenuItemDraft

    target = SelectField(mark("Leads to"), validate_choice=False)
    address = StringField(mark("Address"))
    label = StringField(mark("Name in the menu"))

    @classmethod
    def of(cls, item: MenuItem) -> "MenuItemForm":
        target = (
            f"page:{item.page_id}"
            if item.page_id
            else f"category:{item.category_id}"
            if item.category_id
            else ""
        )
        return cls(values={"target": target, "address": item.address, "label": item.label})

    def offer(self, pages: Iterable[Page], nodes: Iterable[Node]) -> "MenuItemForm":
        self.target.choices = [
            ("", _("The address below")),
            *((f"page:{page.id}", _("Page: %(name)s", name=page.title)) for page in pages),
            *((f"category:{ident}", _("Category: %(name)s", name=name.strip()))
              for ident, name in category_choices(nodes)),
        ]  # fmt: skip
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        kind, _colon, ident = str(values["target"] or "").partition(":")
        if kind in ("page", "category"):
            values |= {f"{kind}_id": ident, "address": None}
        return values
