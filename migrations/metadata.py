"""Every table of 小禾: importing a module of tables registers them."""

import applications.tables
import conversations.tables
import desk.tables
import kit.shared_limits
import kit.tables
import knowledge.tables
import privacy.tables
import revisions.tables
import scoring.tables
import verification.tables
from kit.database import Base

MODULES = (
    applications.tables,
    conversations.tables,
    desk.tables,
    kit.shared_limits,
    kit.tables,
    knowledge.tables,
    privacy.tables,
    revisions.tables,
    scoring.tables,
    verification.tables,
)
METADATA = Base.metadata
