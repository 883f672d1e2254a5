"""Drafts by a language model on the bank's own network, for staff only; switched off unless it has an address.

It speaks the protocol of OpenAI's chat completions, as vLLM, Ollama and most servers do. It never gets personal data:
numbers are masked and the customer's name is replaced. Nothing it writes is sent without a person.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Self

import httpx
from pydantic import BaseModel, Field, SecretStr, model_validator

from conversations.schemas import MessageView
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from kit.masking import mask_personal_data
from kit.settings import list_plain_urls
from kit.text import clean_text

AWAY = "起草不了，请自己写"
SAID_MAX = 30  # messages
CHARACTERS_MAX = 4000  # of a talk, the last ones
TOKENS_MAX = 400
AUTHORS = {"customer": "客户", "bot": "小禾", "agent": "客服", "system": "系统"}
REPLY = (
    "你替银行客服起草给客户的下一句话。只根据下面的对话；不知道的事写“我帮您核实”。不承诺利率、额度和放款时间。"
    "礼貌、简短，不超过80字，只写这句话本身。"
)
SUMMARY = "把下面的对话写成给同事看的小结：客户要什么，怎么办的，还差什么。只写对话里有的，不超过120字。"
# Some models think aloud first.
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


class LanguageModelSettings(BaseModel):
    """The server of the model: the variables XIAOHE_LANGUAGE_MODEL_…"""

    url: str = Field(
        "",
        description="Where a language model on the bank's own network drafts replies and summaries for staff, by "
        "OpenAI's protocol: `https://…/v1`. Empty: none does.",
    )
    name: str = Field("", description="Name of the model there.")
    key: SecretStr = Field(SecretStr(""), description="Secret. Key of the model's server; empty: it wants none.")
    seconds: float = Field(15.0, gt=0, le=60, description="Seconds a draft may take.")

    @model_validator(mode="after")
    def require_name(self) -> Self:
        """Switched on, it needs to be told which model."""
        if self.url and not self.name:
            raise ValueError("XIAOHE_LANGUAGE_MODEL_NAME must be set with XIAOHE_LANGUAGE_MODEL_URL")
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the server lacks."""
        if self.url:
            yield from list_plain_urls("XIAOHE_LANGUAGE_MODEL_URL", self.url)


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class LanguageModel:
    """Drafts; RequestError 503 when it cannot."""

    def __init__(self, settings: LanguageModelSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._name = settings.name
        key = settings.key.get_secret_value()
        self._client = ServiceClient(
            "language model", settings.url, deadline=settings.seconds, tries=1, token=key, transport=transport
        )

    async def draft_reply(self, said: Sequence[MessageView], name: str | None) -> str:
        """The agent's next words; `said` is the talk, `name` the customer's, which the model does not learn."""
        return await self._draft(REPLY, said, name)

    async def draft_summary(self, said: Sequence[MessageView], name: str | None) -> str:
        """The talk's summary."""
        return await self._draft(SUMMARY, said, name)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def _draft(self, task: str, said: Sequence[MessageView], name: str | None) -> str:
        body = {
            "model": self._name,
            "messages": [{"role": "system", "content": task}, {"role": "user", "content": write_talk(said, name)}],
            "temperature": 0,
            "max_tokens": TOKENS_MAX,
        }
        try:
            completion = await self._client.post("/chat/completions", body, _Completion)
        except (ServiceUnavailable, ServiceRefused):
            raise RequestError(503, "no_draft", AWAY) from None
        draft = clean_text(_THOUGHT.sub("", completion.choices[0].message.content))
        if not draft:
            raise RequestError(503, "no_draft", AWAY)
        return draft


def write_talk(said: Sequence[MessageView], name: str | None) -> str:
    """The talk as the model reads it: a line a message, without personal numbers and the customer's name."""
    lines = [f"{AUTHORS[message.author]}：{mask_personal_data(message.text)}" for message in said[-SAID_MAX:]]
    talk = "\n".join(lines)
    return (talk.replace(name, "某某") if name else talk)[-CHARACTERS_MAX:]
