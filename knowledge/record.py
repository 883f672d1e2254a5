"""Where entries, and which encoder reads them, are kept: as revisions, of which the approved ones are in force from
their day on.
"""

from revisions.service import Revisions

entry_revisions = Revisions("entry")
encoder_revisions = Revisions("encoder")
# There is one encoder at a time.
ENCODER_KEY = "encoder"
