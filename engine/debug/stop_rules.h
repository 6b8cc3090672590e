/* When an inferior stops: breakpoints and the way it was told to go on, compiled so that an event costs a
 * decrement and a boundary the test of a bit. Evaluated where the events are born, and in nothing else. */
#ifndef DEBUG_STOP_RULES_H
#define DEBUG_STOP_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "flow/event.h"

/* How to go on. X(NAME, "command") */
#define DBG_MODES(X)                                                                                         \
    X(STEP, "step")         /* `count` events */                                                             \
    X(NEXT, "next")         /* `count` boundaries */                                                         \
    X(FINISH, "finish")     /* to the boundary that ends the current step */                                 \
    X(CONTINUE, "continue") /* to the `count`-th breakpoint, or the end */                                   \
    X(UNTIL, "until")       /* to a boundary whose first entry is of a matching task */                      \
    X(END, "end")           /* to the end, past all breakpoints */
enum dbg_mode {
#define X(name, word) DBG_MODE_##name,
    DBG_MODES(X)
#undef X
};

struct stop_break {
    uint32_t number;
    char *pattern; /* owned */
    bool is_after;
    bool is_temporary;
};

/* What is known of a task: which rules its id matches. */
struct stop_task {
    bool is_until;
    bool has_break; /* some breakpoint matches: look at the list */
    char *id;       /* owned */
};

/* All-zero is valid: no breakpoints, mode STEP with count 0 (never stops). */
struct stop_rules {
    struct {
        VEC(struct stop_break);
    } breaks;
    struct {
        VEC(struct stop_task);
    } tasks; /* by flow_task */
    enum dbg_mode mode;
    uint64_t count; /* left */
    char *until;    /* pattern, or NULL; owned */
    struct {
        VEC(uint32_t);
    } hits; /* numbers of all breakpoints that matched at the latest stop */
};

struct stop_decision {
    bool stops;
    uint8_t why;         /* enum dbg_stop */
    uint32_t breakpoint; /* the first that matched, or 0 */
};

void stop_rules_finish(struct stop_rules *rules);
/* A new task has joined the graph. FLOW_OK or FLOW_ENOMEM. */
int stop_rules_add_task(struct stop_rules *rules, flow_task task, const char *id, size_t length);
/* Forgets all breakpoints, to be given anew. */
void stop_rules_clear_breaks(struct stop_rules *rules);
int stop_rules_add_break(
    struct stop_rules *rules, uint32_t number, const char *pattern, bool is_after, bool is_temporary);
/* How to go on from here; until: pattern for UNTIL, else NULL. */
int stop_rules_resume(struct stop_rules *rules, enum dbg_mode mode, uint64_t count, const char *until);

/* An event (no note) has happened. True: it was the last of a `step`. */
static inline bool stop_rules_is_last_event(struct stop_rules *rules)
{
    return rules->mode == DBG_MODE_STEP && rules->count > 0 && --rules->count == 0;
}
/* A boundary: `first` stands at the front of the queue (or none), the step of `ended` has just ended (or
 * none). Temporary breakpoints that match at a stop are removed. */
struct stop_decision stop_rules_at_boundary(struct stop_rules *rules, flow_task first, flow_task ended);

#endif
