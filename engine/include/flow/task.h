/* What a task body may do while it runs. Every function takes the ctx that was handed to the body and is
 * valid only until the body returns. Control calls do not unwind the body: it goes on until it returns. */
#ifndef FLOW_TASK_H
#define FLOW_TASK_H

#include "flow/workflow.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who is running. Texts are borrowed until the body returns. */
FLOW_PUBLIC flow_task flow_ctx_task(struct flow_ctx *ctx);
FLOW_PUBLIC const char *flow_ctx_task_id(struct flow_ctx *ctx);
FLOW_PUBLIC uint64_t flow_ctx_step(struct flow_ctx *ctx);      /* counts from 1 */
FLOW_PUBLIC uint32_t flow_ctx_iteration(struct flow_ctx *ctx); /* 1: the first execution of the chain */
FLOW_PUBLIC uint32_t flow_ctx_attempt(struct flow_ctx *ctx);   /* 1 unless it is being retried */
FLOW_PUBLIC struct flow_value flow_ctx_data(
    struct flow_ctx *ctx); /* what next_iteration was given, or null; borrowed */
/* The resolved value of parameter `index` of the definition; borrowed. Null beyond the last. */
FLOW_PUBLIC struct flow_value flow_ctx_arg(struct flow_ctx *ctx, size_t index);

/* The channel. */
/* FLOW_OK and a value borrowed until the body writes the key or returns, or FLOW_NOT_FOUND. */
FLOW_PUBLIC int flow_ctx_get(struct flow_ctx *ctx, const char *key, struct flow_value *out);
/* Takes over the caller's reference to value, on failure too. FLOW_OK, FLOW_ENOMEM, FLOW_EINVAL (key empty or
 * not UTF-8). */
FLOW_PUBLIC int flow_ctx_set(struct flow_ctx *ctx, const char *key, struct flow_value value);
/* FLOW_OK or FLOW_NOT_FOUND. */
FLOW_PUBLIC int flow_ctx_delete(struct flow_ctx *ctx, const char *key);
/* Walks the keys that have a value, in the order in which they got one: start with *cursor = 0; FLOW_OK or
 * FLOW_END. Name and value are borrowed until the channel is written. */
FLOW_PUBLIC int flow_ctx_next_key(
    struct flow_ctx *ctx, size_t *cursor, const char **key, struct flow_value *value);
/* A handle for a key, valid for the whole run, for bodies that look the same key up often. FLOW_KEY_NONE: out
 * of memory or a name that is not valid. */
FLOW_PUBLIC flow_key flow_ctx_key(struct flow_ctx *ctx, const char *key);
FLOW_PUBLIC int flow_ctx_get_key(struct flow_ctx *ctx, flow_key key, struct flow_value *out);
FLOW_PUBLIC int flow_ctx_set_key(struct flow_ctx *ctx, flow_key key, struct flow_value value);
/* The stored result of the task with that id: FLOW_OK and a borrowed value, or FLOW_NOT_FOUND. */
FLOW_PUBLIC int flow_ctx_result(struct flow_ctx *ctx, const char *id, struct flow_value *out);

/* The graph. */
FLOW_PUBLIC flow_task flow_ctx_find_task(struct flow_ctx *ctx, const char *id); /* or FLOW_TASK_NONE */
FLOW_PUBLIC const char *flow_ctx_id_of(struct flow_ctx *ctx, flow_task task);
/* Adds a task without enqueueing it. A run-time task of the same creator is redefined; otherwise FLOW_EEXIST,
 * with both places in the message. */
FLOW_PUBLIC int flow_ctx_add_task(struct flow_ctx *ctx, const struct flow_task_def *def, flow_task *out);
FLOW_PUBLIC int flow_ctx_add_edge(struct flow_ctx *ctx, flow_task from, flow_task to);

/* Control flow. They return FLOW_OK or a failure, which the body may handle or return; the words of the last
 * failure: flow_ctx_error. What each does precisely depends on the profile. */
enum flow_next {
    FLOW_NEXT_ENQUEUE = 0, /* run it too: one entry at the back of the queue */
    FLOW_NEXT_GOTO = 1,    /* run it next; the successors of this task are skipped */
};
FLOW_PUBLIC int flow_ctx_next_task(struct flow_ctx *ctx, flow_task target, enum flow_next how);
/* The same for a task that may not be in the graph yet: adds it first, as flow_ctx_add_task does. out may be
 * NULL. */
FLOW_PUBLIC int flow_ctx_next_new_task(
    struct flow_ctx *ctx, const struct flow_task_def *def, enum flow_next how, flow_task *out);
/* One more execution of this task with `data` (taken over, on failure too). FLOW_ELIMIT: max_cycles is used
 * up; FLOW_ESTATE: asked twice in one execution. */
FLOW_PUBLIC int flow_ctx_next_iteration(struct flow_ctx *ctx, struct flow_value data);
FLOW_PUBLIC bool flow_ctx_can_iterate(struct flow_ctx *ctx);
FLOW_PUBLIC uint32_t flow_ctx_cycle_count(struct flow_ctx *ctx);
FLOW_PUBLIC uint32_t flow_ctx_max_cycles(struct flow_ctx *ctx);
/* End the run after this body returns: as a success, or as an error. message: UTF-8; NULL counts as "". */
FLOW_PUBLIC int flow_ctx_terminate(struct flow_ctx *ctx, const char *message);
FLOW_PUBLIC int flow_ctx_cancel(struct flow_ctx *ctx, const char *message);

/* Says why the body fails: `kind` is the error's class ("ValueError", "error"; NULL: "error"), detail a
 * location or traceback (may be NULL). Returns FLOW_ETASK, to be returned by the body. The last call wins. */
FLOW_PUBLIC int flow_ctx_fail(
    struct flow_ctx *ctx, const char *kind, const char *detail, const char *fmt, ...) FLOW_PRINTF(4, 5);
/* The words of the last call on ctx that failed; "" if none did. */
FLOW_PUBLIC const char *flow_ctx_error(struct flow_ctx *ctx);

/* The outside world, through the host, recorded so that the run can be executed again. */
/* Prints bytes: stream 1 is standard output, 2 standard error. */
FLOW_PUBLIC int flow_ctx_print(struct flow_ctx *ctx, int stream, const void *bytes, size_t length);
FLOW_PUBLIC int flow_ctx_printf(struct flow_ctx *ctx, const char *fmt, ...) FLOW_PRINTF(2, 3);
FLOW_PUBLIC int64_t flow_ctx_wall_ns(struct flow_ctx *ctx); /* wall clock, nanoseconds since 1970 */
FLOW_PUBLIC uint64_t flow_ctx_random(struct flow_ctx *ctx); /* uniform 64 bits, from the run's seed */
/* Records any other value that came from outside (a file's content, a reply), under a name. Takes over the
 * caller's reference, on failure too. */
FLOW_PUBLIC int flow_ctx_input(struct flow_ctx *ctx, const char *name, struct flow_value value);

/* For hosts that can tell lines: reports that the body reached file:line. Cheap to skip when flow_ctx_wants
 * is false. */
FLOW_PUBLIC bool flow_ctx_wants(struct flow_ctx *ctx, enum flow_event_kind note);
FLOW_PUBLIC void flow_ctx_line(struct flow_ctx *ctx, const char *file, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif
