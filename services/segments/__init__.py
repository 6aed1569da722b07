"""Customers in groups: by how they buy (standing), and by rules that the store makes (rules, saved)."""

from services.segments.rules import KINDS, RuleDraft, conditions, shown_value
from services.segments.saved import (
    SegmentDraft,
    count_matching,
    create_segment,
    delete_segment,
    get_segment,
    list_segments,
    sizes_of,
    update_segment,
)
from services.segments.standing import (
    COUNTED,
    SEGMENTS,
    best,
    column,
    count,
    matching,
    overview,
    segment_of,
    sizes,
    sorting,
    with_stats,
)

__all__ = [
    "COUNTED",
    "KINDS",
    "SEGMENTS",
    "RuleDraft",
    "SegmentDraft",
    "best",
    "column",
    "conditions",
    "count",
    "count_matching",
    "create_segment",
    "delete_segment",
    "get_segment",
    "list_segments",
    "matching",
    "overview",
    "segment_of",
    "shown_value",
    "sizes",
    "sizes_of",
    "sorting",
    "update_segment",
    "with_stats",
]
