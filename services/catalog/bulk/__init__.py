"""The same command for many products: a batch with a dry run, a report and a way back."""

from services.catalog.bulk.kinds import COMMANDS, prepare
from services.catalog.bulk.words import describe, show

__all__ = ["COMMANDS", "describe", "prepare", "show"]
