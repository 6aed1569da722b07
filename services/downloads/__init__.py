"""Files that are sold: kept private, given to who has paid, so often and so long as the product says."""

from services.downloads.files import FILE_MAX, PER_PRODUCT, add_file, delete_file, files_of, remove_unused
from services.downloads.links import configure, fetch, token_of
from services.downloads.rights import grant, is_paid, of_order

__all__ = [
    "FILE_MAX",
    "PER_PRODUCT",
    "add_file",
    "configure",
    "delete_file",
    "fetch",
    "files_of",
    "grant",
    "is_paid",
    "of_order",
    "remove_unused",
    "token_of",
]
