"""Attributes and their values."""

from api.catalog._answers import cacheable
from api.contract import Created, actor, endpoint
from api.schemas.catalog import AttributeOut
from kit.actor import Role
from services.catalog import attributes
from services.catalog.attributes import AttributeDraft, ValueDraft
from web.access import PUBLIC

GROUP = "Product Attributes"


@endpoint("GET", "/attributes", allow=PUBLIC, group=GROUP, answer=AttributeOut, many=True)
def list_attributes():
    """List all attributes with their values."""
    return cacheable(attributes.list_attributes(), AttributeOut)


@endpoint("POST", "/attributes", allow=Role.MANAGER, group=GROUP, body=AttributeDraft, answer=AttributeOut,
          status=201, errors=("attribute-exists", "value-exists"))  # fmt: skip
def create_attribute(draft: AttributeDraft):
    """Create an attribute, with values if you like: `"values": ["S", "M"]`."""
    attribute = attributes.create_attribute(draft, actor=actor())
    return Created(attribute, f"/api/attributes/{attribute.id}")


@endpoint("POST", "/attributes/<attribute_id>/values", allow=Role.MANAGER, group=GROUP, body=ValueDraft,
          answer=AttributeOut, status=201, errors=("value-exists",))  # fmt: skip
def add_value(attribute_id: str, draft: ValueDraft):
    """Add a value to an attribute; the answer is the attribute."""
    attribute = attributes.add_value(attribute_id, draft, actor=actor())
    return Created(attribute, f"/api/attributes/{attribute.id}")


@endpoint("DELETE", "/attributes/<attribute_id>", allow=Role.MANAGER, group=GROUP, status=204,
          errors=("attribute-in-use",))  # fmt: skip
def delete_attribute(attribute_id: str):
    """Delete an attribute that no variant uses."""
    attributes.delete_attribute(attribute_id, actor=actor())


@endpoint("DELETE", "/attributes/<attribute_id>/values/<value_id>", allow=Role.MANAGER, group=GROUP, status=204,
          errors=("value-in-use",))  # fmt: skip
def delete_value(attribute_id: str, value_id: str):
    """Delete a value that no variant uses."""
    attributes.delete_value(attribute_id, value_id, actor=actor())
