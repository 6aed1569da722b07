"""Content pages as JSON."""

from api.schemas.base import IdOut, Out, Time


class PageOut(Out):
    id: IdOut
    slug: str
    title: str
    content: str
    is_active: bool
    show_in_menu: bool
    position: int
    meta_title: str
    meta_description: str
    created_at: Time
    updated_at: Time
