/* Inside the fold. One handler per event kind; a handler checks everything, then allocates everything, then
 * changes the state, so that a failure leaves the state as it was. */
#ifndef TRACE_STATE_PRIVATE_H
#define TRACE_STATE_PRIVATE_H

#include "trace/state.h"

typedef int (*fold_fn)(struct trace_state *state, const struct flow_event *event, struct flow_error *err);

/* "event 12 (enqueued): ..." Returns FLOW_EFORMAT. */
int fold_refuse(const struct flow_event *event, struct flow_error *err, const char *fmt, ...)
    FLOW_PRINTF(3, 4);
int fold_no_memory(const struct flow_event *event, struct flow_error *err); /* FLOW_ENOMEM */
/* FLOW_OK if the member `task` (`other`) of the event is a task of the state. */
int fold_check_task(const struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_check_other(const struct trace_state *state, const struct flow_event *event, struct flow_error *err);
/* Copies a text that must be UTF-8 without NUL. *out is NULL for an empty text. */
int fold_copy_text(
    const struct flow_event *event, const char *text, size_t length, char **out, struct flow_error *err);
static inline bool fold_is_task(const struct trace_state *state, flow_task task)
{
    return task < state->tasks.count;
}
/* Puts an owned text in the place of another. */
void fold_replace_text(char **place, char *text);

/* state_graph.c */
void state_graph_init(struct trace_state *state);
void state_graph_finish(struct trace_state *state);
int fold_task_added(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_task_redefined(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_edge_added(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_join_arrived(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_join_absorbed(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_blocked(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
/* The edge, or NULL. */
struct trace_edge *state_find_edge(
    const struct trace_state *state, flow_task from, flow_task to, uint8_t kind);
/* The edge, made if it is not there; NULL: out of memory. */
struct trace_edge *state_need_edge(
    struct trace_state *state, flow_task from, flow_task to, uint8_t kind, uint64_t event);

/* Takes away all edges but the first `count`. */
void state_drop_edges(struct trace_state *state, size_t count);

/* state_queue.c */
void state_queue_clear(struct trace_state *state);
/* Puts an entry, with its reference, at the back; its task does not learn of it. FLOW_OK or FLOW_ENOMEM. */
int state_queue_push(struct trace_state *state, const struct trace_entry *entry);
/* Puts an entry that was taken, with its reference, back at the front. There is room. */
void state_queue_put_back(struct trace_state *state, const struct trace_entry *entry);
/* Takes the entry at a position out, with its reference. */
struct trace_entry state_queue_take(struct trace_state *state, size_t position);
/* The edge that an entry came along and that counts it, or NULL. */
struct trace_edge *state_entry_edge(const struct trace_state *state, const struct flow_event *event);
void state_queue_finish(struct trace_state *state);
int fold_enqueued(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_dequeued(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_removed(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_moved(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_abandoned(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_held(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_released(struct trace_state *state, const struct flow_event *event, struct flow_error *err);

/* state_channel.c */
void state_channel_init(struct trace_state *state);
void state_channel_finish(struct trace_state *state);
int fold_channel_set(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
int fold_channel_deleted(struct trace_state *state, const struct flow_event *event, struct flow_error *err);
/* A step begins: nothing has changed in it yet. */
void state_channel_new_step(struct trace_state *state);

#endif
