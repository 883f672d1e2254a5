"""What a picture is answered with."""

from typing import Literal

from pydantic import BaseModel

from documents.schemas import DocumentKind, Value

Quality = Literal["good", "blurred", "glare", "dark", "cropped", "small"]
MediaType = Literal["image/jpeg", "image/png", "image/webp"]


class PictureReading(BaseModel):
    """What a picture shows and says.

    `fields`: only what is certain, and none unless that holds for what its kind needs (`pictures/kinds.py`). Dates are
    ISO 8601; sums are in yuan with two places; `land_mu` is in mu. They are to be confirmed by the customer.

    `quality`: why a paper could not be read; "good" if it could, or if nothing is wrong with the picture itself.
    """

    kind: DocumentKind
    quality: Quality
    fields: dict[str, Value]
