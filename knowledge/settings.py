"""What the knowledge service is set by."""

from pydantic import Field

from kit.settings import ROOT, Settings


class TunedSettings(Settings):
    """Where tuned encoders are."""

    tuned_encoders: str = Field(
        f"{ROOT}/var/encoders",
        description="Folder of the encoders that were tuned for the bank; knowledge, desk and Rasa processes share it.",
    )


class KnowledgeSettings(TunedSettings):
    """The settings of a knowledge process."""

    encoder: str = Field(
        f"{ROOT}/models/encoder",
        description="Sentence encoder: a folder or a model name for sentence-transformers.",
    )
    knowledge_cache: str = Field(
        f"{ROOT}/var/knowledge",
        description="Folder of what is computed from the shipped texts; made anew where it is missing.",
    )
