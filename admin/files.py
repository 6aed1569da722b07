"""Files that a list goes out as."""

from collections.abc import Iterator

from flask import Response, stream_with_context


def csv_file(name: str, pieces: Iterator[str]) -> Response:
    """`name` without its ending. Streamed: a long list needs little memory; kept by nobody in between."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(stream_with_context(pieces), 200, headers, content_type="text/csv; charset=utf-8")
