"""Every table of 小禾, and the indexes beside them: importing their modules registers them."""

import analytics.tables
import applications.tables
import campaigns.tables
import connectors.wecom_service.tables
import conversations.full_text
import conversations.tables
import delegation.tables
import desk.tables
import documents.tables
import early_warning.tables
import kit.shared_limits
import kit.tables
import knowledge.tables
import privacy.tables
import quota_checks.tables
import revisions.tables
import scoring.tables
import unanswered.tables
import verification.tables
import visits.tables
from kit.database import Base

MODULES = (
    analytics.tables,
    applications.tables,
    campaigns.tables,
    connectors.wecom_service.tables,
    conversations.full_text,
    conversations.tables,
    delegation.tables,
    desk.tables,
    documents.tables,
    early_warning.tables,
    kit.shared_limits,
    kit.tables,
    knowledge.tables,
    privacy.tables,
    quota_checks.tables,
    revisions.tables,
    scoring.tables,
    unanswered.tables,
    verification.tables,
    visits.tables,
)
METADATA = Base.metadata
