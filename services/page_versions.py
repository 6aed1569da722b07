"""Every text that a page ever had, and previews of what is not saved: seen by a signed link, for a day."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import NotFound, Unauthenticated
from kit.html import plain_text
from kit.i18n import _
from kit.paging import Page as Found
from kit.paging import paginate
from models.pages import Page, PageVersion
from services.accounts import tokens

PREVIEW_FOR = timedelta(days=1)
TEXTS = ("title", "content", "meta_title", "meta_description", "translations")
PAIRS_MAX = 50_000  # of equal paragraphs: with many, finding the best way through takes for ever
LINES_MAX = 2_000
_KIND = "page-preview"


def keep(page: Page, *, by: str) -> None:
    """In the transaction of the save, before (for pages older than their versions) and after it. A save that changes
    no word makes no version."""
    last = db.session.scalar(_of(page.id).order_by(PageVersion.number.desc()).limit(1))
    texts = {name: getattr(page, name) or ({} if name == "translations" else "") for name in TEXTS}
    if last is not None and all(getattr(last, name) == text for name, text in texts.items()):
        return
    number = (last.number or 0) + 1 if last is not None else 1
    db.session.add(PageVersion(page_id=page.id, number=number, saved_by=by, created_at=clock.now(), **texts))
    db.session.flush()


def _of(page_id: UUID) -> Select[PageVersion]:
    return select(PageVersion).where(PageVersion.page_id == page_id, PageVersion.number.is_not(None))


def list_versions(page_id: UUID, page: int = 1, page_size: int = 25) -> Found[PageVersion]:
    """The newest first."""
    return paginate(_of(page_id).order_by(PageVersion.number.desc()), page, page_size)


def count_versions(page_id: UUID) -> int:
    return db.session.scalar(select(func.count()).select_from(_of(page_id).subquery())) or 0


def get_version(page_id: UUID, number: int) -> PageVersion:
    row = db.session.scalar(_of(page_id).where(PageVersion.number == number))
    if row is None:
        raise NotFound(_("There is no such version of the page."))
    return row


# --- what differs ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: only in the old text, only in the new one, or in both."""

    kind: Literal["old", "new", "both"]
    text: str


def compare(old: str, new: str) -> list[Line]:
    """Two texts (HTML) paragraph by paragraph, as words without tags. Texts that would take too long stand below one
    another, whole."""
    before, after = _paragraphs(old), _paragraphs(new)
    if before != after and _is_too_much(before, after):
        return [*(Line("old", text) for text in before), *(Line("new", text) for text in after)]
    found: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line("both", text) for text in before[a:b]]
            continue
        found += [Line("old", text) for text in before[a:b]]
        found += [Line("new", text) for text in after[c:d]]
    return found


def _is_too_much(before: list[str], after: list[str]) -> bool:
    often = Counter(after)
    return max(len(before), len(after)) > LINES_MAX or sum(often[text] for text in before) > PAIRS_MAX


def _paragraphs(html: str) -> list[str]:
    ends = re.sub(
        r"(</(?:p|li|h[1-6]|tr|blockquote|dt|dd|figcaption)>|<br\b[^>]*>|<hr\b[^>]*>)", r"\1\n", html
    )
    return [text for text in map(plain_text, ends.split("\n")) if text]


# --- previews -------------------------------------------------------------------------------------------------------


@transaction()
def preview(texts: dict[str, object], *, page_id: UUID | None, actor: Actor) -> str:
    """Keep what was typed for a day, and give the signed token that shows it. `texts` by the names of TEXTS."""
    old = clock.now() - PREVIEW_FOR
    db.session.execute(delete(PageVersion).where(PageVersion.number.is_(None), PageVersion.created_at < old))
    row = PageVersion(page_id=page_id, saved_by=actor.email, created_at=clock.now(), **texts)
    db.session.add(row)
    db.session.flush()
    return preview_token(row)


def preview_token(row: PageVersion) -> str:
    return tokens.sign(_KIND, PREVIEW_FOR, row.id)


def read_preview(token: str) -> PageVersion:
    """What the link shows. NotFound once the day is over, and in another store."""
    gone = NotFound(_("This preview is no longer there. Ask for a new one in the back office."))
    try:
        row = db.session.get(PageVersion, tokens.subject_of(token, kind=_KIND))
    except Unauthenticated as error:
        raise gone from error
    if row is None:
        raise gone
    return row
