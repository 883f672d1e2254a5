"""Every table of 小禾: importing a module of tables registers them."""

import applications.tables
import connectors.wechat.tables
import conversations.tables
import knowledge.tables
import scoring.tables
from kit.database import Base

MODULES = (
    applications.tables,
    connectors.wechat.tables,
    conversations.tables,
    knowledge.tables,
    scoring.tables,
)
METADATA = Base.metadata
