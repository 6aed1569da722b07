"""What a command for many things would do, row by row, before it starts: one page for every list that has commands."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, url_for

from admin.batches import STATUS, dry_runs, thing_url, view_of_rows
from admin.frame import page
from admin.wording import Badge, badge
from kit.errors import NotFound
from kit.i18n import _, mark
from models.batches import Batch, BatchRow, BatchStatus, Verdict
from services import batches
from web.auth import actor
from web.filters import number
from web.htmx import go, go_to, wants_fragment
from web.lists import choice_arg, listing, page_arg, page_url

VERDICT: dict[str, Badge] = {
    Verdict.CHANGED: (mark("Will change"), "info", "dot"),
    Verdict.UNCHANGED: (mark("Is so already"), "neutral", "done"),
    Verdict.BAD: (mark("Will be refused"), "bad", "stop"),
}


@dataclass(frozen=True, slots=True)
class Previewed:
    """A list's commands. `url` and `start` are endpoints that take a batch_id; `back` is the list;
    `do` names the button by how many things change, `refused` says what becomes of the rest."""

    kinds: Collection[str]
    url: str
    start: str
    label: str
    head: str
    back: Callable[[], str]
    do: Callable[[int], str]
    refused: Callable[[int], str]
    at_once: int  # so many rows are looked through while the browser waits

    def __post_init__(self) -> None:
        dry_runs.update(dict.fromkeys(self.kinds, self.url))

    def look(self, batch: Batch) -> Response:
        """On to the preview. A short one is made here and now."""
        if batch.total <= self.at_once:
            batches.run(str(batch.id))
        return go(self.url, batch_id=batch.id)

    def show(self, batch_id: UUID) -> Response:
        """Asked again while the dry run is on its way."""
        batch = self._find(batch_id)
        here = url_for(self.url, batch_id=batch.id)
        if batch.status is BatchStatus.CHECKING:
            if wants_fragment():
                return page("admin/batches/_waiting.html", batch=self._waiting(batch))
            return page(
                "admin/batches/preview.html", batch=self._waiting(batch), counts={}, **self._heading(batch)
            )
        if batch.status is not BatchStatus.CHECKED:
            return go("admin.show_batch", batch_id=batch.id)
        if wants_fragment():
            return go_to(here)
        counted = batches.counts_of_rows(batch)
        counts = {key: counted.get(key, 0) for key in VERDICT}
        verdict = choice_arg("verdict", VERDICT)
        found = batches.list_rows(batch, verdict=Verdict(verdict) if verdict else None, page=page_arg())
        kinds = [(key, badge(VERDICT, key)[0], count) for key, count in counts.items()]
        return page(
            "admin/batches/preview.html", batch=self._waiting(batch), counts=counts, page_url=page_url,
            rows=listing(found, lambda row: _row(batch, row))
            | {"changes": batches.find_kind(batch.kind).show(found.items)},
            views=view_of_rows(self.url, batch, "verdict", verdict, kinds),
            start_url=url_for(self.start, batch_id=batch.id), back_url=self.back(),
            do=self.do(counts[Verdict.CHANGED]), refused=self.refused(counts[Verdict.BAD]), head=_(self.head),
            **self._heading(batch),
        )  # fmt: skip

    def go_on(self, batch_id: UUID) -> Response:
        """Start what was looked at."""
        self._find(batch_id)
        batches.start_prepared(batch_id, actor=actor())
        return go("admin.show_batch", batch_id=batch_id)

    def _find(self, batch_id: UUID) -> Batch:
        batch = batches.get_batch(batch_id)
        if batch.kind not in self.kinds:
            raise NotFound(_("There is no such job."))
        return batch

    def _heading(self, batch: Batch) -> dict[str, Any]:
        kind = batches.find_kind(batch.kind)
        return {"heading": kind.says, "note": kind.describe(batch),
                "trail": [(_(self.label), self.back()), (kind.says, None)]}  # fmt: skip

    def _waiting(self, batch: Batch) -> dict[str, Any]:
        return {"id": batch.id, "url": url_for(self.url, batch_id=batch.id), "total": batch.total,
                "status": badge(STATUS, batch.status), "is_moving": batch.is_moving, "done": batch.checked,
                "progress": _("%(done)s of %(total)s rows", done=number(batch.checked), total=number(batch.total)),
                }  # fmt: skip


def _row(batch: Batch, row: BatchRow) -> dict[str, Any]:
    return {"name": row.reference or "–", "url": thing_url(batch, row), "verdict": badge(VERDICT, row.verdict),
            "message": row.message}  # fmt: skip
