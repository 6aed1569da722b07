"""What variants differ in."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, Word, ref
from kit.i18n import current_locale


class AttributeType(StrEnum):
    SELECT = "select"
    COLOR = "color"
    TEXT = "text"


class Attribute(TenantOwned, Timestamps, Base):
    """A property that variants differ in: Size, Colour."""

    __tablename__ = "attributes"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    name: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(120))
    type: Mapped[AttributeType] = mapped_column(Word(AttributeType), default=AttributeType.SELECT)
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {language: name}, where it has another

    values: Mapped[list["AttributeValue"]] = relationship(
        back_populates="attribute",
        order_by="AttributeValue.position",
        cascade="all, delete-orphan",
        foreign_keys="AttributeValue.attribute_id",
    )

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return str(self.names.get(current_locale()) or self.name)


class AttributeValue(TenantOwned, Base):
    __tablename__ = "attribute_values"
    __table_args__ = (UniqueConstraint("tenant_id", "attribute_id", "slug"),)

    attribute_id: Mapped[UUID] = ref("attributes", cascade=True)
    value: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(120))
    color: Mapped[str | None] = mapped_column(String(7))
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)

    attribute: Mapped[Attribute] = relationship(back_populates="values", foreign_keys=[attribute_id])

    @property
    def label(self) -> str:
        return str(self.names.get(current_locale()) or self.value)
