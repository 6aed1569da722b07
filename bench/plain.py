"""gunicorn without the product's own settings: the yardstick and the product run alike."""
