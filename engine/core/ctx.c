/* What a body may call (flow/task.h). Each call that changes something or tells an event is inside an
 * enter()/leave() pair: in between, edits are kept; on leaving they are applied. Calls that hand out borrowed
 * values look them up after leave(), so that no edit can take them away again. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/emit.h"
#include "core/run.h"

static struct flow_run *enter(struct flow_ctx *ctx)
{
    struct flow_run *run = ctx->run;
    assert(run->phase == RUN_BODY && "a ctx is valid only until its body returns, and not in hooks");
    run->phase = RUN_CALL;
    run->origin = FLOW_ORIGIN_TASK;
    return run;
}

static int leave(struct flow_run *run, int status)
{
    if (status < 0)
        run->execution.entry.flags |= CALL_FAILED; /* its words are in call_error */
    run->phase = RUN_BODY;
    run->origin = FLOW_ORIGIN_ENGINE;
    if (unlikely(run->is_waiting))
        run_apply_kept_edits(run);
    return status;
}

static int refuse(struct flow_ctx *ctx, int status, const char *fmt, ...) FLOW_PRINTF(3, 4);
static int refuse(struct flow_ctx *ctx, int status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    flow_error_setv(&ctx->run->call_error, status, fmt, args);
    va_end(args);
    ctx->run->execution.entry.flags |= CALL_FAILED;
    return status;
}

flow_task flow_ctx_task(struct flow_ctx *ctx)
{
    return ctx->run->execution.entry.task;
}

const char *flow_ctx_task_id(struct flow_ctx *ctx)
{
    return run_id(ctx->run, ctx->run->execution.entry.task);
}

uint64_t flow_ctx_step(struct flow_ctx *ctx)
{
    return ctx->run->step;
}

uint32_t flow_ctx_iteration(struct flow_ctx *ctx)
{
    return ctx->run->profile->iteration(ctx->run);
}

uint32_t flow_ctx_attempt(struct flow_ctx *ctx)
{
    return ctx->run->execution.entry.retries + 1;
}

struct flow_value flow_ctx_data(struct flow_ctx *ctx)
{
    return ctx->run->execution.entry.data;
}

struct flow_value flow_ctx_arg(struct flow_ctx *ctx, size_t index)
{
    return index < ctx->run->args.count ? ctx->run->args.at[index] : flow_null();
}

/* Tells a read before it happens, so that an edit made while the reader looks at the note is seen by the
 * read. A read never names a key: watching must not change a run. */
static void note_read(struct flow_ctx *ctx, flow_key key, const char *name, size_t length)
{
    if (!run_wants(ctx->run, FLOW_EV_CHANNEL_READ))
        return;
    struct flow_run *run = enter(ctx);
    tell_read(run, key, name, length);
    leave(run, FLOW_OK);
}

static int read_key(
    struct flow_ctx *ctx, flow_key key, const char *name, size_t length, struct flow_value *out)
{
    struct channel *channel = &ctx->run->channel;
    note_read(ctx, key, name, length);
    if (key == FLOW_KEY_NONE)
        key = channel_find(channel, name, length); /* an edit may just have named it */
    if (key == FLOW_KEY_NONE || !channel_is_set(channel, key))
        return FLOW_NOT_FOUND;
    *out = channel->keys.at[key].value;
    return FLOW_OK;
}

int flow_ctx_get(struct flow_ctx *ctx, const char *key, struct flow_value *out)
{
    size_t length = strlen(key);
    return read_key(ctx, channel_find(&ctx->run->channel, key, length), key, length, out);
}

int flow_ctx_get_key(struct flow_ctx *ctx, flow_key key, struct flow_value *out)
{
    assert(key < ctx->run->channel.keys.count);
    const struct channel_key *known = &ctx->run->channel.keys.at[key];
    return read_key(ctx, key, known->name, known->length, out);
}

flow_key flow_ctx_key(struct flow_ctx *ctx, const char *key)
{
    size_t length = strlen(key);
    if (!channel_name_is_valid(key, length)) {
        refuse(ctx, FLOW_EINVAL, "a channel key must be a text that is not empty, in UTF-8");
        return FLOW_KEY_NONE;
    }
    flow_key named = channel_intern(&ctx->run->channel, key, length);
    if (named == FLOW_KEY_NONE)
        refuse(ctx, FLOW_ENOMEM, "out of memory naming channel key '%s'", key);
    return named;
}

int flow_ctx_set_key(struct flow_ctx *ctx, flow_key key, struct flow_value value)
{
    assert(key < ctx->run->channel.keys.count);
    struct flow_run *run = enter(ctx);
    run_put(run, key, value);
    return leave(run, FLOW_OK);
}

int flow_ctx_set(struct flow_ctx *ctx, const char *key, struct flow_value value)
{
    flow_key named = flow_ctx_key(ctx, key);
    if (named != FLOW_KEY_NONE)
        return flow_ctx_set_key(ctx, named, value);
    value_unref(value);
    return ctx->run->call_error.code;
}

int flow_ctx_delete(struct flow_ctx *ctx, const char *key)
{
    flow_key named = channel_find(&ctx->run->channel, key, strlen(key));
    if (named == FLOW_KEY_NONE || !channel_is_set(&ctx->run->channel, named))
        return FLOW_NOT_FOUND;
    struct flow_run *run = enter(ctx);
    struct flow_value old = channel_remove(&run->channel, named);
    emit_channel_deleted(run, named, old);
    value_unref(old);
    return leave(run, FLOW_OK);
}

int flow_ctx_next_key(struct flow_ctx *ctx, size_t *cursor, const char **key, struct flow_value *value)
{
    flow_key at;
    int status = channel_next(&ctx->run->channel, cursor, &at);
    if (status != FLOW_OK)
        return status;
    *key = ctx->run->channel.keys.at[at].name;
    *value = ctx->run->channel.keys.at[at].value;
    return FLOW_OK;
}

int flow_ctx_result(struct flow_ctx *ctx, const char *id, struct flow_value *out)
{
    flow_task task = graph_find(&ctx->run->graph, id, strlen(id));
    return task == FLOW_TASK_NONE ? FLOW_NOT_FOUND
                                  : flow_ctx_get_key(ctx, ctx->run->tasks.at[task].result_key, out);
}

flow_task flow_ctx_find_task(struct flow_ctx *ctx, const char *id)
{
    return graph_find(&ctx->run->graph, id, strlen(id));
}

const char *flow_ctx_id_of(struct flow_ctx *ctx, flow_task task)
{
    return run_has_task(ctx->run, task) ? run_id(ctx->run, task) : NULL;
}

uint32_t flow_ctx_cycle_count(struct flow_ctx *ctx)
{
    return ctx->run->profile->cycles_used(ctx->run);
}

uint32_t flow_ctx_max_cycles(struct flow_ctx *ctx)
{
    const struct flow_run *run = ctx->run;
    return run_resolve_max_cycles(run, run_spec(run, run->execution.entry.task));
}

bool flow_ctx_can_iterate(struct flow_ctx *ctx)
{
    const struct flow_run *run = ctx->run;
    if ((run->execution.entry.flags & ASKED_ITERATION) && !run->profile->allows_many_iterations)
        return false;
    return flow_ctx_cycle_count(ctx) < flow_ctx_max_cycles(ctx);
}

int flow_ctx_add_task(struct flow_ctx *ctx, const struct flow_task_def *def, flow_task *out)
{
    struct flow_run *run = enter(ctx);
    flow_task added;
    bool is_new;
    int status = run_add_dynamic_task(run, def, &added, &is_new, &run->call_error);
    if (status == FLOW_OK && out)
        *out = added;
    return leave(run, status);
}

int flow_ctx_add_edge(struct flow_ctx *ctx, flow_task from, flow_task to)
{
    if (!run_has_task(ctx->run, from) || !run_has_task(ctx->run, to))
        return refuse(ctx, FLOW_EINVAL, "add_edge: there is no task number %u",
            run_has_task(ctx->run, from) ? to : from);
    struct flow_run *run = enter(ctx);
    int status = run_add_edge(run, from, to);
    if (status < 0)
        refuse(ctx, status, "out of memory adding an edge");
    return leave(run, status);
}

/* In the package, after the workflow's block was closed, a task object whose id is in the graph stands for
 * the task there. */
static bool stands_for_known(const struct flow_run *run, const struct flow_task_def *def)
{
    return run->profile->tasks_join_when_made && run->is_closed && def->id &&
           graph_find(&run->graph, def->id, strlen(def->id)) != FLOW_TASK_NONE;
}

int flow_ctx_next_new_task(
    struct flow_ctx *ctx, const struct flow_task_def *def, enum flow_next how, flow_task *out)
{
    struct flow_run *run = enter(ctx);
    flow_task target;
    bool is_new = false;
    int status = FLOW_OK;
    if (stands_for_known(run, def)) {
        target = graph_find(&run->graph, def->id, strlen(def->id));
        if (def->release)
            def->release(def->user);
    } else {
        status = run_add_dynamic_task(run, def, &target, &is_new, &run->call_error);
    }
    if (status == FLOW_OK)
        status = run_request_next(run, target, how, is_new);
    if (status == FLOW_OK && out)
        *out = target;
    return leave(run, status);
}

int flow_ctx_next_task(struct flow_ctx *ctx, flow_task target, enum flow_next how)
{
    if (!run_has_task(ctx->run, target))
        return refuse(ctx, FLOW_EINVAL, "next_task: there is no task number %u", target);
    struct flow_run *run = enter(ctx);
    int status = run_request_next(run, target, how, false);
    if (status < 0)
        refuse(ctx, status, "out of memory enqueueing '%s'", run_id(run, target));
    return leave(run, status);
}

int flow_ctx_next_iteration(struct flow_ctx *ctx, struct flow_value data)
{
    struct flow_run *run = enter(ctx);
    return leave(run, run_request_iteration(run, data, &run->call_error));
}

static int request_end(struct flow_ctx *ctx, bool is_cancel, const char *message)
{
    struct flow_run *run = enter(ctx);
    run_request_end(run, is_cancel, message ? message : "");
    return leave(run, FLOW_OK);
}

int flow_ctx_terminate(struct flow_ctx *ctx, const char *message)
{
    return request_end(ctx, false, message);
}

int flow_ctx_cancel(struct flow_ctx *ctx, const char *message)
{
    return request_end(ctx, true, message);
}

int flow_ctx_fail(struct flow_ctx *ctx, const char *kind, const char *detail, const char *fmt, ...)
{
    struct flow_run *run = ctx->run;
    va_list args;
    va_start(args, fmt);
    run_set_failure_v(&run->failure, kind, detail, fmt, args);
    va_end(args);
    run->execution.entry.flags |= SAID_FAILURE;
    return FLOW_ETASK;
}

const char *flow_ctx_error(struct flow_ctx *ctx)
{
    return ctx->run->execution.entry.flags & CALL_FAILED ? ctx->run->call_error.text : "";
}

int flow_ctx_print(struct flow_ctx *ctx, int stream, const void *bytes, size_t length)
{
    if (stream != 1 && stream != 2)
        return refuse(ctx, FLOW_EINVAL, "print: stream %d is neither 1 nor 2", stream);
    struct flow_run *run = enter(ctx);
    int status = FLOW_OK;
    run->printed[stream - 1] += length;
    if (run->hooks.on_print)
        status = run->hooks.on_print(run->hooks.user, run, stream, bytes, length);
    else if (run_wants(run, FLOW_EV_OUTPUT))
        tell_output(run, stream, bytes, length);
    if (status < 0)
        refuse(ctx, status, "print: %s", flow_status_name(status));
    return leave(run, status);
}

int flow_ctx_printf(struct flow_ctx *ctx, const char *fmt, ...)
{
    struct str text = {0};
    va_list args;
    va_start(args, fmt);
    int status = str_addv(&text, fmt, args);
    va_end(args);
    if (status == FLOW_OK)
        status = flow_ctx_print(ctx, 1, str_text(&text), text.length);
    else
        refuse(ctx, status, "print: out of memory");
    str_finish(&text);
    return status;
}

int64_t flow_ctx_wall_ns(struct flow_ctx *ctx)
{
    struct flow_run *run = enter(ctx);
    int64_t now = run->wall_ns ? run->wall_ns(run->clock_user) : 0;
    emit_input(run, "clock", flow_int(now));
    leave(run, FLOW_OK);
    return now;
}

uint64_t flow_ctx_random(struct flow_ctx *ctx)
{
    struct flow_run *run = enter(ctx);
    uint64_t number = prng_next(&run->prng);
    emit_input(run, "random", flow_int((int64_t)number));
    leave(run, FLOW_OK);
    return number;
}

int flow_ctx_input(struct flow_ctx *ctx, const char *name, struct flow_value value)
{
    if (!name || !utf8_is_valid(name, strlen(name))) {
        value_unref(value);
        return refuse(ctx, FLOW_EINVAL, "an input needs a name in UTF-8");
    }
    struct flow_run *run = enter(ctx);
    emit_input(run, name, value);
    value_unref(value);
    return leave(run, FLOW_OK);
}

bool flow_ctx_wants(struct flow_ctx *ctx, enum flow_event_kind note)
{
    return (unsigned)note >= FLOW_EV_FIRST_NOTE && (unsigned)note < FLOW_EV_FIRST_UNUSED &&
           run_wants(ctx->run, note);
}

void flow_ctx_line(struct flow_ctx *ctx, const char *file, uint32_t line)
{
    if (!run_wants(ctx->run, FLOW_EV_SOURCE_LINE))
        return;
    struct flow_run *run = enter(ctx);
    tell_line(run, file, line);
    leave(run, FLOW_OK);
}
