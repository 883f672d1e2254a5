"""Where entries are kept: as revisions, of which the approved ones are published from their day on."""

from revisions.service import Revisions

entry_revisions = Revisions("entry")
