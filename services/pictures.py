"""Pictures that are no product's: of the first page, of categories, of the store itself. Each is kept once in the file
store, takes room of the plan, and goes when nothing shows it any more."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from gateways import storage
from kit.db import db, end_reading, transaction
from kit.images import Picture
from kit.tenancy import current_tenant_id
from models.pictures import KeptPicture
from models.tenants import Tenant
from services import outbox, plans, tenants

UNNAMED_FOR = timedelta(days=1)  # a form that was sent with a picture and a mistake may be sent again


def keep(picture: Picture, kind: str) -> str:
    """Put it up, outside of a transaction, and answer its key; whatever names it is saved after. `kind` stands in the
    name: the same picture in another place is another file, in the size of that one, and goes by itself."""
    plans.check_space(len(picture.body))
    key = f"{current_tenant_id().hex}/{kind}-{picture.digest}.{picture.extension}"
    end_reading()
    storage.write(key, picture.body)
    with transaction():
        with suppress(IntegrityError), db.session.begin_nested():  # it was there before
            db.session.add(KeptPicture(key=key, size=len(picture.body)))
        outbox.post("image.unused", delay=UNNAMED_FOR, keys=[key])
    return key


def shown_by(tenant: Tenant) -> set[str]:
    """The keys of what its look shows: worn, tried on, or worn before."""
    start = f"/media/{tenant.id.hex}/"
    places = (tenant.branding, tenant.home_sections, tenant.draft_look, tenant.last_look)
    return {text.removeprefix("/media/") for text in _texts(places) if text.startswith(start)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@contextmanager
def changing_look() -> Iterator[Tenant]:
    """The store's row, locked. What its look shows no longer after the block goes after the commit."""
    tenant = tenants.row(lock=True)
    before = shown_by(tenant)
    yield tenant
    if gone := before - shown_by(tenant):
        outbox.post("image.unused", keys=sorted(gone))


@transaction()
def forget(keys: Iterable[str]) -> None:
    """Their files are gone: the room is free."""
    db.session.execute(delete(KeptPicture).where(KeptPicture.key.in_(list(keys))))
