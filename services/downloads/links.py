"""The signed link to one file. Who holds it may fetch the file, as often and as long as the order's right lasts."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadSignature, Signer
from sqlalchemy import select

from gateways import storage
from kit import clock, tenancy
from kit.db import db, end_reading, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import _
from models.orders import Order
from models.product_details import Download
from services.downloads.rights import is_paid

_secret = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    name: str
    media_type: str
    body: bytes


def configure(secret: str) -> None:
    """Set once at start."""
    global _secret
    _secret = secret


def _signer() -> Signer:
    if not _secret:
        raise RuntimeError("services.downloads.configure was not called")
    return Signer(_secret, salt=f"download:{tenancy.current_tenant_id()}", digest_method=hashlib.sha256)


def token_of(download: Download) -> str:
    return _signer().sign(urlsafe_b64encode(download.id.bytes).rstrip(b"=")).decode()


def fetch(token: str, *, is_counted: bool = True) -> Fetched:
    """The file, and one time fewer is left (not where it is only asked about). NotFound where the link is none of ours;
    Conflict `download-expired`, `download-used-up` or `download-not-paid` where its right has ended."""
    with transaction():
        row = _lock(_read(token))
        order = db.session.scalars(select(Order).where(Order.id == row.order_id)).one()
        if not is_paid(order):
            raise Conflict(_("The order is not paid, or was cancelled."), code="download-not-paid")
        if row.expires_at is not None and row.expires_at <= clock.now():
            raise Conflict(_("The time to download this file is over."), code="download-expired")
        if row.limit is not None and row.used >= row.limit:
            raise Conflict(_("This file was downloaded as often as it may be."), code="download-used-up")
        row.used += int(is_counted)
        key, name, kind = row.key, row.name, row.media_type
    end_reading()
    body = storage.read(key)
    if body is None:
        raise NotFound(_("The file is gone. Please write to the shop."))
    return Fetched(name, kind, body)


def _read(token: str) -> UUID:
    try:
        plain = _signer().unsign(token.encode()).decode()
        return UUID(bytes=urlsafe_b64decode(plain + "=="))
    except (BadSignature, ValueError) as error:
        raise NotFound(_("This link is not valid.")) from error


def _lock(download_id: UUID) -> Download:
    query = select(Download).where(Download.id == download_id).with_for_update()
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(_("This link is not valid."))
    return row
