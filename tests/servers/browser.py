"""Which browser the tests drive."""

import os
import shutil
from pathlib import Path

_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def chromium() -> dict:
    """The arguments of playwright's `launch`: the system's Chromium, or without one the browser playwright has fetched.

    Store hosts (`demo.localhost`) resolve to this machine inside the browser, and nothing else resolves at all.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    found = found or next((path for path in _MAC if Path(path).exists()), None)
    arguments = ["--host-resolver-rules=MAP * 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    return {"executable_path": found, "args": arguments} if found else {"args": arguments}
