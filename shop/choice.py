"""Which variant is meant? The values chosen so far, and what each other choice would lead to.

In addresses and forms the groups are called o1, o2 …, by their order: a page's cache needs to know its parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.i18n import _
from models.catalog import Attribute, AttributeValue, StockStatus, Variant

GROUPS_MAX = 5
NAMES = tuple(f"o{n}" for n in range(1, GROUPS_MAX + 1))


@dataclass(frozen=True)
class Group:
    """An attribute in which the variants differ. `name` is its field."""

    name: str
    attribute: Attribute
    values: tuple[AttributeValue, ...]


@dataclass(frozen=True)
class Choice:
    """`picked`: group name → the chosen value. `variant` is there once every group has one and it exists."""

    groups: tuple[Group, ...]
    picked: Mapping[str, AttributeValue]
    variants: Sequence[Variant]
    variant: Variant | None

    @property
    def missing(self) -> list[Group]:
        return [group for group in self.groups if group.name not in self.picked]

    @property
    def is_impossible(self) -> bool:
        """Everything is chosen, and there is no such combination."""
        return bool(self.groups) and not self.missing and self.variant is None

    def leads_to(self, group: Group, value: AttributeValue) -> list[Variant]:
        """The variants with this value that agree with what is chosen in the other groups."""
        others = [v.id for name, v in self.picked.items() if name != group.name]
        return [one for one in self.variants if {value.id, *others} <= {v.id for v in one.values}]


def choose(variants: Sequence[Variant], asked: Mapping[str, str], variant_id: str = "") -> Choice:
    """From the fields o1, o2 … of the address or form; without them, from the id of a variant. A group of one value
    is no question."""
    groups = _groups(variants)
    given = next((one for one in variants if str(one.id) == variant_id), None)
    picked: dict[str, AttributeValue] = {}
    for group in groups:
        value = next((v for v in group.values if v.slug == asked.get(group.name)), None)
        if value is None and given is not None and not any(name in asked for name in NAMES):
            value = next((v for v in given.values if v.attribute_id == group.attribute.id), None)
        if value is None and len(group.values) == 1:
            value = group.values[0]
        if value is not None:
            picked[group.name] = value
    wanted = {value.id for value in picked.values()}
    found = next((one for one in variants if {v.id for v in one.values} == wanted), None)
    return Choice(groups, picked, variants, found if len(picked) == len(groups) else None)


def _groups(variants: Sequence[Variant]) -> tuple[Group, ...]:
    attributes: dict[Any, Attribute] = {}
    values: dict[Any, dict[Any, AttributeValue]] = {}
    for variant in variants:
        for value in variant.values:
            attributes[value.attribute_id] = value.attribute
            values.setdefault(value.attribute_id, {})[value.id] = value
    ordered = sorted(attributes.values(), key=lambda a: (a.position, a.name, a.id))[:GROUPS_MAX]
    return tuple(
        Group(
            name, attribute, tuple(sorted(values[attribute.id].values(), key=lambda v: (v.position, v.slug)))
        )
        for name, attribute in zip(NAMES, ordered, strict=False)
    )


def shown_groups(choice: Choice, *, insist: bool = False) -> list[dict[str, Any]]:
    """For the template. With `insist` a group that was left out says so."""
    missing = choice.missing if insist else []
    return [
        {
            "name": group.name,
            "label": group.attribute.label,
            "error": _("Please choose: %(what)s.", what=group.attribute.label) if group in missing else "",
            "values": [_shown(choice, group, value) for value in group.values],
        }
        for group in choice.groups
    ]


def _shown(choice: Choice, group: Group, value: AttributeValue) -> dict[str, Any]:
    reached = choice.leads_to(group, value)
    is_there = any(one.stock_status is not StockStatus.OUT_OF_STOCK for one in reached)
    picked = choice.picked.get(group.name)
    return {
        "value": value.slug,
        "label": value.label,
        "checked": picked is not None and picked.id == value.id,
        "available": is_there,
        "note": "" if is_there else _("sold out") if reached else _("not available"),
        "swatch": value.color,
    }
