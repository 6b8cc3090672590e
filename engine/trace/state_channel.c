/* The channel: keys in the order in which they were first named, and which of them the current step changed.
 */
#include <string.h>

#include "trace/state_private.h"

/* Indexes of keys that no event has named yet, at most. Keys can be looked up without an event, so the first
 * event may name the fifth key; but a hostile trace must not make us allocate for the billionth. */
enum { UNNAMED_MAX = 4096 };

static struct map_name key_name(const void *user, uint32_t index)
{
    const struct trace_state *state = user;
    const char *name = state->keys.at[index].name;
    return (struct map_name){name, strlen(name)};
}

void state_channel_init(struct trace_state *state)
{
    state->key_index = (struct map){.name_of = key_name, .user = state};
}

void state_channel_finish(struct trace_state *state)
{
    vec_foreach (struct trace_key, key, &state->keys) {
        mem_free(key->name);
        flow_value_unref(key->value);
        flow_value_unref(key->before);
    }
    vec_finish(&state->keys);
    map_finish(&state->key_index);
    vec_finish(&state->order);
    vec_finish(&state->changed);
}

void state_channel_new_step(struct trace_state *state)
{
    vec_foreach (flow_key, changed, &state->changed) {
        struct trace_key *key = &state->keys.at[*changed];
        key->changed = key->was_set = false;
        flow_value_unref(key->before);
        key->before = flow_null();
    }
    vec_clear(&state->changed);
}

/* Makes room for key `index`; those that are new have no name. */
static int grow_keys(struct trace_state *state, flow_key index)
{
    if (index < state->keys.count)
        return FLOW_OK;
    size_t extra = index + 1 - state->keys.count;
    if (vec_reserve(&state->keys, extra) < 0)
        return FLOW_ENOMEM;
    for (; state->keys.count <= index; state->keys.count++)
        state->keys.at[state->keys.count] =
            (struct trace_key){.value = flow_null(), .before = flow_null(), .writer = FLOW_TASK_NONE};
    return FLOW_OK;
}

/* Gives a key its name if it has none. */
static int name_key(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->key < state->keys.count && state->keys.at[event->key].name)
        return FLOW_OK;
    if (event->key >= (uint64_t)state->key_index.count * 2 + UNNAMED_MAX)
        return fold_refuse(event, err, "key %u, but only %u are known", (unsigned)event->key,
            (unsigned)state->key_index.count);
    if (event->text_length == 0)
        return fold_refuse(event, err, "the first event of key %u does not name it", (unsigned)event->key);
    if (map_find(&state->key_index, event->text, event->text_length) != MAP_NONE)
        return fold_refuse(event, err, "a second key with the name of another");
    char *name = NULL;
    int status = fold_copy_text(event, event->text, event->text_length, &name, err);
    if (status < 0)
        return status;
    /* A key without value and events is the same as no key to all who read the state, so growing first and
     * failing then leaves the state unchanged. */
    size_t count = state->keys.count;
    if (grow_keys(state, event->key) < 0 ||
        map_add(&state->key_index, name, event->text_length, event->key) < 0) {
        state->keys.count = count;
        mem_free(name);
        return fold_no_memory(event, err);
    }
    state->keys.at[event->key].name = name;
    return FLOW_OK;
}

/* Remembers what the key was before its first change in this step, and who changed it. There is room. */
static void note_change(struct trace_state *state, const struct flow_event *event)
{
    struct trace_key *key = &state->keys.at[event->key];
    bool counts = state->step > 0 || event->origin == FLOW_ORIGIN_USER;
    if (counts && !key->changed) {
        key->changed = true;
        key->was_set = key->is_set;
        key->before = flow_value_ref(key->value);
        state->changed.at[state->changed.count++] = event->key;
    }
    bool is_body = state->phase == TRACE_PHASE_BODY || state->phase == TRACE_PHASE_FINISHING;
    key->writes++;
    key->event = event->number;
    key->step = event->step;
    key->origin = event->origin;
    key->writer = is_body && event->origin != FLOW_ORIGIN_USER ? state->current : FLOW_TASK_NONE;
}

int fold_channel_set(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (vec_reserve(&state->changed, 1) < 0 || vec_reserve(&state->order, 1) < 0)
        return fold_no_memory(event, err);
    int status = name_key(state, event, err);
    if (status < 0)
        return status;
    note_change(state, event);
    struct trace_key *key = &state->keys.at[event->key];
    if (!key->is_set)
        state->order.at[state->order.count++] = event->key;
    key->is_set = true;
    struct flow_value old = key->value;
    key->value = flow_value_ref(event->value);
    flow_value_unref(old);
    return FLOW_OK;
}

int fold_channel_deleted(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->key >= state->keys.count || !state->keys.at[event->key].is_set)
        return fold_refuse(event, err, "key %u has no value", (unsigned)event->key);
    if (vec_reserve(&state->changed, 1) < 0)
        return fold_no_memory(event, err);
    note_change(state, event);
    struct trace_key *key = &state->keys.at[event->key];
    key->is_set = false;
    flow_value_unref(key->value);
    key->value = flow_null();
    for (size_t i = 0; i < state->order.count; i++) {
        if (state->order.at[i] == event->key) {
            vec_remove(&state->order, i);
            break;
        }
    }
    return FLOW_OK;
}
