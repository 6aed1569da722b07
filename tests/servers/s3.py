"""An S3 endpoint in a thread, with one empty bucket."""

import logging

from tests.servers.process import Server

BUCKET, REGION = "vitrine", "eu-west-1"
# Any key opens it, but the client wants one.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def start_s3() -> Server:
    """`url` is a STORAGE_URL. Put `s3.CREDENTIALS` into the environment of who uses it."""
    import boto3  # both take half a second to import, and few tests want them
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # moto's requests are not of interest
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Server(f"s3://{BUCKET}?endpoint={endpoint}&region={REGION}", moto.stop)
