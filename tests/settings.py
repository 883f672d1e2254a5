"""Every variable that settings are read from, and what all their tests share."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from connectors.settings import GatewaySettings
from desk.settings import DeskSettings
from kit.settings import Settings
from knowledge.settings import KnowledgeSettings
from pictures.settings import PicturesSettings
from scoring.settings import ScoringSettings

PROCESSES: tuple[type[Settings], ...] = (
    Settings,
    GatewaySettings,
    DeskSettings,
    KnowledgeSettings,
    PicturesSettings,
    ScoringSettings,
)
SECRETS = {
    "XIAOHE_RASA_TOKEN": "first-secret-of-24-letters",
    "XIAOHE_SERVICE_TOKEN": "second-secret-of-24-letters",
    "XIAOHE_KNOWLEDGE_TOKEN": "another-secret-of-24-letters",
    "XIAOHE_SCORING_TOKEN": "tenth-secret-of-24-letters",
    "XIAOHE_PICTURES_TOKEN": "sixteenth-secret-of-24-letters",
    "XIAOHE_ACTIONS_TOKEN": "eleventh-secret-of-24-letters",
    "XIAOHE_VAULT_KEYS": "twelfth-secret-of-24-letters,an-older-secret-of-24-letters",
    "XIAOHE_VAULT_HASH_KEY": "thirteenth-secret-of-24-letters",
}
ADDRESSES = {
    "XIAOHE_PUBLIC_URL": "https://chat.bank.example",
    "XIAOHE_DESK_PUBLIC_URL": "https://desk.bank.example",
    "XIAOHE_TRUSTED_PROXIES": "10.0.0.1",
}
PRODUCTION = {"XIAOHE_ENVIRONMENT": "production", **SECRETS, **ADDRESSES}
WECHAT = {
    "XIAOHE_WECHAT_APP_ID": "wx1",
    "XIAOHE_WECHAT_APP_SECRET": "fourth-secret",
    "XIAOHE_WECHAT_TOKEN": "fifth-secret",
    "XIAOHE_WECHAT_AES_KEY": "sixth-secret" + "k" * 31,
}
TELEGRAM = {"XIAOHE_TELEGRAM_BOT_TOKEN": "1:seventh-secret", "XIAOHE_TELEGRAM_WEBHOOK_SECRET": "eighth-secret-of-many"}
OIDC = {
    "XIAOHE_OIDC_ISSUER": "https://id.bank.example",
    "XIAOHE_OIDC_CLIENT_ID": "xiaohe",
    "XIAOHE_OIDC_CLIENT_SECRET": "fifteenth-secret",
}
SMS = {"XIAOHE_SMS_URL": "https://sms.bank.example/send", "XIAOHE_SMS_TOKEN": "fourteenth-secret"}
WECOM = {"XIAOHE_WECOM_CORP_ID": "ww1", "XIAOHE_WECOM_AGENT_ID": "7", "XIAOHE_WECOM_SECRET": "ninth-secret"}
WECOM_SERVICE = {
    "XIAOHE_WECOM_SERVICE_CORP_ID": "ww1",
    "XIAOHE_WECOM_SERVICE_SECRET": "seventeenth-secret",
    "XIAOHE_WECOM_SERVICE_TOKEN": "eighteenth-secret",
    "XIAOHE_WECOM_SERVICE_AES_KEY": "nineteenth-secret" + "k" * 26,
}


def list_variables() -> dict[str, Any]:
    """The field of every variable of every process."""
    return {name: field for process in PROCESSES for name, field in _list_fields(process, "XIAOHE_")}


def set_environment(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def _list_fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        variable = prefix + str(field.validation_alias or name).upper()
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from _list_fields(group, f"{variable}_")
        else:
            yield variable, field
