"""Pictures that are no product's: of the first page, of categories, of the store itself."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned


class KeptPicture(TenantOwned, Base):
    """What such a file takes of the store's room. Who shows it names it by its key, or by the address of that."""

    __tablename__ = "kept_pictures"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]  # bytes
