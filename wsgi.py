"""What `flask` loads, and any web server that wants an `app`. Ours (gunicorn.conf.py) makes one without commands."""

from app import create_app

app = create_app()
