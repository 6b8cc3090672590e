/* The vocabulary: everything that can happen in a run, in one closed list with stable numbers.
 *
 * Two classes. *Events* change the state of a run; they alone are numbered 1, 2, 3... *Notes* (from number 64
 * on) tell something without changing state; they hang on the last event and never change a number. Folding
 * the events of a run gives the state of its engine at every event.
 *
 * The events of one step come in this order:
 *
 *     dequeued, step started, {what the task does}, returned, {consequences: error, retry, enqueued, skipped,
 *     held, released, joins}, step ended
 *
 * so that after `step ended` the queue is what the next step will see: that gap, before `dequeued`, is a
 * boundary. */
#ifndef FLOW_EVENT_H
#define FLOW_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A task of a run: its index, in the order in which tasks joined the graph. */
typedef uint32_t flow_task;
#define FLOW_TASK_NONE UINT32_MAX
/* A channel key of a run: its index. Events need not announce keys in the order of their indexes: the key of
 * a task's result gets its index when the task joins, and is announced when it is first set. */
typedef uint32_t flow_key;
#define FLOW_KEY_NONE UINT32_MAX

/* Which members of struct flow_event a kind uses beside kind, origin, number and step. */
enum flow_event_field {
    FLOW_F_TASK = 1 << 0,
    FLOW_F_OTHER = 1 << 1,
    FLOW_F_ENTRY = 1 << 2,
    FLOW_F_ITERATION = 1 << 3,
    FLOW_F_REASON = 1 << 4,
    FLOW_F_CAUSE = 1 << 5,
    FLOW_F_POSITION = 1 << 6,
    FLOW_F_COUNT = 1 << 7,
    FLOW_F_CODE = 1 << 8,
    FLOW_F_KEY = 1 << 9,
    FLOW_F_VALUE = 1 << 10,
    FLOW_F_OLD = 1 << 11,
    FLOW_F_TEXT = 1 << 12,
    FLOW_F_DETAIL = 1 << 13,
    FLOW_F_TIME = 1 << 14, /* always stamped; other kinds only where the host stamps every event */
};

/* X(number, NAME, "word", fields, "what the fields mean").
 * Numbers are stable for ever; new kinds get new numbers at the end of their class. */
#define FLOW_EVENTS(X)                                                                                       \
    X(1, RUN_STARTED, "run started", FLOW_F_TEXT | FLOW_F_VALUE | FLOW_F_TIME,                               \
        "text: workflow; value: map of profile, seed, max_steps, start, and what the host adds")             \
    X(2, RUN_ENDED, "run ended", FLOW_F_CODE | FLOW_F_TEXT | FLOW_F_TASK | FLOW_F_TIME,                      \
        "code: outcome; text: message; task: who ended it, or none")                                         \
    X(3, TASK_ADDED, "task added", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_TEXT | FLOW_F_DETAIL | FLOW_F_VALUE,  \
        "text: id; other: creator, or none; detail: where defined (file:line); value: map of join, "         \
        "max_cycles, "                                                                                       \
        "max_retries, params")                                                                               \
    X(4, TASK_REDEFINED, "task redefined", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_DETAIL,                       \
        "other: creator; detail: where defined")                                                             \
    X(5, EDGE_ADDED, "edge added", FLOW_F_TASK | FLOW_F_OTHER, "task: from; other: to")                      \
    X(6, ENQUEUED, "enqueued",                                                                               \
        FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_ENTRY | FLOW_F_ITERATION | FLOW_F_REASON | FLOW_F_CAUSE |        \
            FLOW_F_POSITION | FLOW_F_VALUE,                                                                  \
        "other: the task that caused it, or none; cause: its step, 0 for start and user; position: 0 is "    \
        "the front; "                                                                                        \
        "value: data of an iteration")                                                                       \
    X(7, DEQUEUED, "dequeued", FLOW_F_TASK | FLOW_F_ENTRY, "the entry at the front was taken")               \
    X(8, DROPPED, "dropped", FLOW_F_TASK | FLOW_F_ENTRY | FLOW_F_CODE,                                       \
        "code: 0 dropped, 1 skipped (its successors are enqueued as if it had completed); arrivals at a "    \
        "join are cleared with the entry they made (reason successor)")                                      \
    X(9, MOVED, "moved", FLOW_F_TASK | FLOW_F_ENTRY | FLOW_F_POSITION, "position: the new one")              \
    X(10, WITHDRAWN, "withdrawn", FLOW_F_TASK | FLOW_F_ENTRY,                                                \
        "made by an attempt that failed and will be retried")                                                \
    X(11, ABANDONED, "abandoned", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_ENTRY,                                 \
        "the run ended before it, and it stays where it is; entry 0: a held successor, of task other")       \
    X(12, STEP_STARTED, "step started",                                                                      \
        FLOW_F_TASK | FLOW_F_ENTRY | FLOW_F_ITERATION | FLOW_F_COUNT | FLOW_F_TIME,                          \
        "count: the attempt, 1 unless retried; a joined task's arrivals are cleared")                        \
    X(13, RETURNED, "returned", FLOW_F_TASK | FLOW_F_CODE | FLOW_F_VALUE,                                    \
        "the body came back; code: step outcome; value: what it returned")                                   \
    X(14, STEP_ENDED, "step ended", FLOW_F_TASK | FLOW_F_CODE | FLOW_F_TIME, "code: step outcome")           \
    X(15, SKIPPED, "skipped", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_CODE,                                      \
        "task: the successor that will not be enqueued; other: of which task; code: the request that "       \
        "caused it, or -1: by hand")                                                                         \
    X(16, HELD, "held", FLOW_F_TASK | FLOW_F_OTHER,                                                          \
        "task: successor waiting for the last iteration of task other")                                      \
    X(17, RELEASED, "released", FLOW_F_TASK | FLOW_F_OTHER, "a held successor is decided: see what follows") \
    X(18, JOIN_ARRIVED, "join arrival", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_COUNT,                           \
        "task: the join; other: from; count: arrivals so far")                                               \
    X(19, JOIN_ABSORBED, "join absorbed", FLOW_F_TASK | FLOW_F_OTHER, "a second arrival along one edge")     \
    X(20, BLOCKED, "blocked", FLOW_F_TASK | FLOW_F_OTHER | FLOW_F_TEXT,                                      \
        "task: the join that can no longer start; other: the predecessor it waits for; text: why it will "   \
        "not come")                                                                                          \
    X(21, CHANNEL_SET, "channel set", FLOW_F_KEY | FLOW_F_VALUE | FLOW_F_OLD | FLOW_F_TEXT | FLOW_F_CODE,    \
        "text: the key's name, at its first event only; code: 1 when the key had a value (old)")             \
    X(22, CHANNEL_DELETED, "channel deleted", FLOW_F_KEY | FLOW_F_OLD, "old: the value it had")              \
    X(23, REQUEST, "request", FLOW_F_CODE | FLOW_F_TASK | FLOW_F_TEXT | FLOW_F_VALUE,                        \
        "code: enum flow_request; task: target, or none; text: message; value: iteration data")              \
    X(24, RETRY, "retry", FLOW_F_TASK | FLOW_F_COUNT, "count: retries used of this entry")                   \
    X(25, LIMIT, "limit", FLOW_F_CODE | FLOW_F_TASK | FLOW_F_COUNT,                                          \
        "code: enum flow_limit; count: the limit")                                                           \
    X(26, ERROR, "error", FLOW_F_TASK | FLOW_F_CODE | FLOW_F_TEXT | FLOW_F_DETAIL,                           \
        "code: status; text: 'kind: message'; detail: location or traceback")                                \
    X(27, INPUT, "input", FLOW_F_TEXT | FLOW_F_VALUE,                                                        \
        "text: what (clock, random, ...); value: what the host gave")                                        \
    X(28, USER_ACTION, "user action", FLOW_F_TEXT, "text: the command; its effects follow with origin user") \
    X(29, BRANCH, "branch", FLOW_F_COUNT, "count: the event this timeline continues from")                   \
    X(64, OUTPUT, "output", FLOW_F_CODE | FLOW_F_COUNT | FLOW_F_TEXT | FLOW_F_TASK,                          \
        "code: 1 stdout, 2 stderr; count: bytes of the stream so far; text: the bytes, where they are "      \
        "given")                                                                                             \
    X(65, CHANNEL_READ, "channel read", FLOW_F_KEY | FLOW_F_TEXT,                                            \
        "text: the key's name, unless an event has announced it; key: none if it was never named")           \
    X(66, SOURCE_LINE, "line", FLOW_F_TEXT | FLOW_F_COUNT, "text: file; count: line")                        \
    X(67, LOG_POINT, "log", FLOW_F_TEXT | FLOW_F_COUNT, "count: breakpoint number")                          \
    X(68, STOPPED, "stopped", FLOW_F_TEXT, "the debugger stopped here; text: why")

enum flow_event_kind {
#define FLOW_EVENT_ENUM(number, name, word, fields, meaning) FLOW_EV_##name = number,
    FLOW_EVENTS(FLOW_EVENT_ENUM)
#undef FLOW_EVENT_ENUM
};
#define FLOW_EV_FIRST_NOTE   64
#define FLOW_EV_FIRST_UNUSED 128 /* every kind is below */

/* Small vocabularies: X(NAME, "word"). Numbers count from 0 (reasons, origins, ...) and are stable. */
#define FLOW_ORIGINS(X) X(ENGINE, "engine") X(TASK, "task") X(USER, "user") X(HOST, "host")
#define FLOW_REASONS(X)                                                                                      \
    X(START, "start")                                                                                        \
    X(SUCCESSOR, "successor")                                                                                \
    X(NEXT_TASK, "next_task")                                                                                \
    X(GOTO, "goto")                                                                                          \
    X(ITERATION, "iteration")                                                                                \
    X(RETRY, "retry")                                                                                        \
    X(MANUAL, "manual")
#define FLOW_OUTCOMES(X)                                                                                     \
    X(UNFINISHED, "unfinished")                                                                              \
    X(COMPLETED, "completed")                                                                                \
    X(TERMINATED, "terminated")                                                                              \
    X(FAILED, "failed")                                                                                      \
    X(BLOCKED, "blocked")                                                                                    \
    X(STEP_LIMIT, "step limit")                                                                              \
    X(TIMED_OUT, "timed out")                                                                                \
    X(CANCELLED, "cancelled")                                                                                \
    X(KILLED, "killed")                                                                                      \
    X(CRASHED, "crashed")
#define FLOW_STEP_OUTCOMES(X)                                                                                \
    X(COMPLETED, "completed")                                                                                \
    X(FAILED, "failed")                                                                                      \
    X(TERMINATED, "terminated")                                                                              \
    X(CANCELLED, "cancelled")                                                                                \
    X(RETRIED, "failed, will be retried")
#define FLOW_REQUESTS(X)                                                                                     \
    X(NEXT_TASK, "next_task")                                                                                \
    X(GOTO, "goto")                                                                                          \
    X(NEXT_ITERATION, "next_iteration")                                                                      \
    X(TERMINATE, "terminate_workflow")                                                                       \
    X(CANCEL, "cancel_workflow")
#define FLOW_LIMITS(X)   X(MAX_STEPS, "max_steps") X(MAX_CYCLES, "max_cycles") X(MAX_RETRIES, "max_retries")
#define FLOW_PROFILES(X) X(DOCUMENTED, "documented") X(PACKAGE, "package")

enum flow_origin {
#define X(name, word) FLOW_ORIGIN_##name,
    FLOW_ORIGINS(X)
};
enum flow_reason {
#undef X
#define X(name, word) FLOW_REASON_##name,
    FLOW_REASONS(X)
};
enum flow_outcome {
#undef X
#define X(name, word) FLOW_OUTCOME_##name,
    FLOW_OUTCOMES(X)
};
enum flow_step_outcome {
#undef X
#define X(name, word) FLOW_STEP_##name,
    FLOW_STEP_OUTCOMES(X)
};
enum flow_request {
#undef X
#define X(name, word) FLOW_REQUEST_##name,
    FLOW_REQUESTS(X)
};
enum flow_limit {
#undef X
#define X(name, word) FLOW_LIMIT_##name,
    FLOW_LIMITS(X)
};
enum flow_profile {
#undef X
#define X(name, word) FLOW_PROFILE_##name,
    FLOW_PROFILES(X)
#undef X
};

/* One event or note. Members that the kind does not use (see its fields) are undefined. Values and texts are
 * borrowed for the duration of the call that hands the event over. */
struct flow_event {
    uint16_t kind;   /* enum flow_event_kind */
    uint8_t origin;  /* enum flow_origin */
    uint8_t reason;  /* enum flow_reason */
    int32_t code;    /* an enumeration that the kind names, or a status */
    uint64_t number; /* of this event; of the event it hangs on, for a note */
    uint64_t step;   /* the step it belongs to, 0 before the first; between steps: the last one */
    bool has_time;
    int64_t time_ns; /* the run's clock */
    flow_task task;
    flow_task other;
    uint64_t entry;     /* entries count from 1 */
    uint32_t iteration; /* 1 is the first execution of a chain */
    flow_key key;
    uint64_t cause;
    uint64_t position;
    uint64_t count;
    struct flow_value value;
    struct flow_value old;
    const char *text; /* not NUL-terminated in general */
    size_t text_length;
    const char *detail;
    size_t detail_length;
};

/* One row of the vocabulary. */
struct flow_event_info {
    uint16_t kind;
    const char *name; /* "channel set" */
    uint32_t fields;  /* enum flow_event_field, or-ed */
    const char *meaning;
};

/* The row of a kind, or NULL for a number that is not in the list. */
FLOW_PUBLIC const struct flow_event_info *flow_event_info(unsigned kind);
static inline bool flow_event_is_note(unsigned kind)
{
    return kind >= FLOW_EV_FIRST_NOTE;
}

/* Words of the small vocabularies; "?" for a number that is not in the list. */
FLOW_PUBLIC const char *flow_origin_name(unsigned origin);
FLOW_PUBLIC const char *flow_reason_name(unsigned reason);
FLOW_PUBLIC const char *flow_outcome_name(unsigned outcome);
FLOW_PUBLIC const char *flow_step_outcome_name(unsigned outcome);
FLOW_PUBLIC const char *flow_request_name(unsigned request);
FLOW_PUBLIC const char *flow_limit_name(unsigned limit);
FLOW_PUBLIC const char *flow_profile_name(unsigned profile);
/* completed and terminated are successes. */
FLOW_PUBLIC bool flow_outcome_is_success(enum flow_outcome outcome);

#ifdef __cplusplus
}
#endif

#endif
