"""Where entries, and which encoder reads them, are kept: as revisions, of which the approved ones are in force from
their day on.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from revisions.service import Revisions

entry_revisions = Revisions("entry")
encoder_revisions = Revisions("encoder")
# There is one encoder at a time.
ENCODER_KEY = "encoder"


async def count_editions(session: AsyncSession) -> int:
    """How often entries and the encoder were changed: rises with each approval, and never falls."""
    return sum([await each.count_approved(session) for each in (entry_revisions, encoder_revisions)])
