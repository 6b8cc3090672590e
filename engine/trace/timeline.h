/* The timeline: a trace as a place to stand in. A cursor over a trace together with the state folded up to
 * it; it goes anywhere, forward, and back one event at a time. What a debugger replays, forwards and
 * backwards.
 *
 * Position N means N events have been folded: `state` is what the run looked like then, and the next event is
 * N + 1. Positions of a trace with branches have gaps, as the events' numbers have. Memory is bounded however
 * long the trace is: the state, one decoded block and TRACE_TIMELINE_UNDO events.
 *
 * Everything returns FLOW_OK, one of the positive outcomes that are named, or a failure: FLOW_EFORMAT
 * (damaged; the error names the place), FLOW_EVERSION, FLOW_EIO, FLOW_ENOMEM. After a failure or
 * FLOW_NOT_FOUND of a function that moves, the cursor is where it was, if that place can still be read;
 * otherwise everything but seeks fails until a seek succeeds. */
#ifndef TRACE_TIMELINE_H
#define TRACE_TIMELINE_H

#include "trace/reader.h"
#include "trace/state.h"

struct trace_timeline;

enum { TRACE_TIMELINE_UNDO = 4096 };

/* Stands at the start. The reader belongs to the timeline from here on, also after a failure; it may follow a
 * ring. FLOW_OK, FLOW_ENOMEM. */
int trace_timeline_create(struct trace_timeline **out, struct trace_reader *reader, struct flow_error *err);
/* Opens a trace file by path: trace_reader_open and trace_timeline_create. */
int trace_timeline_open(struct trace_timeline **out, const char *path, struct flow_error *err);
void trace_timeline_destroy(struct trace_timeline *timeline); /* NULL is fine */

/* Borrowed until the timeline is destroyed; changes as the cursor moves. */
const struct trace_state *trace_timeline_state(const struct trace_timeline *timeline);
uint64_t trace_timeline_position(const struct trace_timeline *timeline);
/* The last event that is known to exist, as trace_reader_count. */
uint64_t trace_timeline_count(const struct trace_timeline *timeline);
/* What is missing at the end, as trace_reader_missing; or NULL. */
const char *trace_timeline_missing(const struct trace_timeline *timeline);

/* Moving. *event is borrowed until the next call that moves; NULL where it is not wanted. */

/* Folds and gives the next event; or gives the next note, which changes nothing. FLOW_END: the end of a
 * finished trace; FLOW_AGAIN: nothing more yet, or the end of a cut one. */
int trace_timeline_next(struct trace_timeline *timeline, struct flow_event *event, struct flow_error *err);
/* Unfolds the last event and gives it: the position becomes the one before it. Notes are passed over.
 * FLOW_END: this is the start. Less than a microsecond, but for every TRACE_TIMELINE_UNDO-th or so, which
 * costs a seek. */
int trace_timeline_back(struct trace_timeline *timeline, struct flow_event *event, struct flow_error *err);
/* Goes to just after event `number` (0: the start), before the notes that follow it. FLOW_NOT_FOUND: beyond
 * the last, or (in a trace with branches) no event. */
int trace_timeline_seek(struct trace_timeline *timeline, uint64_t number, struct flow_error *err);
/* Goes to the boundary at which the step begins: before its entry is taken. FLOW_NOT_FOUND: no such step. */
int trace_timeline_seek_step(struct trace_timeline *timeline, uint64_t step, struct flow_error *err);
/* Goes to just after the last event that happened at or before that time of the run's clock (of the events
 * with a time; what has none happens together with the last before it that has). */
int trace_timeline_seek_time(struct trace_timeline *timeline, int64_t time_ns, struct flow_error *err);
/* Goes to the last event that is there now. */
int trace_timeline_seek_end(struct trace_timeline *timeline, struct flow_error *err);

/* Looking without moving. */

/* What is looked for: an event (or note) for which all holds. Everything but `matches` is looked up in the
 * summaries of blocks first, so that what is rare is found fast. */
struct trace_search {
    uint64_t kinds[2]; /* bit k set: events of kind k; none set: events (not notes) of any kind */
    flow_task task;    /* it names the task, as its task or its other task; FLOW_TASK_NONE: any */
    flow_key key;      /* it writes or deletes the key; FLOW_KEY_NONE: any */
    /* NULL, or has the last word. It sees no state. */
    bool (*matches)(void *user, const struct flow_event *event);
    void *user;
    /* NULL, or asked from time to time (at least every 10 ms or so) whether to give up. */
    bool (*is_interrupted)(void *user);
};
/* A search for everything: zero kinds, no task, no key. */
#define TRACE_SEARCH_INIT                                                                                    \
    {                                                                                                        \
        .task = FLOW_TASK_NONE, .key = FLOW_KEY_NONE                                                         \
    }

/* The first event with a number above `after` (below `before`) that is what is looked for; of notes, those
 * that hang on such an event. FLOW_OK and the number; FLOW_NOT_FOUND; FLOW_AGAIN: interrupted. */
int trace_timeline_search_forward(struct trace_timeline *timeline, const struct trace_search *search,
    uint64_t after, uint64_t *number, struct flow_error *err);
int trace_timeline_search_back(struct trace_timeline *timeline, const struct trace_search *search,
    uint64_t before, uint64_t *number, struct flow_error *err);
/* The last event at or before `position` that wrote or deleted the key. FLOW_OK, FLOW_NOT_FOUND. The chain of
 * all writes of a key is followed by asking again for the position before what was found. */
int trace_timeline_last_writer(struct trace_timeline *timeline, flow_key key, uint64_t position,
    uint64_t *number, struct flow_error *err);

#endif
