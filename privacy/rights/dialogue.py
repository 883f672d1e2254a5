"""The dialogue's own store, Rasa's: it forgets first, so that what it could not forget is not reported as erased."""

from typing import Any

from kit.http import ServiceClient
from kit.settings import Settings

FORGET_SECONDS = 5.0


def connect_rasa(settings: Settings) -> ServiceClient:
    """For those who only have dialogues forgotten; connects on first use."""
    token = settings.rasa_token.get_secret_value()
    return ServiceClient("rasa", settings.rasa_url, deadline=FORGET_SECONDS, token=token)


async def forget_dialogue(rasa: ServiceClient, conversation_id: str) -> None:
    """Deletes a dialogue. Raises ServiceUnavailable when it may not be deleted."""
    await rasa.post("/forget", {"conversation_id": conversation_id}, dict[str, Any])
