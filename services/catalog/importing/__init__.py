"""Products from a CSV file: uploaded, its columns mapped, looked at in a dry run, done in the background, undone.

A row is a product, or a variant that names its product. It is found again by its SKU, else by its address, else by
its name, so that a file that is imported twice changes nothing twice. Categories, tags and options are found by their
names and made where they are missing. Pictures come from their web
addresses, once the rows are in (see pictures.py); files are not taken over.
"""

from kit.i18n import mark
from services import batches
from services.batches import Kind
from services.catalog import wording
from services.catalog.importing.errors import bad_lines
from services.catalog.importing.pictures import fetch as fetch_pictures
from services.catalog.importing.undoing import undo
from services.catalog.importing.uploading import BYTES_MAX, NAME, Upload, choose_columns, get_upload, upload
from services.catalog.importing.working import apply, check

KIND = batches.register(
    Kind(
        NAME,
        mark("Import of products"),
        apply=apply,
        undo=undo,
        check=check,
        describe=lambda batch: str(batch.params.get("file", "")),
        show=wording.show,
        slice=100,  # some 5 ms each: nobody waits long for the database
    )
)

__all__ = [
    "BYTES_MAX",
    "KIND",
    "NAME",
    "Upload",
    "bad_lines",
    "choose_columns",
    "fetch_pictures",
    "get_upload",
    "upload",
]
