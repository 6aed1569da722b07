"""What `flask` and the web server load."""

from app import create_app

app = create_app()
