"""Long work on many things at once: what is asked, how far it is, and what each row was before."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word, ref


class BatchStatus(StrEnum):
    DRAFT = "draft"  # rows are there, what to do with them is not said yet
    CHECKING = "checking"  # the dry run
    CHECKED = "checked"
    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"  # by a person; may go on, or be undone
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowState(StrEnum):
    PENDING = "pending"
    DONE = "done"  # changed; `before` and `after` say how
    UNCHANGED = "unchanged"  # it was so already
    FAILED = "failed"  # refused; `message` says why
    UNDONE = "undone"
    KEPT = "kept"  # not undone, because somebody changed it since; `message` says what


class Verdict(StrEnum):
    """What the dry run expects of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BAD = "bad"


class Batch(TenantOwned, Timestamps, Base):
    """One command for many rows. The counters move in the transaction of the rows that they count."""

    __tablename__ = "batches"
    __table_args__ = (Index(None, "tenant_id", "created_at"),)

    kind: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[BatchStatus] = mapped_column(Word(BatchStatus), default=BatchStatus.QUEUED)
    total: Mapped[int] = mapped_column(default=0)
    checked: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    # Who started it, as the audit log will name them when a worker does the work.
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    actor_role: Mapped[str] = mapped_column(String(20), default="")
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    actor_email: Mapped[str] = mapped_column(String(254), default="")
    impersonator: Mapped[str] = mapped_column(String(254), default="", server_default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")  # in which messages of rows are written
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    @property
    def worked(self) -> int:
        """Rows that are through, however it went."""
        return self.changed + self.unchanged + self.failed

    @property
    def is_moving(self) -> bool:
        """A worker is at it, or will be soon."""
        return self.status in MOVING


MOVING = frozenset({BatchStatus.CHECKING, BatchStatus.QUEUED, BatchStatus.RUNNING, BatchStatus.UNDOING})


class BatchRow(TenantOwned, Base):
    """One thing of a batch. `before` and `after` hold only what was changed; kinds decide on their shape."""

    __tablename__ = "batch_rows"
    __table_args__ = (
        UniqueConstraint("tenant_id", "batch_id", "position"),
        Index(None, "tenant_id", "batch_id", "state", "position"),
    )

    REFERENCE_MAX = 200

    batch_id: Mapped[UUID] = ref("batches", cascade=True, index=False)
    position: Mapped[int]  # the order of the work, from 1
    line: Mapped[int | None]  # in the file that it came from, the heading being line 1
    reference: Mapped[str] = mapped_column(
        String(REFERENCE_MAX), default=""
    )  # what people know it by: name or SKU
    target_id: Mapped[UUID | None]  # of the product, where there is one
    input: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[Verdict | None] = mapped_column(Word(Verdict))
    state: Mapped[RowState] = mapped_column(Word(RowState), default=RowState.PENDING)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    message: Mapped[str] = mapped_column(Text, default="")

    def done(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """It was changed; both say only what differs."""
        self.state, self.before, self.after, self.message = RowState.DONE, before, after, ""

    def same(self, message: str = "") -> None:
        self.state, self.message = RowState.UNCHANGED, message

    def fail(self, message: str) -> None:
        self.state, self.before, self.after, self.message = RowState.FAILED, None, None, message

    def undone(self) -> None:
        self.state, self.message = RowState.UNDONE, ""

    def keep(self, message: str) -> None:
        self.state, self.message = RowState.KEPT, message


class BatchFile(TenantOwned, Base):
    """What was uploaded, so that it can be read in another way, and its bad rows can be given back."""

    __tablename__ = "batch_files"
    __table_args__ = (UniqueConstraint("tenant_id", "batch_id"),)

    batch_id: Mapped[UUID] = ref("batches", cascade=True, index=False)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # packed by zlib
