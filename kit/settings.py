"""What every process is set by, read from environment variables with the prefix XIAOHE_; each package adds its own."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.security import is_same_secret
from kit.vault import Vault

SECRET_LENGTH_MIN = 24
_ASKS_FOR_TLS = re.compile("[?&](?:ssl|sslmode)=(?:require|verify-ca|verify-full)")
ROOT = Path(__file__).resolve().parent.parent
DEMO_ENV = ROOT / "var" / "demo.env"  # the demo's own secrets (dev/environment.py)


class Settings(BaseSettings):
    """Validated when built: pydantic.ValidationError names what is wrong. docs/settings.md lists every variable.

    A process with settings of its own extends this class in its package. What has a prefix of its own (the variables
    XIAOHE_WECHAT_…) is a group: a model beside the code that it sets up, in a field named after the prefix.
    """

    model_config = SettingsConfigDict(
        env_prefix="XIAOHE_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        hide_input_in_errors=True,  # an error's text goes to the log: it must not repeat a secret
    )

    environment: Literal["demo", "production"] = Field(
        "demo",
        description="`production` refuses to start with unsafe settings; `python -m dev.doctor` says what is missing.",
    )
    database_url: str = Field(
        f"sqlite+aiosqlite:///{ROOT}/var/xiaohe.db",
        description="SQLAlchemy URL of the shared record; `postgresql+asyncpg://…` beyond one machine.",
    )
    tracker_url: str = Field(
        f"sqlite:///{ROOT}/var/rasa.db",
        description="SQLAlchemy 1.4 URL of Rasa's tracker store; `postgresql://…` beyond one machine.",
    )
    gateway_url: str = Field(
        "http://127.0.0.1:8000", description="Where the gateway listens and is found: chat page and channels."
    )
    public_url: str = Field(
        "", description="Where the gateway is found from the internet, for the platforms and links: `https://…`."
    )
    desk_url: str = Field("http://127.0.0.1:8030", description="Where the staff site listens and is found.")
    knowledge_url: str = Field("http://127.0.0.1:8010", description="Where the knowledge service listens and is found.")
    scoring_url: str = Field(
        "http://127.0.0.1:8020",
        description="Where the scoring service is found; a bank may point it at its own.",
    )
    pictures_url: str = Field(
        "http://127.0.0.1:8050", description="Where the process that reads pictures listens and is found."
    )
    actions_url: str = Field("http://127.0.0.1:5055", description="Where the action server listens and is found.")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where the Rasa server listens and is found.")
    rasa_token: SecretStr = Field(
        SecretStr(""),
        description="Secret. Lets the gateway, the desk (for erasing) and measuring in the demo speak to Rasa.",
    )
    service_token: SecretStr = Field(
        SecretStr(""),
        description="Secret. Lets the action server file applications in the desk process and read the products there.",
    )
    knowledge_token: SecretStr = Field(
        SecretStr(""),
        description="Secret. Lets the gateway, the desk, the action server and Rasa ask the knowledge service.",
    )
    scoring_token: SecretStr = Field(
        SecretStr(""), description="Secret. Lets the action server ask the scoring service for decisions."
    )
    pictures_token: SecretStr = Field(
        SecretStr(""), description="Secret. Lets our processes have pictures read that customers sent."
    )
    actions_token: SecretStr = Field(SecretStr(""), description="Secret. Lets the Rasa server call the action server.")
    vault_keys: SecretStr = Field(
        SecretStr(""),
        description="Secrets, by commas. Encrypt personal data at rest: the first one encrypts, all of them decrypt. "
        "To change the key, put a new one first, restart, and run `python -m migrations rotate-key`.",
    )
    vault_hash_key: SecretStr = Field(
        SecretStr(""),
        description="Secret. Hashes names and numbers so that they can be searched for; it cannot be changed later.",
    )
    vault_cipher: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        "aes-256-gcm", description="What encrypts: `sm4-gcm` for banks that have to use SM4."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of the proxies before us, by commas: they say from where a request comes. "
        "Empty: nobody is believed.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    def open_vault(self) -> Vault:
        """The vault by these settings; ValueError if a key is missing."""
        secrets = self.vault_keys.get_secret_value().split(",")
        return Vault(secrets, self.vault_hash_key.get_secret_value(), self.vault_cipher)

    @model_validator(mode="after")
    def require_safe_production(self) -> Self:
        """Refuses an unsafe production start, naming all that is missing."""
        if self.environment == "production" and (gaps := self.list_gaps()):
            raise ValueError("; ".join(gaps))
        return self

    def list_gaps(self) -> list[str]:
        """What production demands and these settings lack, in the order to mend it; a process adds its own.

        No gap repeats a secret.
        """
        secrets = {variable: getattr(self, name) for name, variable in SHARED_SECRETS.items()}
        gaps = [*list_weak_secrets(secrets)]
        for (name, secret), (other, value) in combinations(secrets.items(), 2):
            if is_same_secret(secret.get_secret_value(), value.get_secret_value()):
                gaps.append(f"{name} and {other} must differ")
        gaps += (f"{name} is the demo's (var/demo.env)" for name in list_demo_secrets(secrets))
        for name, url in (("XIAOHE_DATABASE_URL", self.database_url), ("XIAOHE_TRACKER_URL", self.tracker_url)):
            if url.startswith("postgresql") and not (is_database_local(url) or _ASKS_FOR_TLS.search(url)):
                gaps.append(f"{name} must ask for TLS: the database is on another machine")
        for field in INNER_URLS:
            address = urlsplit(getattr(self, field))
            if address.scheme != "https" and not is_local(address.hostname):
                gaps.append(f"XIAOHE_{field.upper()} must be https://… on another machine: tokens and incomes go there")
        if any(0 < len(key) < SECRET_LENGTH_MIN for key in self.vault_keys.get_secret_value().split(",")):
            gaps.append(f"each of XIAOHE_VAULT_KEYS needs {SECRET_LENGTH_MIN} characters")
        if self.log_level == "DEBUG":
            gaps.append("XIAOHE_LOG_LEVEL must not be DEBUG: requests would be logged")
        return gaps


# Where our processes call one another, with tokens and what customers said.
INNER_URLS = ("desk_url", "knowledge_url", "scoring_url", "pictures_url", "actions_url", "rasa_url")
# The variables of the secrets that all processes share, by field.
SHARED_SECRETS = {
    name: f"XIAOHE_{name.upper()}" for name, field in Settings.model_fields.items() if field.annotation is SecretStr
}


def list_weak_secrets(secrets: Mapping[str, SecretStr], length_min: int = SECRET_LENGTH_MIN) -> Iterator[str]:
    """The variables that are empty or too short to be unguessable."""
    for name, secret in secrets.items():
        length = len(secret.get_secret_value())
        if length < length_min:
            yield f"must be set: {name}" if not length else f"{name} needs {length_min} characters"


def list_demo_secrets(secrets: Mapping[str, SecretStr]) -> Iterator[str]:
    """The variables whose value was made for the demo on this machine."""
    if DEMO_ENV.exists():
        demo = [line.partition("=")[2].strip() for line in DEMO_ENV.read_text().splitlines() if "=" in line]
        for name, secret in secrets.items():
            if any(is_same_secret(secret.get_secret_value(), each) for each in demo):
                yield name


def list_plain_urls(name: str, *urls: str) -> Iterator[str]:
    """The variable, if a URL is not https: what goes over plain http could be read on the way."""
    if any(not url.startswith("https://") for url in urls):
        yield f"{name} must be https://…"


def list_proxy_gaps(trusted_proxies: str) -> Iterator[str]:
    """What a process open to people lacks: unless the proxy that ends TLS is trusted, all have its address.

    They would share its limits, and pauses of one would be pauses of all.
    """
    if not trusted_proxies:
        yield "XIAOHE_TRUSTED_PROXIES must name the proxy that ends TLS"
    elif "*" in (each.strip() for each in trusted_proxies.split(",")):
        yield "XIAOHE_TRUSTED_PROXIES must not be *: anybody could claim any address"


def is_database_local(url: str) -> bool:
    """Whether all hosts of a PostgreSQL URL are this machine; the query may name some, also as a socket's folder."""
    parts = urlsplit(url)
    named = [(name, each) for name, value in parse_qsl(parts.query) for each in value.split(",")]
    netloc = parts.netloc.rpartition("@")[2]
    hosts = [*netloc.split(","), *(host for name, host in named if name in ("host", "hostaddr"))]
    has_service = any(name == "service" for name, _ in named)  # a file names the host
    return not has_service and all(host.startswith("/") or is_local(_drop_port(host)) for host in hosts)


def _drop_port(host: str) -> str:
    """A host as a URL's query may name it: `db.bank:5432`, `[::1]:5432`, `::1`."""
    is_bare_ipv6 = host.count(":") > 1 and not host.startswith("[")
    return host if is_bare_ipv6 else urlsplit(f"//{host}").hostname or ""


def is_local(host: str | None) -> bool:
    """Whether a host is this machine."""
    return host in (None, "", "localhost", "127.0.0.1", "::1")


def require_secrets(secrets: Mapping[str, SecretStr]) -> None:
    """Raises ValueError naming the variables that are empty: an empty secret would let anybody in."""
    if missing := [name for name, secret in secrets.items() if not secret.get_secret_value()]:
        raise ValueError("must be set: " + ", ".join(missing))


def split_address(url: str) -> tuple[str, int]:
    """Host and port a process binds for the URL its callers use; ValueError without a port."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise ValueError(f"{url!r} needs a host and a port")
    return parts.hostname, parts.port
