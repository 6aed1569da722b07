"""What a column of an import may mean, and what it probably does."""

import re
from collections.abc import Mapping, Sequence

from kit.i18n import _, mark
from kit.slugs import fold
from services.catalog.wording import LABELS, label_of

OPTIONS = 5
# Fields of the draft that a cell may fill, in the order in which they are offered.
PRODUCT = ("sku", "name", "slug", "price", "sale_price", "sale_starts_at", "sale_ends_at", "cost_price",
           "stock_quantity", "track_stock", "low_stock_threshold", "allow_backorder", "backorder_limit", "is_active",
           "is_featured", "description", "short_description", "barcode", "brand", "tax_class", "weight", "measure",
           "measure_unit", "is_digital", "download_limit", "download_days", "min_quantity", "max_quantity",
           "quantity_step", "publish_at", "unpublish_at", "hs_code", "origin_country", "manufacturer",
           "responsible_person", "safety_text", "meta_title", "meta_description")  # fmt: skip
VARIANT = (
    "sku",
    "barcode",
    "price",
    "sale_price",
    "stock_quantity",
    "weight",
    "measure",
    "is_active",
    "position",
)
# Cells that are read in another way than a draft would.
SPECIAL: dict[str, str] = {
    "categories": mark("Categories, as “Clothing > Shirts, Sale”"),
    "tags": mark("Tags, with commas"),
    "parent": mark("Product that the variant belongs to (its SKU or address)"),
    "type": mark("Kind of product (simple, variable, variation)"),
    "source_id": mark("Number in the other shop"),
    "in_stock": mark("In stock or not"),
    "images": mark("Pictures: their web addresses, with commas"),
    "position": LABELS["position"],
    "weight_g": mark("Weight in grams"),
    "weight_lb": mark("Weight in pounds"),
    "weight_oz": mark("Weight in ounces"),
    **{f"option{n}_name": mark("Option %(number)s: its name") for n in range(1, OPTIONS + 1)},
    **{f"option{n}_value": mark("Option %(number)s: its value") for n in range(1, OPTIONS + 1)},
}
ALL = (*PRODUCT, *SPECIAL)
_KNOWN: dict[str, tuple[str, ...]] = {
    "source_id": ("id",),
    "type": ("tipo", "typ", "product type"),
    "sku": ("ref", "artikelnummer", "referencia", "ugs", "codice", "variant sku", "article number"),
    "name": ("nome", "nombre", "nom", "title", "titulo", "titel", "product name"),
    "slug": ("handle", "address", "url handle"),
    "is_active": ("published", "publicado", "veroffentlicht", "publie", "pubblicato", "active", "ativo"),
    "is_featured": ("is featured?", "is featured", "em destaque?", "em destaque", "empfohlen?", "featured"),
    "short_description": ("descricao breve", "descricao curta", "kurzbeschreibung", "descripcion corta",
                          "description courte", "breve descrizione"),
    "description": ("descricao", "beschreibung", "descripcion", "descrizione", "body (html)"),
    "sale_starts_at": ("date sale price starts", "data de inicio do preco promocional"),
    "sale_ends_at": ("date sale price ends", "data de fim do preco promocional"),
    "tax_class": ("classe de imposto", "steuerklasse", "clase de impuesto", "classe de tva", "aliquota di imposta"),
    "in_stock": ("in stock?", "em stock?", "auf lager?", "en stock ?", "hay existencias?", "disponibile?"),
    "stock_quantity": ("stock", "inventory", "lager", "lagerbestand", "inventario", "magazzino", "quantity",
                       "variant inventory qty"),
    "low_stock_threshold": ("low stock amount", "quantidade de stock reduzido"),
    "allow_backorder": ("backorders allowed?", "backorders allowed", "permitir encomendas?"),
    "sale_price": ("preco promocional", "angebotspreis", "precio rebajado", "tarif promo", "prezzo in offerta"),
    "price": ("regular price", "preco normal", "regularer preis", "precio normal", "tarif regulier",
              "prezzo di listino", "preco", "preis", "precio", "prix", "prezzo", "variant price"),
    "categories": ("category", "categorias", "kategorien", "categories", "categorie", "categoria"),
    "tags": ("etiquetas", "schlagworter", "etiquettes", "tag"),
    "images": ("imagens", "bilder", "imagenes", "immagini", "pictures", "image src", "image urls"),
    "parent": ("parent sku", "parent product", "superior", "ubergeordnetes produkt", "ascendente", "genitore"),
    "position": ("posicao", "posicion"),
    "brand": ("brands", "vendor", "marca", "marke", "marque"),
    "barcode": ("gtin, upc, ean, or isbn", "gtin", "ean", "upc", "isbn", "variant barcode"),
    "weight": ("weight (kg)", "peso (kg)", "gewicht (kg)", "poids (kg)"),
    "weight_g": ("weight (g)", "peso (g)", "gewicht (g)", "poids (g)", "variant grams"),
    "weight_lb": ("weight (lbs)", "weight (lb)"),
    "weight_oz": ("weight (oz)",),
    "download_limit": ("download limit",),
    "download_days": ("download expiry days",),
    "meta_title": ("seo title", "meta: _yoast_wpseo_title"),
    "meta_description": ("seo description", "meta: _yoast_wpseo_metadesc"),
    "cost_price": ("cost", "cost per item"),
    "origin_country": ("country of origin",),
    "hs_code": ("hs code",),
}  # fmt: skip
_OPTION = re.compile(r"(?:attribute|atributo|attribut|attributo|option) ?(\d)[ _](name|nome|nombre|nom|values?\(?s?\)?|"
                     r"valor\(?(?:es)?\)?|wert\(?e?\)?|valeur\(?s?\)?|valori?e?)")  # fmt: skip


def choices() -> dict[str, str]:
    """All that a column may mean, in the reader's words."""
    return {name: say(name) for name in ALL}


def say(name: str) -> str:
    """A field in the reader's words; of a path (`tags.0`) its first part."""
    name = name.partition(".")[0]
    if name in SPECIAL:
        number = "".join(filter(str.isdigit, name))
        return _(SPECIAL[name], number=number) if number else _(SPECIAL[name])
    return label_of(name) if name in LABELS else name


def guess(header: Sequence[str], remembered: Mapping[str, str]) -> dict[int, str]:
    """{column: field}. What this store chose for a heading of that name comes first; a field is guessed once."""
    found: dict[int, str] = {}
    for column, heading in enumerate(header):
        key = fold(heading)
        field = remembered[key] if key in remembered else _by_name(key)
        if field and field not in found.values():
            found[column] = field
    return found


def _by_name(key: str) -> str:
    if option := _OPTION.fullmatch(key):
        number, part = int(option[1]), option[2]
        if 1 <= number <= OPTIONS:
            return f"option{number}_{'name' if part.startswith('no') or part == 'name' else 'value'}"
        return ""
    return _names().get(key, "")


def _names() -> dict[str, str]:
    names = {word: field for field, words in _KNOWN.items() for word in words}
    for field in ALL:
        names.setdefault(fold(say(field)), field)
        names[fold(field)] = field
    return names
