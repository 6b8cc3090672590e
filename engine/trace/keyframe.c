/* Writing keyframes. */
#include "trace/keyframe.h"

#include <string.h>

#include "trace/keyframe_private.h"

static int put_text(struct wire_out *out, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (wire_reserve(out, length + KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, text ? (uint64_t)length + 1 : 0);
    if (length)
        memcpy(out->bytes + out->length, text, length);
    out->length += length;
    return FLOW_OK;
}

static int put_value(struct record_codec *codec, struct wire_out *out, struct flow_value value)
{
    int status = record_put_value(codec, out, value);
    return status < 0 ? status : wire_reserve(out, KEYFRAME_ROOM);
}

/* How long ago; 0: never. */
static void put_ago(struct wire_out *out, uint64_t now, uint64_t then)
{
    wire_put_varint(out, then ? now - then + 1 : 0);
}

static int put_entry(struct record_codec *codec, const struct trace_state *state,
    const struct trace_entry *entry, struct wire_out *out)
{
    if (wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, entry->number);
    wire_put_varint(out, (uint64_t)(flow_task)(entry->task + 1));
    wire_put_byte(out, entry->reason);
    wire_put_byte(out, (uint8_t)(entry->origin | (entry->is_abandoned ? KEYFRAME_ABANDONED : 0)));
    wire_put_varint(out, (uint64_t)(flow_task)(entry->source + 1));
    wire_put_varint(out, entry->cause);
    wire_put_varint(out, entry->iteration);
    put_ago(out, state->event, entry->event);
    return put_value(codec, out, entry->data);
}

static int put_run(struct record_codec *codec, const struct trace_state *state, struct wire_out *out)
{
    if (wire_reserve(out, 4 * KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, state->event);
    wire_put_varint(out, state->step);
    wire_put_byte(out, (uint8_t)state->phase);
    wire_put_signed(out, state->time_ns);
    wire_put_signed(out, state->start_ns);
    wire_put_signed(out, state->step_start_ns);
    wire_put_varint(out, state->last.kind);
    wire_put_byte(out, state->last.origin);
    wire_put_byte(out, (uint8_t)state->profile);
    wire_put_byte(out, (uint8_t)state->outcome);
    wire_put_varint(out, (uint64_t)(flow_task)(state->culprit + 1));
    wire_put_varint(out, (uint64_t)(flow_task)(state->error_task + 1));
    put_ago(out, state->event, state->error_event);
    wire_put_varint(out, state->errors);
    wire_put_varint(out, state->user_actions);
    wire_put_varint(out, (uint64_t)(flow_task)(state->current + 1));
    wire_put_varint(out, state->current_attempt);
    if (put_text(out, state->workflow) < 0 || put_text(out, state->message) < 0 ||
        put_text(out, state->error) < 0 || put_value(codec, out, state->info) < 0)
        return FLOW_ENOMEM;
    return put_entry(codec, state, &state->current_entry, out);
}

static int put_task(const struct trace_state *state, const struct trace_task *task,
    const struct trace_task *before, struct wire_out *out)
{
    bool is_like_before = task->creator == before->creator && task->join == before->join &&
                          task->max_cycles == before->max_cycles &&
                          task->max_retries == before->max_retries && task->needed == before->needed;
    if (put_text(out, task->id) < 0 || wire_reserve(out, 2 * KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_byte(out,
        (uint8_t)((is_like_before ? KEYFRAME_LIKE_BEFORE : 0) | (task->location ? KEYFRAME_LOCATION : 0) |
                  (task->skipped_event ? KEYFRAME_SKIPPED : 0) |
                  (task->arrivals.count ? KEYFRAME_ARRIVALS : 0) |
                  (task->failures || task->iterations ? KEYFRAME_RARE : 0) |
                  (task->has_outcome ? KEYFRAME_OUTCOME : 0)));
    wire_put_varint(out, task->born - before->born);
    wire_put_varint(out, task->born_step - before->born_step);
    if (!is_like_before) {
        wire_put_varint(out, (uint64_t)(flow_task)(task->creator + 1));
        wire_put_byte(out, (uint8_t)task->join);
        wire_put_varint(out, task->max_cycles);
        wire_put_varint(out, task->max_retries);
        wire_put_varint(out, task->needed);
    }
    wire_put_varint(out, task->runs);
    if (task->runs) {
        wire_put_signed(out, (int64_t)(task->runs - task->completed));
        put_ago(out, state->step, task->last_step);
        put_ago(out, state->event, task->last_start_event);
    }
    if (task->failures || task->iterations) {
        wire_put_varint(out, task->failures);
        wire_put_varint(out, task->iterations);
    }
    if (task->has_outcome)
        wire_put_byte(out, task->last_outcome);
    if (task->skipped_event) {
        put_ago(out, state->event, task->skipped_event);
        wire_put_varint(out, (uint64_t)(flow_task)(task->skipped_by + 1));
    }
    if (task->arrivals.count) {
        wire_put_varint(out, task->arrivals.count);
        vec_foreach (struct trace_arrival, arrival, &task->arrivals) {
            if (wire_reserve(out, KEYFRAME_ROOM) < 0)
                return FLOW_ENOMEM;
            wire_put_varint(out, arrival->from);
            put_ago(out, state->event, arrival->event);
        }
    }
    return task->location ? put_text(out, task->location) : FLOW_OK;
}

static int put_graph(const struct trace_state *state, struct wire_out *out)
{
    const struct trace_task none = {.creator = FLOW_TASK_NONE};
    const struct trace_task *before = &none;
    wire_put_varint(out, state->tasks.count);
    vec_foreach (struct trace_task, task, &state->tasks) {
        if (put_task(state, task, before, out) < 0)
            return FLOW_ENOMEM;
        before = task;
    }
    if (wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, state->edges.count);
    struct trace_edge last = {0};
    vec_foreach (struct trace_edge, edge, &state->edges) {
        if (wire_reserve(out, KEYFRAME_ROOM) < 0)
            return FLOW_ENOMEM;
        wire_put_signed(out, (int64_t)(flow_task)(edge->from + 1) - (int64_t)(flow_task)(last.from + 1));
        wire_put_signed(out, (int64_t)edge->to - (int64_t)last.to);
        wire_put_byte(out, edge->kind);
        wire_put_varint(out, edge->count);
        wire_put_varint(out, edge->born - last.born);
        put_ago(out, state->event, edge->last);
        last = *edge;
    }
    return FLOW_OK;
}

static int put_key(struct record_codec *codec, const struct trace_state *state, const struct trace_key *key,
    struct wire_out *out)
{
    if (put_text(out, key->name) < 0 || wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_byte(
        out, (uint8_t)((key->is_set ? KEYFRAME_IS_SET : 0) | (key->changed ? KEYFRAME_CHANGED : 0) |
                       (key->was_set ? KEYFRAME_WAS_SET : 0) | key->origin << KEYFRAME_ORIGIN_SHIFT));
    wire_put_varint(out, key->writes);
    if (key->writes) {
        put_ago(out, state->event, key->event);
        wire_put_varint(out, state->step - key->step);
        wire_put_varint(out, (uint64_t)(flow_task)(key->writer + 1));
    }
    if (key->is_set && put_value(codec, out, key->value) < 0)
        return FLOW_ENOMEM;
    return key->was_set ? put_value(codec, out, key->before) : FLOW_OK;
}

static int put_keys(const flow_key *at, size_t count, struct wire_out *out)
{
    if (count > SIZE_MAX / WIRE_VARINT_MAX || wire_reserve(out, (count + 1) * WIRE_VARINT_MAX) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, count);
    flow_key last = 0;
    for (size_t i = 0; i < count; i++) {
        wire_put_signed(out, (int64_t)at[i] - (int64_t)last);
        last = at[i];
    }
    return FLOW_OK;
}

static int put_channel(struct record_codec *codec, const struct trace_state *state, struct wire_out *out)
{
    if (wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, state->keys.count);
    vec_foreach (struct trace_key, key, &state->keys)
        if (put_key(codec, state, key, out) < 0)
            return FLOW_ENOMEM;
    int status = put_keys(state->order.at, state->order.count, out);
    return status < 0 ? status : put_keys(state->changed.at, state->changed.count, out);
}

static int put_queue(struct record_codec *codec, const struct trace_state *state, struct wire_out *out)
{
    if (wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, state->queue.count);
    vec_foreach (struct trace_entry, entry, &state->queue)
        if (put_entry(codec, state, entry, out) < 0)
            return FLOW_ENOMEM;
    wire_put_varint(out, state->held.count);
    vec_foreach (struct trace_held, held, &state->held) {
        if (wire_reserve(out, KEYFRAME_ROOM) < 0)
            return FLOW_ENOMEM;
        wire_put_varint(out, held->successor);
        wire_put_varint(out, held->source);
        wire_put_byte(out, held->is_abandoned);
    }
    if (wire_reserve(out, KEYFRAME_ROOM) < 0)
        return FLOW_ENOMEM;
    wire_put_varint(out, state->blocked.count);
    vec_foreach (struct trace_blocked, blocked, &state->blocked) {
        if (put_text(out, blocked->why) < 0 || wire_reserve(out, KEYFRAME_ROOM) < 0)
            return FLOW_ENOMEM;
        wire_put_varint(out, blocked->join);
        wire_put_varint(out, blocked->missing);
    }
    return FLOW_OK;
}

int keyframe_put(struct record_codec *codec, const struct trace_state *state, struct wire_out *payload)
{
    record_codec_begin_values(codec);
    if (put_run(codec, state, payload) < 0 || put_graph(state, payload) < 0 ||
        put_channel(codec, state, payload) < 0)
        return FLOW_ENOMEM;
    return put_queue(codec, state, payload);
}
