"""Content pages (terms, privacy, delivery, about) with every text they ever had, and the menus that lead to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word, ref


class Page(TenantOwned, Timestamps, Base):
    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text, default="")  # sanitised HTML
    is_active: Mapped[bool] = mapped_column(default=True)
    # Moments at which it is shown or hidden by itself; done, they are empty again.
    publish_at: Mapped[datetime | None]
    unpublish_at: Mapped[datetime | None]
    show_in_menu: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")
    # {language: {title, content, meta_title, meta_description}}; what is empty is read in the store's own language.
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class PageVersion(TenantOwned, Base):
    """The text of a page as it was saved, by number. Without a number it is only a preview of what was typed, for a
    day; without a page, of one that is not made yet."""

    __tablename__ = "page_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "page_id", "number"),)

    page_id: Mapped[UUID | None] = ref("pages", cascade=True, index=False)
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text, default="")
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_by: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime]


class MenuName(StrEnum):
    HEADER = "header"
    FOOTER = "footer"


class MenuItem(TenantOwned, Base):
    """A line of a menu: a page, a category (collections are some), or an address. One of depth 1 stands below the
    last one of depth 0 before it."""

    __tablename__ = "menu_items"
    __table_args__ = (
        CheckConstraint("depth BETWEEN 0 AND 1", name="two_levels"),
        Index(None, "tenant_id", "menu", "position"),
    )

    LABEL_MAX = 80
    ADDRESS_MAX = 500

    menu: Mapped[MenuName] = mapped_column(Word(MenuName))
    position: Mapped[int]
    depth: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(LABEL_MAX), default="")  # empty: the name of what it leads to
    page_id: Mapped[UUID | None] = ref("pages", cascade=True)
    category_id: Mapped[UUID | None] = ref("categories", cascade=True)
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
