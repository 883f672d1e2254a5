"""What a picture is answered with."""

from typing import Literal

from pydantic import BaseModel

Kind = Literal["identity_card", "identity_card_back", "business_licence", "land_contract", "bank_statement", "unknown"]
Quality = Literal["good", "blurred", "glare", "dark", "cropped", "small"]
MediaType = Literal["image/jpeg", "image/png", "image/webp"]
Value = str | int | float


class PictureReading(BaseModel):
    """What a picture shows and says.

    `fields`: only what is certain, and none unless that holds for what its kind needs (`pictures/kinds.py`). Dates are
    ISO 8601; sums are in yuan with two places; `land_mu` is in mu. They are to be confirmed by the customer.

    `quality`: why a paper could not be read; "good" if it could, or if nothing is wrong with the picture itself.
    """

    kind: Kind
    quality: Quality
    fields: dict[str, Value]
