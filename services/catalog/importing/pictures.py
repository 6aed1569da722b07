"""The pictures that rows of an import want: fetched afterwards, one row at a time, in the background.

One that can't be had is said of its row; the row stands. What came is written into the row, so that undoing the import
takes it away again; nothing comes any more to a row that is undone.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from gateways import pictures
from gateways.pictures import NotFetched
from kit.db import db, end_reading, transaction
from kit.errors import NotFound, ShopError
from kit.i18n import _, speaking
from kit.ids import parse_id
from models.batches import Batch, BatchRow, BatchStatus, RowState
from models.catalog import Product, ProductImage
from services.batches.reading import get_batch, lock_batch
from services.batches.running import actor_of, reason_of
from services.catalog import images
from services.catalog.images import ImageDraft, Kept
from services.catalog.wording import MADE

_GONE = frozenset({BatchStatus.UNDOING, BatchStatus.UNDONE})


def fetch(batch_id: str, row_id: str, urls: Sequence[str]) -> None:
    """The job of `import.pictures_wanted`. Bears repetition: what the product has is not fetched again."""
    try:
        batch = get_batch(batch_id)
    except NotFound:
        return
    with speaking(batch.locale):
        for url in urls:
            if _is_wanted(batch, row_id, url):
                _fetch_one(batch_id, row_id, url)


def _is_wanted(batch: Batch, row_id: str, url: str) -> bool:
    row = _row(row_id)
    if row is None or row.state is not RowState.DONE or batch.status in _GONE:
        return False
    known = select(ProductImage.id).where(
        ProductImage.product_id == row.target_id, ProductImage.source == url
    )
    return db.session.scalar(known.limit(1)) is None


def _row(row_id: str) -> BatchRow | None:
    return db.session.scalar(select(BatchRow).where(BatchRow.id == parse_id(row_id)))


def _fetch_one(batch_id: str, row_id: str, url: str) -> None:
    end_reading()
    try:
        kept = images.keep(pictures.fetch(url, limit=images.BYTES_MAX))
    except NotFetched as error:
        return _warn(batch_id, row_id, url, _why(error.reason))
    except ShopError as error:
        return _warn(batch_id, row_id, url, reason_of(error))
    try:
        _attach(batch_id, row_id, url, kept)
    except ShopError as error:
        images.let_go(kept)
        _warn(batch_id, row_id, url, reason_of(error))


@transaction()
def _attach(batch_id: str, row_id: str, url: str, kept: Kept) -> None:
    """Under the batch's lock: an undo either takes it away again, or has been here before."""
    batch = lock_batch(batch_id)
    if not _is_wanted(batch, row_id, url):
        return images.let_go(kept)
    row = _row(row_id)
    assert row is not None and row.target_id is not None  # it is wanted
    if (same := _same(row.target_id, kept.key)) is not None:
        same.source = url  # the same picture from elsewhere
        return
    image = images.attach(row.target_id, kept, ImageDraft(), actor=actor_of(batch), source=url)
    made = (row.after or {}).get(MADE, [])
    row.after = (row.after or {}) | {MADE: [*made, ["image", str(image.id), kept.key]]}


def _same(product_id: UUID, key: str) -> ProductImage | None:
    query = select(ProductImage).join(Product, Product.id == ProductImage.product_id)
    return db.session.scalar(query.where(Product.id == product_id, ProductImage.key == key).limit(1))


@transaction()
def _warn(batch_id: str, row_id: str, url: str, why: str) -> None:
    """Once, however often it is tried."""
    lock_batch(batch_id)
    row = _row(row_id)
    said = _("Picture %(url)s: %(why)s", url=url[:200], why=why)
    if row is not None and row.state is RowState.DONE and said not in row.message:
        row.message = f"{row.message} {said}".strip()


def _why(reason: str) -> str:
    return {
        "forbidden": _("This address is not one of the public web."),
        "missing": _("There is no picture at this address."),
        "too-large": _("The file may have %(limit)s MB at most.", limit=images.BYTES_MAX // (1024 * 1024)),
        "too-slow": _("It took too long."),
    }.get(reason, _("Nobody answered there."))
