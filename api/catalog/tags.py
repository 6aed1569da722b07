"""Tags."""

from api.catalog._answers import cacheable
from api.contract import Created, actor, endpoint
from api.schemas.catalog import TagOut
from kit.actor import Role
from services.catalog import tags
from services.catalog.tags import TagDraft
from web.access import PUBLIC

GROUP = "Tags"


@endpoint("GET", "/tags", allow=PUBLIC, group=GROUP, answer=TagOut, many=True)
def list_tags():
    """List all tags with the number of products that can be seen."""
    return cacheable(tags.list_tags(), TagOut)


@endpoint("POST", "/tags", allow=Role.MANAGER, group=GROUP, body=TagDraft, answer=TagOut, status=201,
          errors=("tag-exists",))  # fmt: skip
def create_tag(draft: TagDraft):
    """Create a tag; names are compared without case."""
    tag = tags.create_tag(draft, actor=actor())
    return Created(tag, f"/api/tags/{tag.id}")


@endpoint("DELETE", "/tags/<tag_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_tag(tag_id: str):
    """Delete a tag; products lose it."""
    tags.delete_tag(tag_id, actor=actor())
