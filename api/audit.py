"""The audit log: to be read, and nothing else."""

from typing import Annotated

from pydantic import Field

from api.contract import PagedQuery, endpoint
from api.schemas.audit import EntryOut
from kit.actor import Role
from kit.drafts import IdRef
from kit.spans import Before, Since
from services import audit
from services.audit import AuditFilter

GROUP = "Audit Log"
Word = Annotated[str, Field(max_length=60)]


class AuditQuery(PagedQuery):
    """`user_id` is the one who acted."""

    resource_type: Word = ""
    action: Word = ""
    user_id: IdRef | None = None
    date_from: Since | None = None
    date_to: Before | None = None


@endpoint(
    "GET", "/admin/audit-log", allow=Role.ADMIN, group=GROUP, query=AuditQuery, answer=EntryOut, many=True
)
def list_entries(query: AuditQuery):
    """Who did what in the back office, newest first."""
    wanted = AuditFilter(
        resource_type=query.resource_type,
        action=query.action,
        user_id=query.user_id,
        since=query.date_from,
        before=query.date_to,
    )
    return audit.list_entries(wanted, page=query.page, page_size=query.page_size)
