"""The web server: WEB_WORKERS processes of a few threads each, behind a proxy or, in development, by themselves.

GUNICORN_CMD_ARGS overrides anything here, e.g. `--bind 0.0.0.0:8000 --threads 8`.
"""

from config import Config

_config = Config.from_env()

wsgi_app = "app:create_app(with_commands=False)"
# A development server has accounts with a known password: it is for this machine only.
bind = f"{'0.0.0.0' if _config.is_production else '127.0.0.1'}:{_config.port}"  # noqa: S104
workers = _config.web_workers
worker_class = "gthread"
threads = 4
preload_app = True  # one import for all, and pages of memory shared
keepalive = 15
timeout = 60
graceful_timeout = 8
max_requests = 20_000  # against slow leaks of any library
max_requests_jitter = 2_000
# Without it two installations on one machine would share a socket in the home folder.
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def on_starting(server) -> None:
    """Lines as everybody's, and the figures of processes that ended long ago are taken away."""
    from kit import log, meters

    for handler in server.log.error_log.handlers:
        handler.setFormatter(log.formatter(readable=not _config.is_production))
    if _config.metrics_folder is not None:
        meters.configure(_config.metrics_folder)
        meters.forget_ended()


def worker_exit(server, worker) -> None:
    """What a worker counted in memory is written before it goes."""
    from services.catalog import views
    from services.search import misses

    with worker.app.wsgi().app_context():
        views.flush()
        misses.flush()
