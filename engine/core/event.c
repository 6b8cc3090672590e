/* Names of the vocabulary: every table here is generated from the lists in flow/event.h. */
#include "flow/event.h"

#include "flow/run.h"

static const struct flow_event_info infos[FLOW_EV_FIRST_UNUSED] = {
#define X(number, name, word, fields, meaning) [number] = {number, word, fields, meaning},
    FLOW_EVENTS(X)
#undef X
};

const struct flow_event_info *flow_event_info(unsigned kind)
{
    return kind < FLOW_EV_FIRST_UNUSED && infos[kind].name ? &infos[kind] : NULL;
}

/* Defines `const char *flow_WHAT_name(unsigned)` over one of the small lists. */
#define WORD(name, word) word,
#define DEFINE_NAMES(what, LIST)                                                                             \
    const char *flow_##what##_name(unsigned number)                                                          \
    {                                                                                                        \
        static const char *const words[] = {LIST(WORD)};                                                     \
        return number < sizeof words / sizeof *words ? words[number] : "?";                                  \
    }

DEFINE_NAMES(origin, FLOW_ORIGINS)
DEFINE_NAMES(reason, FLOW_REASONS)
DEFINE_NAMES(outcome, FLOW_OUTCOMES)
DEFINE_NAMES(step_outcome, FLOW_STEP_OUTCOMES)
DEFINE_NAMES(request, FLOW_REQUESTS)
DEFINE_NAMES(limit, FLOW_LIMITS)
DEFINE_NAMES(profile, FLOW_PROFILES)
DEFINE_NAMES(edit, FLOW_EDITS)

bool flow_outcome_is_success(enum flow_outcome outcome)
{
    return outcome == FLOW_OUTCOME_COMPLETED || outcome == FLOW_OUTCOME_TERMINATED;
}
