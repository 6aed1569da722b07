"""Long work on many things: started by a person, done by the worker, watched, and undone as a whole.

    KIND = batches.register(Kind("products.price", mark("Price change"), apply=_apply, undo=_undo))
    batch = batches.start(KIND, {"percent": -10}, rows=[RowInput("Mug", target_id=product.id)], actor=actor)

The worker takes the rows by slices in the order given. A slice's changes, its rows' states and the batch's counters
are one transaction, under the batch's lock: killed anywhere, the work goes on after the last slice that was
committed, and two workers never do one row twice. See `Kind` for what a kind has to do with a slice.

`snapshots` in services/catalog helps kinds that change products: it says what a product was, what of it was changed,
and puts that back unless somebody changed it since.
"""

from services.batches.kinds import Change, Kind, find_kind, plain_changes, register
from services.batches.reading import counts_of_rows, export_rows, get_batch, list_batches, list_rows
from services.batches.running import each, each_back, run, write_down
from services.batches.starting import RowInput, check, prepare, resume, start, start_prepared, stop, undo

__all__ = [
    "Change",
    "Kind",
    "RowInput",
    "check",
    "counts_of_rows",
    "each",
    "each_back",
    "export_rows",
    "find_kind",
    "get_batch",
    "list_batches",
    "list_rows",
    "plain_changes",
    "prepare",
    "register",
    "resume",
    "run",
    "start",
    "start_prepared",
    "stop",
    "undo",
    "write_down",
]
