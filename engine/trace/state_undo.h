/* Unfolding: what an event did to a state, remembered so that it can be taken back.
 *
 * The events of ordinary steps can be taken back; rare ones (the run's start and end, new tasks and keys,
 * joins) say that they cannot, and who goes back over them folds again from a keyframe. */
#ifndef TRACE_STATE_UNDO_H
#define TRACE_STATE_UNDO_H

#include "trace/state.h"

struct undo_change {
    flow_key key;
    bool was_set;
    struct flow_value before;
};

/* All-zero is empty. Owns references and memory until it is taken back or dropped. */
struct state_undo {
    bool is_possible;
    bool owns_entry; /* the reference of entry.data */
    bool has_key;
    struct {
        uint64_t event, step;
        enum trace_phase phase;
        int64_t time_ns, step_start_ns;
        struct flow_event_brief last;
        flow_task current;
        uint32_t attempt;
        uint64_t user_actions;
    } run;
    struct trace_entry entry;     /* the current one as it was */
    struct trace_task task;       /* as it was; id, location and arrivals are not touched */
    struct trace_key key;         /* as it was; value is owned */
    size_t order, changed, edges; /* counts */
    size_t edge;                  /* SIZE_MAX: none */
    uint64_t edge_count, edge_last;
    char *location;              /* of a task that is redefined; owned */
    struct undo_change *changes; /* those of the step before, forgotten when a step starts; owned */
    size_t change_count;
};

/* Before an event is folded: remembers what it is going to change. */
void state_undo_prepare(
    struct state_undo *undo, const struct trace_state *state, const struct flow_event *event);
/* Takes the event back; it was the last one folded, and undo->is_possible. */
void state_undo_apply(struct state_undo *undo, struct trace_state *state, const struct flow_event *event);
/* Releases what it owns. */
void state_undo_drop(struct state_undo *undo);

#endif
