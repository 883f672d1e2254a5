"""A tokenizer that keeps the message whole: character n-grams and sentence vectors need no words."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SentenceTokenizer(Tokenizer):
    """Makes the lower-cased text one token, so that 20W and 20w are the same.

    Its beginning and end are marked: 不 asks at the end of a message and denies at its beginning.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own options; nothing of ours."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The text as a single token."""
        text = message.get(attribute)
        return [Token(f"^{text.lower()}$", 0, end=len(text))] if text else []
