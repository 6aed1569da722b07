"""A store with as many products as asked for, three variants to each on average (nine to every third): made by bulk
inserts, with everything a listing reads filled in."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Dialect, ForeignKeyConstraint, Table, insert
from sqlalchemy.schema import AddConstraint, DropConstraint

from kit import clock
from kit.db import Base, db, transaction
from kit.ids import uuid7
from kit.slugs import slugify
from kit.tenancy import every_tenant
from models.catalog import (
    Attribute,
    AttributeValue,
    Category,
    PriceChange,
    Product,
    ProductImage,
    StockStatus,
    Variant,
    product_categories,
    product_tags,
    variant_values,
)
from models.catalog import Tag as TagRow
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from models.stock import StockItem, StockMovement
from models.taxes import TaxRule
from models.tenants import Tenant
from services import search, tenants

WORDS = """
    Serra Atlas Lumen Fjord Minho Douro Tejo Cedro Oliva Faia Linho Cobre Barro Névoa Farol Cais Pinho Sal Mel
    Trilho Brisa Maré Aldeia Norte Sul Lagoa Pedra Vale Monte Rio
""".split()
THINGS = """
    Mug Bowl Lamp Blanket Jumper Backpack Notebook Candle Knife Board Teapot Cushion Scarf Clock Basket Brush
    Jacket Kettle Vase Stool
""".split()
COLORS = {"Navy": "#22335c", "Moss": "#5a6b3b", "Rose": "#c98a8a", "Ochre": "#c8892f", "Charcoal": "#333638"}
SIZES = ("XS", "S", "M", "L", "XL")
BATCH = 2000
NINE_IN = 3  # one in so many products has nine variants, the others none


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


def copy_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """What PostgreSQL takes in fastest. It knows nothing of defaults in Python: they are filled in here."""
    columns = [c for c in table.c if c.name in rows[0] or c.default is not None]
    makers = [_maker(column, connection.dialect) for column in columns]
    names = ", ".join(column.name for column in columns)
    with connection.connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([make(row) for make in makers])


def _maker(column: Any, dialect: Dialect) -> Callable[[dict[str, Any]], Any]:
    """From a row to what the driver is given of this column."""
    name, default = column.name, column.default
    bind = column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)

    def make(row: dict[str, Any]) -> Any:
        if name in row:
            return bind(row[name])
        return bind(default.arg(None) if default.is_callable else default.arg)

    return make


@contextmanager
def without_references() -> Iterator[None]:
    """On PostgreSQL: looking up what each of a million rows refers to takes most of the time; all at once, seconds."""
    found: list[ForeignKeyConstraint] = []
    if db.engine.dialect.name == "postgresql":
        found = [one for table in Base.metadata.sorted_tables for one in table.foreign_key_constraints]
    with db.engine.begin() as connection:
        for one in found:
            connection.execute(DropConstraint(one))
    yield
    with db.engine.begin() as connection:
        for one in found:
            connection.execute(AddConstraint(one))


def tidy() -> None:
    """What autovacuum would have done by now."""
    on_postgresql = db.engine.dialect.name == "postgresql"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if on_postgresql else "ANALYZE")
        connection.commit()  # SQLite's begins a transaction all the same (see kit/sqlite.py)


class Filler:
    """Deterministic: the same number gives the same store."""

    def __init__(self, products: int):
        self.number = products
        self.random = random.Random(products)
        self.rows: dict[Any, list[dict[str, Any]]] = {}

    def add(self, table: Any, **values: Any) -> Any:
        values.setdefault("tenant_id", self.tenant_id)
        self.rows.setdefault(getattr(table, "__table__", table), []).append(values)
        return values.get("id")

    def flush(self, connection: Connection) -> None:
        write = copy_rows if connection.dialect.name == "postgresql" else insert_rows
        for table in Base.metadata.sorted_tables:
            if rows := self.rows.pop(table, None):
                write(connection, table, rows)

    def fill(self) -> None:
        with every_tenant(), transaction() as session:
            tenant = Tenant(slug="bench", name="Bench", country="PT", plan="scale",
                            payment_methods={"bank_transfer": {"enabled": True, "instructions": "IBAN"}})  # fmt: skip
            session.add(tenant)
            session.flush()
            self.tenant_id = tenant.id
        db.session.remove()
        with without_references(), tenants.in_store(self.tenant_id):
            self._terms()
            categories, values, tags = self._vocabulary()
            for n in range(self.number):
                self._product(n, categories, values, tags)
                if n % BATCH == BATCH - 1:
                    self._save()
            self._save()
        tidy()
        with tenants.in_store(self.tenant_id):
            search.rebuild()
        db.session.remove()
        tidy()

    def _save(self) -> None:
        with db.engine.begin() as connection:
            self.flush(connection)

    def _terms(self) -> None:
        zone = self.add(ShippingZone, id=uuid7(), name="Portugal", countries=["PT"])
        self.add(ShippingMethod, id=uuid7(), zone_id=zone, name="Standard", type=ShippingType.FLAT_RATE, price=390,
                 estimated_days_min=1, estimated_days_max=3)  # fmt: skip
        for tax_class, rate in (("standard", 2300), ("intermediate", 1300), ("reduced", 600)):
            self.add(
                TaxRule, id=uuid7(), name=f"IVA {rate // 100} %", country="PT", tax_class=tax_class, rate=rate
            )

    def _vocabulary(self) -> tuple[list[Any], dict[str, list[Any]], list[Any]]:
        categories = [self.add(Category, id=uuid7(), name=f"Category {n}", slug=f"category-{n}", position=n)
                      for n in range(12)]  # fmt: skip
        values: dict[str, list[Any]] = {}
        for name, found in (("Colour", COLORS), ("Size", dict.fromkeys(SIZES))):
            attribute = self.add(Attribute, id=uuid7(), name=name, slug=slugify(name),
                                 type="color" if name == "Colour" else "select")  # fmt: skip
            values[name] = [self.add(AttributeValue, id=uuid7(), attribute_id=attribute, value=value,
                                     slug=slugify(value), color=color, position=n)
                            for n, (value, color) in enumerate(found.items())]  # fmt: skip
        tags = [self.add(TagRow, id=uuid7(), name=f"tag {n}", slug=f"tag-{n}") for n in range(10)]
        return categories, values, tags

    def _product(self, n: int, categories: list[Any], values: dict[str, list[Any]], tags: list[Any]) -> None:
        rnd, ident = self.random, uuid7()
        name = f"{rnd.choice(WORDS)} {rnd.choice(THINGS)} {n}"
        price = rnd.randrange(500, 15_000, 10)
        sale = price * 8 // 10 if n % 9 == 0 else None
        made = clock.now() - timedelta(minutes=n)
        variants = 9 if n % NINE_IN == 0 else 0
        self.add(Product, id=ident, slug=slugify(name), name=name, sku=f"B-{n:06d}", price=price, sale_price=sale,
                 short_description="Made to be used every day.", description="<p>Plain, sturdy, well made.</p>",
                 price_from=price, price_to=price, sale_price_from=sale, variant_count=variants, weight=500,
                 is_featured=n % 20 == 0, stock_status=StockStatus.IN_STOCK, stock_quantity=100_000 * (variants or 1),
                 rating_sum=4 * (n % 7), review_count=n % 7, sold_count=rnd.randrange(500), created_at=made,
                 updated_at=made)  # fmt: skip
        self.add(PriceChange, id=uuid7(), product_id=ident, price=price, sale_price=sale, at=made)
        for category in {categories[n % 12], categories[rnd.randrange(12)]}:
            self.add(product_categories, product_id=ident, category_id=category)
        self.add(product_tags, product_id=ident, tag_id=tags[n % 10])
        for position in range(2):
            self.add(ProductImage, id=uuid7(), product_id=ident, key=f"bench/{n % 50}.jpg", width=900, height=900,
                     widths=[160, 320, 480, 640], alt=name, position=position)  # fmt: skip
        pairs = [(c, s) for c in values["Colour"][:3] for s in values["Size"][:3]]
        for position, pair in enumerate(pairs[:variants]):
            variant = self.add(Variant, id=uuid7(), product_id=ident, sku=f"B-{n:06d}-{position}", position=position,
                               combination="|".join(sorted(map(str, pair))), stock_status=StockStatus.IN_STOCK,
                               stock_quantity=100_000)  # fmt: skip
            for value in pair:
                self.add(variant_values, variant_id=variant, value_id=value)
            self._stock(ident, variant)
        if not variants:
            self._stock(ident, None)

    def _stock(self, product: Any, variant: Any) -> None:
        item = self.add(StockItem, id=uuid7(), product_id=product, variant_id=variant,
                        variant_key=str(variant or ""), on_hand=100_000)  # fmt: skip
        self.add(StockMovement, id=uuid7(), stock_item_id=item, kind="initial", quantity=100_000, before=0,
                 after=100_000, created_at=clock.now())  # fmt: skip
