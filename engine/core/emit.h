/* Events: each emit_* tells one kind, and costs the test of a pointer when nobody watches. The functions
 * behind them are out of line and cold: nothing of an event is built before the test.
 *
 * They are called after the change is complete. Number, step, origin and time are filled in here. */
#ifndef CORE_EMIT_H
#define CORE_EMIT_H

#include "core/run.h"

#define EMIT_COLD __attribute__((cold, noinline))

/* X(name, (parameters), (arguments)): tell_NAME does it, emit_NAME tests first. */
#define EMITTERS(X)                                                                                          \
    X(task_event, (struct flow_run * run, enum flow_event_kind kind, flow_task task, flow_task other),       \
        (run, kind, task, other))                                                                            \
    X(task_added, (struct flow_run * run, flow_task task, struct flow_value about), (run, task, about))      \
    X(task_redefined, (struct flow_run * run, flow_task task), (run, task))                                  \
    X(enqueued, (struct flow_run * run, const struct queue_entry *entry, size_t position),                   \
        (run, entry, position))                                                                              \
    X(entry_event,                                                                                           \
        (struct flow_run * run, enum flow_event_kind kind, const struct queue_entry *entry, int code),       \
        (run, kind, entry, code))                                                                            \
    X(moved, (struct flow_run * run, const struct queue_entry *entry, size_t position),                      \
        (run, entry, position))                                                                              \
    X(step_started, (struct flow_run * run), (run))                                                          \
    X(returned, (struct flow_run * run, enum flow_step_outcome outcome, struct flow_value value),            \
        (run, outcome, value))                                                                               \
    X(step_ended, (struct flow_run * run, enum flow_step_outcome outcome), (run, outcome))                   \
    X(skipped, (struct flow_run * run, flow_task successor, flow_task source, int request),                  \
        (run, successor, source, request))                                                                   \
    X(join_arrived, (struct flow_run * run, flow_task join, flow_task from, uint32_t count),                 \
        (run, join, from, count))                                                                            \
    X(blocked, (struct flow_run * run, flow_task join, flow_task missing, const char *why),                  \
        (run, join, missing, why))                                                                           \
    X(channel_set, (struct flow_run * run, flow_key key, struct flow_value old, bool had_value),             \
        (run, key, old, had_value))                                                                          \
    X(channel_deleted, (struct flow_run * run, flow_key key, struct flow_value old), (run, key, old))        \
    X(request,                                                                                               \
        (struct flow_run * run, enum flow_request request, flow_task target, const char *text,               \
            struct flow_value value),                                                                        \
        (run, request, target, text, value))                                                                 \
    X(task_count,                                                                                            \
        (struct flow_run * run, enum flow_event_kind kind, int code, flow_task task, uint64_t count),        \
        (run, kind, code, task, count))                                                                      \
    X(error, (struct flow_run * run, flow_task task, int code, const struct failure *failure),               \
        (run, task, code, failure))                                                                          \
    X(input, (struct flow_run * run, const char *name, struct flow_value value), (run, name, value))         \
    X(user_action, (struct flow_run * run, const char *command), (run, command))                             \
    X(run_started, (struct flow_run * run, struct flow_value about), (run, about))                           \
    X(run_ended, (struct flow_run * run), (run))

#define DECLARE_EMITTER(name, parameters, arguments)                                                         \
    EMIT_COLD void tell_##name parameters;                                                                   \
    static inline void emit_##name parameters                                                                \
    {                                                                                                        \
        if (run_is_watched(run))                                                                             \
            tell_##name arguments;                                                                           \
    }
EMITTERS(DECLARE_EMITTER)
#undef DECLARE_EMITTER

/* Notes: wanted by bit, and never counted. */
static inline bool run_wants(const struct flow_run *run, unsigned note)
{
    return run_is_watched(run) && (run->hooks.notes >> (note - FLOW_EV_FIRST_NOTE) & 1);
}
EMIT_COLD void tell_read(struct flow_run *run, flow_key key, const char *name, size_t length);
EMIT_COLD void tell_line(struct flow_run *run, const char *file, uint32_t line);
EMIT_COLD void tell_output(struct flow_run *run, int stream, const void *bytes, size_t length);

/* What `task added` and `run started` say in their value. FLOW_OK and an owned map (null when nobody
 * watches), or FLOW_ENOMEM. Built before the change, so that the change can still be refused. */
int describe_task(const struct flow_run *run, const struct task_spec *spec, struct flow_value *out);
int describe_run(const struct flow_run *run, struct flow_value *out);

#endif
