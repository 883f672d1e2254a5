"""The table that decides what is done about a message: the first row that applies gives the act.

Acts by risk: answering and asking need little; starting a form needs to beat the best knowledge match; handing over,
complaining and dropping need a whole message or near certainty, else they are asked back; consent, submitting,
withdrawing and erasing need a whole-message yes or their own button.
"""

from understanding.rows import (
    asked_back,
    calculation,
    conversation,
    danger,
    delegation,
    forms,
    knowledge,
    loans,
    results,
    rights,
    starts,
    steering,
    verification,
    visits,
    waiting,
)
from understanding.rows.row import Row
from understanding.schemas import Act, Evidence, Reading, State
from understanding.situation import Situation

# What the message and the dialogue decide by themselves.
PLAIN_ROWS: tuple[Row, ...] = (
    *verification.PLAIN,
    *danger.PLAIN,
    *rights.PLAIN,
    *loans.PLAIN,
    *asked_back.PLAIN,
    *visits.PLAIN,
    *delegation.PLAIN,
    *waiting.PLAIN,
    *steering.PLAIN,
    *forms.PLAIN,
    *results.PLAIN,
    *calculation.PLAIN,
    *starts.PLAIN,
    *conversation.PLAIN,
)
# What needs the classifiers; the last row always applies.
ROWS: tuple[Row, ...] = (
    *danger.ROWS,
    *steering.ROWS,
    *results.ROWS,
    *calculation.ROWS,
    *forms.ROWS,
    *waiting.ROWS,
    *starts.ROWS,
    *knowledge.ROWS,
    *conversation.ROWS,
    *waiting.COMMENTS,
    *knowledge.OFFERS,
    *knowledge.AWAY,
    *forms.LAST,
    *results.LAST,
    *knowledge.LAST,
)


def choose_act(reading: Reading, state: State, evidence: Evidence | None = None) -> Act | None:
    """The act for a message; None when it needs evidence, which was not given."""
    situation = Situation(reading, state, evidence)
    language = reading.language or state.language
    for row in PLAIN_ROWS if evidence is None else (*PLAIN_ROWS, *ROWS):
        if row.when(situation):
            return row.then(situation).model_copy(update={"row": row.name, "language": language})
    return None
