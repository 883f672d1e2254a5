"""Tables of the knowledge service."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base


class TextVector(Base):
    """A text's vector by one encoder, stored so that only changed texts are encoded again."""

    __tablename__ = "text_vectors"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
