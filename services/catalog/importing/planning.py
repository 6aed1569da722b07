"""What a row would do: to which product or variant, with which values. The dry run shows it, the import does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kit.drafts import read
from kit.errors import Invalid
from kit.html import sanitize
from kit.i18n import _
from kit.ids import uuid7
from kit.money import to_text
from models.batches import BatchRow, RowState, Verdict
from models.catalog import Category, Product, ProductImage, Variant
from services import tenants
from services.catalog import addresses
from services.catalog.importing import fields
from services.catalog.importing.lookup import NAME_MAX, Lookup, Names, Path
from services.catalog.importing.values import draft_values, list_of, path_text, paths_of
from services.catalog.product_draft import PLAIN, ProductDraft, thousandths_text
from services.catalog.snapshots import plain_value
from services.catalog.variant_draft import VariantDraft
from services.catalog.wording import PICTURES

_UNITS = ("weight_g", "weight_lb", "weight_oz")
_HTML = ("description", "short_description")


@dataclass(slots=True)
class Plan:
    """`sent`: what the row says, as drafts read it; None for lists that it does not speak of. `before` and `after`
    are for people: what differs, with names where the catalogue has ids."""

    sent: dict[str, Any]
    draft: Any = None  # a product's; its lists and its other languages are not in it
    product: Product | None = None
    variant: Variant | None = None
    categories: list[Path] | None = None
    tags: list[str] | None = None
    options: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)  # addresses
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        if not self.before and self.after:
            return Verdict.NEW
        return Verdict.CHANGED if self.after else Verdict.UNCHANGED

    def compare(self, name: str, old: Any, new: Any) -> None:
        if old != new:
            self.before[name], self.after[name] = old, new


def plan(row: BatchRow, lookup: Lookup, names: Names, *, clear: bool) -> Plan:
    """Invalid or Conflict where the row can't be done."""
    if row.input["bad"]:
        raise Invalid(row.input["bad"])
    make = _variant_plan if row.input["variant"] else _product_plan
    return make(row, lookup, names, clear)


# --- products -----------------------------------------------------------------------------------------------------


def _product_plan(row: BatchRow, lookup: Lookup, names: Names, clear: bool) -> Plan:
    cells = row.input["cells"]
    product = lookup.match(cells)
    sent = draft_values(_of(cells, (*fields.PRODUCT, *_UNITS)), clear=clear)
    if product is None and "price" not in sent and row.input["price"]:
        sent["price"] = row.input["price"]
    _refuse_taken(cells, product, lookup)
    draft = read(ProductDraft, {**(current(product) if product else {}), **sent}, form=True)
    found = Plan(sent, draft, product, categories=_paths(cells), tags=_tags(cells))
    before = _shown(product, names) if product else {}
    for name in sent:
        if name == "stock_quantity":
            _compare_stock(found, product, draft.stock_quantity)
        elif name != "slug" or draft.slug:
            found.compare(name, before.get(name), _as_stored(name, draft))
    if found.categories is not None:
        found.compare("categories", before.get("categories", []), sorted(map(path_text, found.categories)))
    if found.tags is not None:
        found.compare("tags", before.get("tags", []), sorted(found.tags))
    _compare_pictures(found, cells.get("images", ""))
    if product is None:
        found.before = {}
    return found


def _compare_pictures(found: Plan, text: str) -> None:
    """Those that the product has not got. They are fetched afterwards; one that can't be is said of the row, and the
    row stands."""
    known = {image.source for image in found.product.images} if found.product else set()
    found.pictures = [url for url in list_of(text) if url not in known]
    _refuse_long("images", found.pictures, ProductImage.SOURCE_MAX)
    if found.pictures:
        found.compare(PICTURES, sorted(filter(None, known)), found.pictures)


def _of(cells: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: text for name, text in cells.items() if name in names}


def current(product: Product) -> dict[str, Any]:
    """The product's own columns as input. What an import never says (related ones, translations) is left out."""
    currency = tenants.current().currency
    amounts = {name: getattr(product, name) for name in ("price", "sale_price", "cost_price")}
    return {
        **{name: getattr(product, name) for name in PLAIN},
        "slug": product.slug,
        **{name: None if minor is None else to_text(minor, currency) for name, minor in amounts.items()},
        "weight": thousandths_text(product.weight),
        "measure": thousandths_text(product.measure),
    }


def _shown(product: Product, names: Names) -> dict[str, Any]:
    found = {name: plain_value(getattr(product, name)) for name in fields.PRODUCT if name != "stock_quantity"}
    return found | {
        "categories": names.paths(product.categories),
        "tags": sorted(row.name for row in product.tags),
    }


def _as_stored(name: str, draft: ProductDraft) -> Any:
    value: Any = draft.is_shown if name == "is_active" else getattr(draft, name)
    return sanitize(value) if name in _HTML else plain_value(value)


def _compare_stock(found: Plan, product: Product | None, quantity: int | None) -> None:
    if product is not None and product.variants and quantity != product.stock_quantity:
        raise Invalid.field("stock_quantity", "kept_by_variant", _("Stock is counted by variant here."))
    found.compare("stock_quantity", product.stock_quantity if product else None, quantity)


def _refuse_taken(cells: Mapping[str, str], product: Product | None, lookup: Lookup) -> None:
    sku, slug = cells.get("sku", ""), cells.get("slug", "")
    if sku and sku.lower() in lookup.variants:
        raise addresses.sku_taken(sku)
    other = lookup.by_slug.get(slug)
    if slug and other is not None and product is not None and other.id != product.id:
        said = _("Another one already has this address: “%(slug)s”.", slug=slug)
        raise Invalid.field("slug", "slug-taken", said)


def _paths(cells: Mapping[str, str]) -> list[Path] | None:
    if "categories" not in cells:
        return None
    paths = paths_of(cells["categories"])
    for path in paths:
        if len(path) > Category.MAX_DEPTH:
            raise Invalid.field(
                "categories", "too_deep",
                _("Categories can be %(depth)s levels deep at most.", depth=Category.MAX_DEPTH),
            )  # fmt: skip
        _refuse_long("categories", path, 2 * NAME_MAX)
    return paths


def _tags(cells: Mapping[str, str]) -> list[str] | None:
    if "tags" not in cells:
        return None
    found = list_of(cells["tags"])
    _refuse_long("tags", found, NAME_MAX)
    return found


def _refuse_long(field_name: str, texts: Sequence[str], limit: int) -> None:
    if any(len(text) > limit for text in texts):
        raise Invalid.field(
            field_name, "too_long", _("At most %(max_length)s characters.") % {"max_length": limit}
        )


# --- variants -----------------------------------------------------------------------------------------------------


def _variant_plan(row: BatchRow, lookup: Lookup, names: Names, clear: bool) -> Plan:
    cells = row.input["cells"]
    product = _parent(row, lookup)
    options = _options(cells)
    values = {(name, value): names.known_value(name, value) for name, value in options}
    variant = _match(cells, product, lookup, {ident for ident in values.values() if ident}, len(options))
    if variant is None and not options:
        raise Invalid(_("Says no value of an option, like Size: M."))
    sent = draft_values(_of(cells, (*fields.VARIANT, *_UNITS)), clear=clear)
    current = VariantDraft.of(variant) if variant else {}
    stand_in = [ident or uuid7() for ident in values.values()] or current.get("attribute_value_ids")
    draft = read(VariantDraft, {**current, **sent, "attribute_value_ids": stand_in}, form=True)
    _refuse_sale(draft, product)
    found = Plan(sent, draft, product, variant, options=options)
    for name in sent:
        old = getattr(variant, name) if variant else None
        found.compare(name, plain_value(old), plain_value(getattr(draft, name)))
    if options:
        old = sorted(value.value for value in variant.values) if variant else []
        found.compare("values", old, sorted(_standing(variant, value) for _name, value in options))
    if variant is None:
        found.before = {}
    return found


def _parent(row: BatchRow, lookup: Lookup) -> Product | None:
    """None: it is new, and made by another row of this import."""
    line = row.input["parent_line"]
    if line is None:
        product = lookup.parent(row.input["parent"])
        if product is None:
            said = _("There is no product with the SKU or address “%(name)s”.", name=row.input["parent"][:80])
            raise Invalid.field("parent", "unknown", said)
        return product
    parent = lookup.parents[line]
    if parent.verdict is Verdict.BAD or parent.state is RowState.FAILED:
        raise Invalid.field("parent", "bad", _("Its product in line %(line)s can't be imported.", line=line))
    return lookup.by_id.get(parent.target_id) if parent.target_id else None


def _options(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for n in range(1, fields.OPTIONS + 1):
        name, value = cells.get(f"option{n}_name", ""), cells.get(f"option{n}_value", "")
        if name and value:
            parts = list_of(value)
            _refuse_long(f"option{n}_value", (name, *parts), NAME_MAX)
            if len(parts) > 1:
                said = _("A variant has one value of each option, not “%(value)s”.", value=value[:80])
                raise Invalid.field(f"option{n}_value", "too_many", said)
            found.append((name, parts[0]))
    return found


def _match(
    cells: Mapping[str, str], product: Product | None, lookup: Lookup, values: set[UUID], options: int
) -> Variant | None:
    """By its SKU, else by its values."""
    sku = cells.get("sku", "")
    if sku and (variant := lookup.variants.get(sku.lower())):
        if product is None or variant.product_id != product.id:
            raise addresses.sku_taken(sku)
        return variant
    if sku and sku.lower() in lookup.by_sku:
        raise addresses.sku_taken(sku)
    if product is None or len(values) < options or not values:
        return None
    return next((v for v in product.variants if {value.id for value in v.values} == values), None)


def _standing(variant: Variant | None, value: str) -> str:
    """A value that differs in its case only is the same one."""
    known = {row.value.casefold(): row.value for row in variant.values} if variant else {}
    return known.get(value.casefold(), value)


def _refuse_sale(draft: VariantDraft, product: Product | None) -> None:
    price = product.price if draft.price is None and product else draft.price
    if draft.sale_price is not None and price is not None and draft.sale_price >= price:
        raise Invalid.field("sale_price", "too_large", _("Must be less than the price."))
