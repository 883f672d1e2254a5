"""How probable a thing must be to be acted on, by risk: measured, see docs/decisions 0019 and 0022."""

from knowledge.schemas import ALARM_SCORE, ANSWER_SCORE, SUGGEST_SCORE

SURE = 0.95  # enough to hand over, complain or drop on a guess
LIKELY_START = 0.7  # enough to start a form, if no entry is likelier
LIKELY_ACT = 0.7  # enough for an act that can be undone, if no entry is likelier
LIKELY = 0.5  # enough to talk, to ask back, to see a reply as meant
SURE_MATCH, POSSIBLE_MATCH = ANSWER_SCORE, SUGGEST_SCORE  # the entry answers at once; it is offered
UNLIKELY_MATCH = 0.3
SURE_DANGER = 0.8  # somebody takes over
LIKELY_DANGER = ALARM_SCORE  # first aid is given, unless danger.yml has another bar for the topic
POSSIBLE_DANGER = 0.2  # spoken of if the likeliest is not sure enough for its own bar
NO_DANGER_MATCH = 0.9  # with such an entry even what is surely danger is only asked about
