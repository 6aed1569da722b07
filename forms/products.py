"""The product editor: all of a product in one form."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.addresses import country_choices
from forms.catalog import category_choices, tax_choices
from forms.fields import DecimalTextField, MomentField, TickListField
from forms.languages import TranslatedForm
from kit.countries import CODES
from kit.i18n import _, mark
from models.catalog import MeasureUnit, Product
from services.catalog.categories import Node
from services.catalog.products import ProductDraft

UNITS = {
    MeasureUnit.KILOGRAM: mark("kilograms"),
    MeasureUnit.LITRE: mark("litres"),
    MeasureUnit.METRE: mark("metres"),
    MeasureUnit.SQUARE_METRE: mark("square metres"),
    MeasureUnit.PIECE: mark("pieces"),
}


class ProductForm(TranslatedForm):
    makes = ProductDraft
    translated = {"name": mark("Name"), "short_description": mark("In one sentence"),
                  "description": mark("Description"), "meta_title": mark("Title for search engines"),
                  "meta_description": mark("Description for search engines")}  # fmt: skip
    numbers = ("price", "sale_price", "cost_price", "weight", "measure")

    version = HiddenField()
    stock_seen = HiddenField()
    seen = HiddenField()
    name = StringField(mark("Name"))
    short_description = TextAreaField(mark("In one sentence"))
    description = TextAreaField(mark("Description"))
    price = DecimalTextField(mark("Price"))
    sale_price = DecimalTextField(mark("Sale price"))
    sale_starts_at = MomentField(mark("Sale from"))
    sale_ends_at = MomentField(mark("Sale until"))
    cost_price = DecimalTextField(mark("What it costs you"))
    measure = DecimalTextField(mark("Content"))
    measure_unit = SelectField(mark("Unit"), validate_choice=False)
    tax_class = SelectField(mark("Tax class"), validate_choice=False)
    sku = StringField(mark("SKU"))
    barcode = StringField(mark("Barcode (GTIN)"))
    brand = StringField(mark("Brand"))
    track_stock = BooleanField(mark("Count stock"))
    stock_quantity = StringField(mark("In stock"))
    stock_reason = StringField(mark("Why it changes"))
    low_stock_threshold = StringField(mark("Low stock from"))
    allow_backorder = BooleanField(mark("Sell on when it is sold out"))
    backorder_limit = StringField(mark("At most this many beyond"))
    min_quantity = StringField(mark("At least per order"))
    max_quantity = StringField(mark("At most per order"))
    quantity_step = StringField(mark("In steps of"))
    is_digital = BooleanField(mark("Nothing to send"))
    download_limit = StringField(mark("Downloads per file"))
    download_days = StringField(mark("Days to download"))
    weight = DecimalTextField(mark("Weight"))
    hs_code = StringField(mark("Customs code"))
    origin_country = SelectField(mark("Country of origin"), validate_choice=False)
    manufacturer = TextAreaField(mark("Manufacturer"))
    responsible_person = TextAreaField(mark("Responsible person in the EU"))
    safety_text = TextAreaField(mark("Warnings and safety"))
    is_active = BooleanField(mark("Shown in the shop"))
    publish_at = MomentField(mark("Show it from"))
    unpublish_at = MomentField(mark("Take it out at"))
    is_featured = BooleanField(mark("Featured"))
    category_ids = TickListField(mark("Categories"))
    tag_ids = TickListField(mark("Tags"))
    related_ids = TickListField(mark("Goes well with it"))
    related_skus = StringField(mark("Add by SKU"))
    slug = StringField(mark("Web address"))
    meta_title = StringField(mark("Title for search engines"))
    meta_description = TextAreaField(mark("Description for search engines"))

    @classmethod
    def of(cls, product: Product) -> "ProductForm":
        """As it is saved now."""
        stock, values = product.stock_quantity, ProductDraft.of(product)
        spoken = {
            f"{locale}_{name}": text
            for locale, texts in values["translations"].items()
            for name, text in texts.items()
        }
        return cls(values={**values, **spoken, "version": product.version, "stock_quantity": stock,
                           "stock_seen": stock})  # fmt: skip

    def offer(
        self, nodes: Iterable[Node], tags: Iterable[Any], related: Iterable[tuple[Any, str, str]] = ()
    ) -> "ProductForm":
        self.tax_class.choices = tax_choices()
        self.category_ids.choices = category_choices(nodes)
        self.tag_ids.choices = [(str(tag.id), tag.name) for tag in tags]
        self.related_ids.choices = [
            (str(ident), f"{name} ({sku})" if sku else name) for ident, name, sku in related
        ]
        self.measure_unit.choices = [("", "–"), *((str(unit), _(label)) for unit, label in UNITS.items())]
        self.origin_country.choices = [("", "–"), *country_choices(tuple(CODES))]
        return self

    def raw(self) -> dict[str, Any]:
        """A number of the stock that was not touched is not written back: it may have been sold meanwhile. A draft
        may have no price yet."""
        values = super().raw()
        if values["stock_quantity"] == values["stock_seen"]:
            values["stock_quantity"] = None
        if values["price"] is None and not values["is_active"]:
            values["price"] = "0"
        return values
