"""An S3 bucket as a file store."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kit.errors import Unavailable
from kit.i18n import _

TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
}


class Bucket:
    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None):
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(
                connect_timeout=3, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"}
            ),
        )

    def write(self, key: str, body: bytes) -> None:
        self._ask(
            self.client.put_object,
            Key=self.prefix + key,
            Body=body,
            ContentType=TYPES.get(key.rpartition(".")[2], "application/octet-stream"),
            CacheControl="public, max-age=31536000, immutable",
        )

    def read(self, key: str) -> bytes | None:
        found = self._ask(self.client.get_object, Key=self.prefix + key)
        return None if found is None else found["Body"].read()

    def has(self, key: str) -> bool:
        return self._ask(self.client.head_object, Key=self.prefix + key) is not None

    def delete(self, key: str) -> None:
        self._ask(self.client.delete_object, Key=self.prefix + key)

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + prefix
        )
        for page in pages:
            for row in page.get("Contents", []):
                yield row["Key"].removeprefix(self.prefix)

    def _ask(self, call: Any, **kw: Any) -> Any:
        """The answer, or None where there is no such file."""
        try:
            return call(Bucket=self.bucket, **kw)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404", "NotFound"}:
                return None
            raise Unavailable(_("The file store does not answer.")) from error
        except BotoCoreError as error:
            raise Unavailable(_("The file store does not answer.")) from error
