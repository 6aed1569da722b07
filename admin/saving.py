"""The back office's forms are refused like the console's."""

from web.saving import (
    FIELD_OF,
    Difference,
    Saved,
    as_invalid,
    differences,
    save,
    shown,
)

__all__ = [
    "FIELD_OF",
    "Difference",
    "Saved",
    "as_invalid",
    "differences",
    "save",
    "shown",
]
