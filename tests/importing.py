"""What tests of imports do again and again: hand a file in, have it tried and done, look at the whole catalogue."""

from sqlalchemy import select

from kit.db import db
from models.batches import Batch, RowState
from models.catalog import Product
from services import batches
from services.catalog import categories, importing, products
from services.catalog.product_draft import ProductDraft
from tests import cast

MIA = cast.MIA.actor
# In the manner of the other shop's export: its headings, its kinds, a parent after its variation, amounts with commas.
FOREIGN = (
    "\ufeffID;Type;SKU;Name;Published;Is featured?;Short description;Tax class;In stock?;Stock;Backorders allowed?;"
    "Weight (lbs);Sale price;Regular price;Categories;Tags;Images;Parent;Attribute 1 name;Attribute 1 value(s);"
    "Attribute 1 global;Attribute 2 name;Attribute 2 value(s)\r\n"
    "71;variation;SCARF-RED;Scarf - Red;1;0;;parent;1;4;0;;;19,90;;;;id:70;Colour;Red;1;Size;\r\n"
    "70;variable;SCARF;Scarf;1;1;Warm\\nand soft;;1;;0;.5;;;Winter > Scarves, Winter;wool;https://x.test/a.jpg;;"
    "Colour;Red, Blue;1;Size;S, L\r\n"
    "72;variation;SCARF-BLUE-L;Scarf - Blue;1;0;;parent;1;2;0;;15,90;18,90;;;;SCARF;Colour;Blue;1;Size;L\r\n"
    "73;simple, downloadable, virtual;SONG;Song \\, one;-1;0;;reduced-rate;1;;notify;;;3;Music;;;;;;;;\r\n"
    "74;grouped;SET;Set;1;0;;;1;;0;;;;;;;;;;;;\r\n"
)


def upload(content: str, name: str = "products.csv") -> Batch:
    return importing.upload(content.encode(), name, actor=MIA)


def tried(content: str, *, clear: bool = False, columns: dict[int, str] | None = None) -> Batch:
    """Uploaded, mapped as guessed, and through its dry run."""
    batch = upload(content)
    columns = columns or importing.get_upload(batch.id).guesses
    ident = batch.id
    importing.choose_columns(ident, columns, clear=clear, actor=MIA)
    return work(ident)


def work(ident) -> Batch:
    batches.run(str(ident))
    while batches.get_batch(ident).is_moving:  # on a slow machine it does a part at a time
        batches.run(str(ident))
    return batches.get_batch(ident)


def done(content: str, **kw) -> Batch:
    batch = tried(content, **kw)
    batches.start_prepared(batch.id, actor=MIA)
    return work(batch.id)


def undone(batch: Batch) -> Batch:
    return undo(batch.id)


def undo(ident) -> Batch:
    batches.undo(ident, actor=MIA)
    return work(ident)


def by_sku(sku: str) -> Product:
    found = db.session.scalar(select(Product).where(Product.sku == sku))
    assert found is not None, sku
    return products.get_product(found.id)


def rows(batch: Batch) -> list[tuple[int | None, str, str]]:
    page = batches.list_rows(batch, page_size=500)
    return [
        (row.line, str(row.state if row.state != RowState.PENDING else row.verdict), row.message)
        for row in page.items
    ]


def existing_shelf() -> None:
    """A catalogue that was there before."""
    row = categories.create_category(categories.CategoryDraft(name="Clothing"), actor=MIA)
    products.create_product(
        ProductDraft(
            name="Tee",
            sku="TEE-1",
            price="25.00",
            stock_quantity=3,
            description="<p>Old</p>",
            category_ids=[row.id],
        ),
        actor=MIA,
    )
    products.create_product(ProductDraft(name="Lamp", sku="LAMP", price="40.00", stock_quantity=1), actor=MIA)
