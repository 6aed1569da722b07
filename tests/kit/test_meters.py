"""Several processes count into one folder, and any of them tells the sum."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNTING = """
import os, sys
from pathlib import Path
from kit import meters

meters.configure(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
for _ in range(3):
    if os.fork() == 0:
        for _ in range(4):
            meters.request("shop.home", "GET", "200", 0.02)
        meters.connection("open", 1)
        os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
meters.connection("open", 1)
figure = meters.Figure("stores", "Stores.", ("status",), [(("active",), 2)])
sys.stdout.buffer.write(meters.told([figure]))
"""


def test_the_sum_of_all_processes_is_told(tmp_path):
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COUNTING], env=env, cwd=ROOT, capture_output=True, check=True
    )
    told = done.stdout.decode().splitlines()
    assert 'vitrine_http_requests_total{method="GET",route="shop.home",status="200"} 12.0' in told
    assert 'vitrine_http_request_seconds_bucket{le="0.025",route="shop.home"} 12.0' in told
    # Connections of processes that are gone are gone; counts stay.
    assert 'vitrine_db_connections{state="open"} 1.0' in told
    assert 'vitrine_stores{status="active"} 2.0' in told
