/* Reading keyframes. What they say is not trusted: every index is checked before anything relies on it. */
#include <string.h>

#include "base/str.h"
#include "trace/keyframe.h"
#include "trace/keyframe_private.h"
#include "trace/state_private.h"

struct source {
    struct wire_in in;
    struct record_codec *codec;
    const uint8_t *payload;
    struct trace_state *state;
    uint64_t tasks; /* that there are: indexes are below */
};

static int refuse(struct source *s)
{
    s->in.failed = true;
    return FLOW_EFORMAT;
}

static uint32_t get_small(struct source *s)
{
    uint64_t value = wire_get_varint(&s->in);
    if (value > UINT32_MAX)
        s->in.failed = true;
    return (uint32_t)value;
}

/* A task or none. */
static flow_task get_task(struct source *s)
{
    uint64_t task = wire_get_varint(&s->in);
    if (task > s->tasks)
        s->in.failed = true;
    return (flow_task)((uint32_t)task - 1);
}

static flow_task get_real_task(struct source *s)
{
    uint64_t task = wire_get_varint(&s->in);
    if (task >= s->tasks)
        s->in.failed = true;
    return (flow_task)task;
}

static uint64_t get_ago(struct source *s, uint64_t now)
{
    uint64_t ago = wire_get_varint(&s->in);
    if (ago > now)
        s->in.failed = true;
    return ago ? now - (ago - 1) : 0;
}

/* How many things of at least one byte each follow. */
static size_t get_count(struct source *s)
{
    uint64_t count = wire_get_varint(&s->in);
    if (count > wire_left(&s->in))
        s->in.failed = true;
    return s->in.failed ? 0 : (size_t)count;
}

/* A text where it lies; NULL with length 0 for none. */
static const char *peek_text(struct source *s, size_t *length)
{
    uint64_t word = wire_get_varint(&s->in);
    *length = 0;
    if (word == 0)
        return NULL;
    const char *text = (const char *)wire_get_bytes(&s->in, word - 1);
    if (text)
        *length = (size_t)(word - 1);
    return text;
}

/* Makes *place the text; keeps it if it is that already. */
static int get_text(struct source *s, char **place)
{
    size_t length;
    const char *text = peek_text(s, &length);
    if (s->in.failed)
        return FLOW_EFORMAT;
    if (text && *place && strlen(*place) == length && memcmp(*place, text, length) == 0)
        return FLOW_OK;
    char *copy = NULL;
    if (text) {
        if (length && (memchr(text, '\0', length) || !utf8_is_valid(text, length)))
            return refuse(s);
        copy = mem_strndup(text, length);
        if (!copy)
            return FLOW_ENOMEM;
    }
    fold_replace_text(place, copy);
    return FLOW_OK;
}

static int get_value(struct source *s, struct flow_value *place)
{
    struct flow_value value;
    int status = record_get_value(s->codec, s->payload, &s->in, &value);
    if (status < 0)
        return status;
    flow_value_unref(*place);
    *place = value;
    return FLOW_OK;
}

static int get_entry(struct source *s, struct trace_entry *entry)
{
    entry->number = wire_get_varint(&s->in);
    entry->task = get_task(s);
    entry->reason = wire_get_byte(&s->in);
    uint8_t origin = wire_get_byte(&s->in);
    entry->origin = origin & (uint8_t)~KEYFRAME_ABANDONED;
    entry->is_abandoned = origin & KEYFRAME_ABANDONED;
    entry->source = get_task(s);
    entry->cause = wire_get_varint(&s->in);
    entry->iteration = get_small(s);
    entry->event = get_ago(s, s->state->event);
    if (s->in.failed || entry->reason > FLOW_REASON_MANUAL || entry->origin > FLOW_ORIGIN_HOST)
        return refuse(s);
    return get_value(s, &entry->data);
}

static int get_run(struct source *s)
{
    struct trace_state *state = s->state;
    state->event = wire_get_varint(&s->in);
    state->step = wire_get_varint(&s->in);
    state->phase = wire_get_byte(&s->in);
    state->time_ns = wire_get_signed(&s->in);
    state->start_ns = wire_get_signed(&s->in);
    state->step_start_ns = wire_get_signed(&s->in);
    state->last.kind = (uint16_t)get_small(s);
    state->last.origin = wire_get_byte(&s->in);
    unsigned profile = wire_get_byte(&s->in), outcome = wire_get_byte(&s->in);
    state->profile = (enum flow_profile)profile;
    state->outcome = (enum flow_outcome)outcome;
    s->tasks = UINT32_MAX; /* their number comes later: these are checked then */
    state->culprit = get_task(s);
    state->error_task = get_task(s);
    state->error_event = get_ago(s, state->event);
    state->errors = wire_get_varint(&s->in);
    state->user_actions = wire_get_varint(&s->in);
    state->current = get_task(s);
    state->current_attempt = get_small(s);
    if (s->in.failed || state->phase > TRACE_PHASE_ENDED || profile > FLOW_PROFILE_PACKAGE ||
        outcome > FLOW_OUTCOME_CRASHED || state->last.kind >= FLOW_EV_FIRST_NOTE ||
        state->last.origin > FLOW_ORIGIN_HOST)
        return refuse(s);
    int status = get_text(s, &state->workflow);
    if (status == FLOW_OK)
        status = get_text(s, &state->message);
    if (status == FLOW_OK)
        status = get_text(s, &state->error);
    if (status == FLOW_OK)
        status = get_value(s, &state->info);
    return status == FLOW_OK ? get_entry(s, &state->current_entry) : status;
}

static bool is_task_or_none(const struct trace_state *state, flow_task task)
{
    return task == FLOW_TASK_NONE || fold_is_task(state, task);
}

/* The tasks that the run's part named exist, and one runs when the phase says so. */
static bool run_is_sound(const struct trace_state *state)
{
    bool is_running = state->phase == TRACE_PHASE_TAKEN || state->phase == TRACE_PHASE_BODY ||
                      state->phase == TRACE_PHASE_FINISHING;
    return is_task_or_none(state, state->culprit) && is_task_or_none(state, state->error_task) &&
           is_task_or_none(state, state->current_entry.task) &&
           is_task_or_none(state, state->current_entry.source) &&
           is_running == (state->current != FLOW_TASK_NONE) && is_task_or_none(state, state->current) &&
           (!is_running || state->current_entry.task == state->current);
}

static void drop_tasks(struct trace_state *state, size_t count)
{
    while (state->tasks.count > count) {
        struct trace_task *task = &vec_last(&state->tasks);
        map_remove(&state->task_index, task->id, strlen(task->id));
        mem_free(task->id);
        mem_free(task->location);
        vec_finish(&task->arrivals);
        state->tasks.count--;
    }
}

/* The task at that place with that id: the one that is there if it has it, else a new one. */
static int need_task(struct source *s, size_t index, struct trace_task **out)
{
    struct trace_state *state = s->state;
    size_t length;
    const char *id = peek_text(s, &length);
    if (!id || length == 0)
        return refuse(s);
    if (index < state->tasks.count) {
        struct trace_task *task = &state->tasks.at[index];
        if (strlen(task->id) == length && memcmp(task->id, id, length) == 0) {
            *out = task;
            return FLOW_OK;
        }
        drop_tasks(state, index);
    }
    if (memchr(id, '\0', length) || !utf8_is_valid(id, length) ||
        map_find(&state->task_index, id, length) != MAP_NONE)
        return refuse(s);
    char *copy = mem_strndup(id, length);
    if (!copy || vec_reserve(&state->tasks, 1) < 0 ||
        map_add(&state->task_index, copy, length, (uint32_t)index) < 0) {
        mem_free(copy);
        return FLOW_ENOMEM;
    }
    *out = &state->tasks.at[state->tasks.count++];
    **out = (struct trace_task){.id = copy};
    return FLOW_OK;
}

static int get_arrivals(struct source *s, struct trace_task *task)
{
    size_t count = get_count(s);
    for (size_t i = 0; i < count; i++) {
        struct trace_arrival arrival = {.from = get_real_task(s), .event = get_ago(s, s->state->event)};
        if (s->in.failed)
            return FLOW_EFORMAT;
        if (vec_push(&task->arrivals, arrival) < 0)
            return FLOW_ENOMEM;
    }
    return s->in.failed ? FLOW_EFORMAT : FLOW_OK;
}

static int get_one_task(struct source *s, size_t index, struct trace_task *before)
{
    struct trace_task *task;
    int status = need_task(s, index, &task);
    if (status < 0)
        return status;
    uint8_t flags = wire_get_byte(&s->in);
    task->born = before->born + wire_get_varint(&s->in);
    task->born_step = before->born_step + wire_get_varint(&s->in);
    task->creator = before->creator;
    task->join = before->join;
    task->max_cycles = before->max_cycles;
    task->max_retries = before->max_retries;
    task->needed = before->needed;
    if (!(flags & KEYFRAME_LIKE_BEFORE)) {
        task->creator = get_task(s);
        task->join = wire_get_byte(&s->in) ? FLOW_JOIN_ALL : FLOW_JOIN_EACH;
        task->max_cycles = get_small(s);
        task->max_retries = get_small(s);
        task->needed = get_small(s);
    }
    task->runs = wire_get_varint(&s->in);
    task->completed = task->last_step = task->last_start_event = 0;
    if (task->runs) {
        task->completed = task->runs - (uint64_t)wire_get_signed(&s->in);
        task->last_step = get_ago(s, s->state->step);
        task->last_start_event = get_ago(s, s->state->event);
    }
    task->failures = flags & KEYFRAME_RARE ? wire_get_varint(&s->in) : 0;
    task->iterations = flags & KEYFRAME_RARE ? wire_get_varint(&s->in) : 0;
    task->has_outcome = flags & KEYFRAME_OUTCOME;
    task->last_outcome = task->has_outcome ? wire_get_byte(&s->in) : 0;
    task->skipped_event = flags & KEYFRAME_SKIPPED ? get_ago(s, s->state->event) : 0;
    task->skipped_by = flags & KEYFRAME_SKIPPED ? get_task(s) : FLOW_TASK_NONE;
    task->queued = 0; /* counted with the queue */
    vec_clear(&task->arrivals);
    if (s->in.failed || task->last_outcome > FLOW_STEP_RETRIED)
        return refuse(s);
    if (flags & KEYFRAME_ARRIVALS)
        status = get_arrivals(s, task);
    *before = *task;
    if (status == FLOW_OK && flags & KEYFRAME_LOCATION)
        return get_text(s, &task->location);
    fold_replace_text(&task->location, NULL);
    return status;
}

static int get_one_edge(struct source *s, size_t index, struct trace_edge *last)
{
    struct trace_state *state = s->state;
    uint32_t from = last->from + 1 + (uint32_t)wire_get_signed(&s->in);
    struct trace_edge edge = {.from = from - 1, .to = last->to + (uint32_t)wire_get_signed(&s->in)};
    edge.kind = wire_get_byte(&s->in);
    edge.count = wire_get_varint(&s->in);
    edge.born = last->born + wire_get_varint(&s->in);
    edge.last = get_ago(s, state->event);
    if (s->in.failed || edge.to >= s->tasks || from > s->tasks || edge.kind > TRACE_EDGE_MANUAL)
        return refuse(s);
    *last = edge;
    if (index < state->edges.count) {
        struct trace_edge *same = &state->edges.at[index];
        if (same->from == edge.from && same->to == edge.to && same->kind == edge.kind) {
            *same = edge;
            return FLOW_OK;
        }
        state_drop_edges(state, index);
    }
    if (state_find_edge(state, edge.from, edge.to, edge.kind))
        return refuse(s);
    struct trace_edge *place = state_need_edge(state, edge.from, edge.to, edge.kind, edge.born);
    if (!place)
        return FLOW_ENOMEM;
    *place = edge;
    return FLOW_OK;
}

static int get_graph(struct source *s)
{
    struct trace_state *state = s->state;
    struct trace_task before = {.creator = FLOW_TASK_NONE};
    struct trace_edge last = {0};
    size_t count = get_count(s);
    s->tasks = count;
    int status = s->in.failed ? FLOW_EFORMAT : FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++)
        status = get_one_task(s, i, &before);
    if (status < 0)
        return status;
    size_t edges = get_count(s);
    status = s->in.failed ? FLOW_EFORMAT : FLOW_OK;
    for (size_t i = 0; i < edges && status == FLOW_OK; i++)
        status = get_one_edge(s, i, &last);
    if (status < 0)
        return status;
    state_drop_edges(state, edges); /* first: they do not look at tasks */
    drop_tasks(state, count);
    return run_is_sound(state) ? FLOW_OK : refuse(s);
}

static void drop_keys(struct trace_state *state, size_t count)
{
    while (state->keys.count > count) {
        struct trace_key *key = &vec_last(&state->keys);
        if (key->name)
            map_remove(&state->key_index, key->name, strlen(key->name));
        mem_free(key->name);
        flow_value_unref(key->value);
        flow_value_unref(key->before);
        state->keys.count--;
    }
}

static int need_key(struct source *s, size_t index, struct trace_key **out)
{
    struct trace_state *state = s->state;
    size_t length;
    const char *name = peek_text(s, &length);
    if (s->in.failed || (name && length == 0))
        return refuse(s);
    if (index < state->keys.count) {
        struct trace_key *key = &state->keys.at[index];
        bool is_same = name && key->name ? strlen(key->name) == length && memcmp(key->name, name, length) == 0
                                         : !name && !key->name;
        if (is_same) {
            *out = key;
            return FLOW_OK;
        }
        drop_keys(state, index);
    }
    if (name && (memchr(name, '\0', length) || !utf8_is_valid(name, length) ||
                    map_find(&state->key_index, name, length) != MAP_NONE))
        return refuse(s);
    char *copy = name ? mem_strndup(name, length) : NULL;
    if ((name && !copy) || vec_reserve(&state->keys, 1) < 0 ||
        (copy && map_add(&state->key_index, copy, length, (uint32_t)index) < 0)) {
        mem_free(copy);
        return FLOW_ENOMEM;
    }
    *out = &state->keys.at[state->keys.count++];
    **out = (struct trace_key){.name = copy, .value = flow_null(), .before = flow_null()};
    return FLOW_OK;
}

static int get_key(struct source *s, size_t index)
{
    struct trace_key *key;
    int status = need_key(s, index, &key);
    if (status < 0)
        return status;
    uint8_t flags = wire_get_byte(&s->in);
    key->is_set = flags & KEYFRAME_IS_SET;
    key->changed = flags & KEYFRAME_CHANGED;
    key->was_set = flags & KEYFRAME_WAS_SET;
    key->origin = flags >> KEYFRAME_ORIGIN_SHIFT;
    key->writes = wire_get_varint(&s->in);
    key->event = key->step = 0;
    key->writer = FLOW_TASK_NONE;
    if (key->writes) {
        key->event = get_ago(s, s->state->event);
        key->step = s->state->step - wire_get_varint(&s->in);
        key->writer = get_task(s);
    }
    flow_value_unref(key->value);
    flow_value_unref(key->before);
    key->value = key->before = flow_null();
    if (s->in.failed || key->origin > FLOW_ORIGIN_HOST || (key->is_set && !key->name))
        return refuse(s);
    if (key->is_set)
        status = get_value(s, &key->value);
    if (status == FLOW_OK && key->was_set)
        status = get_value(s, &key->before);
    return status;
}

/* `count` different keys: all that have the flag. */
static int get_keys(struct source *s, flow_key *at, size_t count, bool of_changed)
{
    struct trace_state *state = s->state;
    size_t expected = 0;
    uint32_t key = 0;
    for (size_t i = 0; i < count; i++) {
        key += (uint32_t)wire_get_signed(&s->in);
        if (s->in.failed || key >= state->keys.count ||
            !(of_changed ? state->keys.at[key].changed : state->keys.at[key].is_set))
            return refuse(s);
        at[i] = key;
    }
    vec_foreach (struct trace_key, one, &state->keys)
        expected += of_changed ? one->changed : one->is_set;
    return expected == count ? FLOW_OK : refuse(s);
}

static int get_order(struct source *s)
{
    struct trace_state *state = s->state;
    size_t count = get_count(s);
    vec_clear(&state->order);
    vec_clear(&state->changed);
    if (s->in.failed || count > state->keys.count)
        return refuse(s);
    if (vec_reserve(&state->order, count) < 0)
        return FLOW_ENOMEM;
    int status = get_keys(s, state->order.at, count, false);
    if (status < 0)
        return status;
    state->order.count = count;
    count = get_count(s);
    if (s->in.failed || count > state->keys.count)
        return refuse(s);
    if (vec_reserve(&state->changed, count) < 0)
        return FLOW_ENOMEM;
    status = get_keys(s, state->changed.at, count, true);
    if (status == FLOW_OK)
        state->changed.count = count;
    return status;
}

static int get_channel(struct source *s)
{
    struct trace_state *state = s->state;
    size_t count = get_count(s);
    int status = s->in.failed ? FLOW_EFORMAT : FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++)
        status = get_key(s, i);
    if (status < 0)
        return status;
    drop_keys(state, count);
    return get_order(s);
}

static int get_queue(struct source *s)
{
    struct trace_state *state = s->state;
    state_queue_clear(state);
    size_t count = get_count(s);
    for (size_t i = 0; i < count; i++) {
        struct trace_entry entry = {.data = flow_null()};
        int status = get_entry(s, &entry);
        if (status == FLOW_OK && !fold_is_task(state, entry.task))
            status = refuse(s);
        if (status == FLOW_OK)
            status = state_queue_push(state, &entry);
        if (status < 0) {
            flow_value_unref(entry.data);
            return status;
        }
        state->tasks.at[entry.task].queued++;
    }
    count = get_count(s);
    vec_clear(&state->held);
    for (size_t i = 0; i < count; i++) {
        struct trace_held held = {.successor = get_real_task(s), .source = get_real_task(s)};
        held.is_abandoned = wire_get_byte(&s->in);
        if (s->in.failed)
            return FLOW_EFORMAT;
        if (vec_push(&state->held, held) < 0)
            return FLOW_ENOMEM;
    }
    return s->in.failed ? FLOW_EFORMAT : FLOW_OK;
}

static int get_blocked(struct source *s)
{
    struct trace_state *state = s->state;
    vec_foreach (struct trace_blocked, blocked, &state->blocked)
        mem_free(blocked->why);
    vec_clear(&state->blocked);
    size_t count = get_count(s);
    for (size_t i = 0; i < count; i++) {
        struct trace_blocked blocked = {0};
        int status = get_text(s, &blocked.why);
        blocked.join = get_real_task(s);
        blocked.missing = get_real_task(s);
        if (status == FLOW_OK && s->in.failed)
            status = FLOW_EFORMAT;
        if (status == FLOW_OK)
            status = vec_push(&state->blocked, blocked);
        if (status < 0) {
            mem_free(blocked.why);
            return status;
        }
    }
    return s->in.failed ? FLOW_EFORMAT : FLOW_OK;
}

int keyframe_get(struct record_codec *codec, struct trace_state *state, const uint8_t *payload, size_t length,
    struct flow_error *err)
{
    struct source s = {
        .in = {.at = payload, .end = payload + length}, .codec = codec, .payload = payload, .state = state};
    record_codec_begin_values(codec);
    int status = get_run(&s);
    if (status == FLOW_OK)
        status = get_graph(&s);
    if (status == FLOW_OK)
        status = get_channel(&s);
    if (status == FLOW_OK)
        status = get_queue(&s);
    if (status == FLOW_OK)
        status = get_blocked(&s);
    if (status == FLOW_OK)
        return FLOW_OK;
    trace_state_finish(state);
    trace_state_init(state);
    if (status == FLOW_ENOMEM)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading a keyframe");
    return flow_error_set(err, FLOW_EFORMAT, "a keyframe that cannot be decoded, at byte %zu of it",
        (size_t)(s.in.at - payload));
}
