"""Every setting, read once from the environment; the only file that does.

Production refuses to start half-configured. See README for what each variable means.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent


class ConfigError(SystemExit):
    """Said in one line at start, instead of a traceback."""


@dataclass(frozen=True)
class Config:
    env: str = "development"
    instance: Path = ROOT / "instance"
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""
    credentials_keys: tuple[str, ...] = ()
    platform_domain: str = "localhost"
    port: int = 8000
    web_workers: int = 2
    demo: bool = True
    sysadmin_email: str = ""
    sysadmin_password: str = ""
    platform_two_factor: bool = False
    stripe_secret_key: str = ""
    stripe_publishable_key: str = ""
    stripe_webhook_secrets: tuple[str, ...] = ()
    stripe_api_base: str = ""
    vies_url: str = ""
    dns_zone: str = ""
    sandbox_port: int = 8001
    public_url: str = ""
    mail_url: str = ""
    mail_from: str = ""
    support_email: str = ""
    storage_url: str = ""
    allow_private_outbound: bool = False
    trusted_proxies: int = 0
    page_cache: bool = True
    rate_limits: bool = True
    sentry_dsn: str = ""
    metrics_token: str = ""
    access_log: bool = False

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def is_development(self) -> bool:
        return self.env == "development"

    @property
    def public_scheme(self) -> str:
        return urlsplit(self.public_url).scheme or "http"

    @property
    def public_port(self) -> str:
        """`:8000`, or nothing where the scheme's own port is used."""
        port = urlsplit(self.public_url).port
        return f":{port}" if port else ""

    def url_of(self, host: str) -> str:
        """The public address of a host without a port: what stands in mails and return URLs."""
        return f"{self.public_scheme}://{host}{self.public_port}"

    @property
    def metrics_folder(self) -> Path | None:
        """Where all processes of this machine write what they count. Tests ask one process only."""
        return None if self.env == "testing" else self.instance / "metrics"

    @classmethod
    def from_env(cls, env: dict[str, str] | None = None) -> "Config":
        get = (os.environ if env is None else env).get
        kind = get("APP_ENV") or "development"
        if kind not in {"development", "testing", "production"}:
            raise ConfigError(f"APP_ENV is {kind!r}; it must be development, testing or production.")
        instance = Path(get("INSTANCE_DIR") or ROOT / "instance").resolve()
        instance.mkdir(parents=True, exist_ok=True)
        production = kind == "production"
        port = _int(get("PORT"), 8000, "PORT")
        sandbox_port = _int(get("SANDBOX_PORT"), port + 1, "SANDBOX_PORT")
        # Without a Stripe of one's own, development and tests use the local sandbox.
        use_sandbox = not production and not get("STRIPE_SECRET_KEY")
        webhook_secret = get("STRIPE_WEBHOOK_SECRET") or (
            _made_once(instance, "webhook_secret") if use_sandbox else ""
        )
        config = cls(
            env=kind,
            instance=instance,
            database_url=_database(get("DATABASE_URL"), instance),
            redis_url=get("REDIS_URL") or "",
            secret_key=get("SECRET_KEY") or ("" if production else _made_once(instance, "secret_key")),
            credentials_keys=_list(get("CREDENTIALS_KEY"))
            or (() if production else (_made_once(instance, "credentials_key"),)),
            platform_domain=(get("PLATFORM_DOMAIN") or "localhost").lower(),
            port=port,
            web_workers=_int(get("WEB_WORKERS"), max(2, os.cpu_count() or 1), "WEB_WORKERS"),
            demo=not production and (get("DEMO") or ("1" if kind == "development" else "0")) == "1",
            sysadmin_email=get("SYSADMIN_EMAIL") or ("" if production else "sysadmin@platform.test"),
            sysadmin_password=get("SYSADMIN_PASSWORD") or ("" if production else "Demo-Pass-1"),
            platform_two_factor=(get("PLATFORM_TWO_FACTOR") or ("1" if production else "0")) == "1",
            stripe_secret_key=get("STRIPE_SECRET_KEY") or ("sk_test_sandbox" if use_sandbox else ""),
            stripe_publishable_key=get("STRIPE_PUBLISHABLE_KEY")
            or ("pk_test_sandbox" if use_sandbox else ""),
            stripe_webhook_secrets=_list(webhook_secret),
            stripe_api_base=get("STRIPE_API_BASE")
            or (f"http://localhost:{sandbox_port}" if use_sandbox else ""),
            vies_url=get("VIES_URL") or (f"http://localhost:{sandbox_port}/_vies" if use_sandbox else ""),
            dns_zone=get("DNS_ZONE") or ("" if production else str(instance / "dns.txt")),
            sandbox_port=sandbox_port,
            public_url=get("PUBLIC_URL") or f"http://localhost:{port}",
            mail_url=get("MAIL_URL") or ("" if production else (instance / "mail").as_uri()),
            mail_from=get("MAIL_FROM") or f"no-reply@{get('PLATFORM_DOMAIN') or 'localhost'}",
            support_email=get("SUPPORT_EMAIL") or ("" if production else "support@platform.test"),
            storage_url=get("STORAGE_URL") or (instance / "media").as_uri(),
            allow_private_outbound=(get("ALLOW_PRIVATE_OUTBOUND") or ("0" if production else "1")) == "1",
            trusted_proxies=_int(get("TRUSTED_PROXIES"), 0, "TRUSTED_PROXIES"),
            page_cache=(get("PAGE_CACHE") or "1") == "1",
            rate_limits=(get("RATE_LIMITS") or "1") == "1",
            sentry_dsn=get("SENTRY_DSN") or "",
            metrics_token=get("METRICS_TOKEN") or "",
            access_log=get("ACCESS_LOG") == "1",
        )
        if production:
            config._insist()
        return config

    def _insist(self) -> None:
        needed = {
            "SECRET_KEY": len(self.secret_key) >= 32,
            "CREDENTIALS_KEY": bool(self.credentials_keys),
            "PLATFORM_DOMAIN": self.platform_domain != "localhost",
            "PUBLIC_URL": self.public_url.startswith("https://"),
            "MAIL_URL": bool(self.mail_url),
            "STRIPE_WEBHOOK_SECRET": not self.stripe_secret_key or bool(self.stripe_webhook_secrets),
        }
        if missing := [name for name, is_set in needed.items() if not is_set]:
            raise ConfigError(
                "Production needs: "
                + ", ".join(missing)
                + ". (SECRET_KEY has at least 32 characters, PUBLIC_URL "
                "is https, STRIPE_WEBHOOK_SECRET goes with STRIPE_SECRET_KEY.)"
            )


def share_metrics(config: Config) -> None:
    """Before the first thing is counted: prometheus_client takes its folder from the environment."""
    if config.metrics_folder is not None:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(config.metrics_folder)


def _int(text: str | None, default: int, name: str) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        raise ConfigError(f"{name} is {text!r}; it must be a number.") from None


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _database(url: str | None, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'vitrine.sqlite'}"
    for old in ("postgres://", "postgresql://"):
        if url.startswith(old):
            return "postgresql+psycopg://" + url.removeprefix(old)
    return url


def _made_once(instance: Path, name: str) -> str:
    """A secret of this installation, made at first start and kept readable by its owner only."""
    path = instance / f".{name}"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(("whsec_" if name == "webhook_secret" else "") + secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()
