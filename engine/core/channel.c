#include "core/channel.h"

#include "base/str.h"

static struct map_name name_of(const void *user, uint32_t index)
{
    const struct channel *c = user;
    return (struct map_name){c->keys.at[index].name, c->keys.at[index].length};
}

void channel_init(struct channel *c)
{
    *c = (struct channel){.index = {.name_of = name_of, .user = c}};
}

void channel_finish(struct channel *c)
{
    vec_foreach (struct channel_key, key, &c->keys) {
        value_unref(key->value);
        mem_free(key->name);
    }
    vec_finish(&c->keys);
    vec_finish(&c->order);
    map_finish(&c->index);
}

bool channel_name_is_valid(const char *name, size_t length)
{
    return length > 0 && length < INT32_MAX && utf8_is_valid(name, length);
}

flow_key channel_find(const struct channel *c, const char *name, size_t length)
{
    return map_find(&c->index, name, length); /* MAP_NONE is FLOW_KEY_NONE */
}

flow_key channel_intern(struct channel *c, const char *name, size_t length)
{
    flow_key known = channel_find(c, name, length);
    if (known != FLOW_KEY_NONE)
        return known;
    size_t index = c->keys.count;
    struct channel_key key = {
        .value = flow_null(), .length = (uint32_t)length & INT32_MAX, .slot = CHANNEL_UNSET};
    size_t places = (index + 1) * 2 + c->holes;
    if (places > c->order.capacity && vec_reserve(&c->order, places - c->order.count) < 0)
        return FLOW_KEY_NONE;
    key.name = index < FLOW_KEY_NONE ? mem_strndup(name, length) : NULL;
    if (!key.name || vec_push(&c->keys, key) < 0)
        goto fail;
    if (map_add(&c->index, name, length, (uint32_t)index) == FLOW_OK)
        return (flow_key)index;
    c->keys.count--;
fail:
    mem_free(key.name);
    return FLOW_KEY_NONE;
}

static void close_holes(struct channel *c)
{
    size_t kept = 0;
    vec_foreach (flow_key, key, &c->order) {
        if (*key == FLOW_KEY_NONE)
            continue;
        c->keys.at[*key].slot = (uint32_t)kept;
        c->order.at[kept++] = *key;
    }
    c->order.count = kept;
    c->holes = 0;
}

struct flow_value channel_remove(struct channel *c, flow_key key)
{
    struct channel_key *removed = &c->keys.at[key];
    struct flow_value old = removed->value;
    c->order.at[removed->slot] = FLOW_KEY_NONE;
    removed->slot = CHANNEL_UNSET;
    removed->value = flow_null();
    c->holes++;
    if (c->keys.count + c->holes > c->order.capacity)
        close_holes(c);
    return old;
}

int channel_next(const struct channel *c, size_t *cursor, flow_key *key)
{
    size_t at = *cursor;
    while (at < c->order.count && c->order.at[at] == FLOW_KEY_NONE)
        at++;
    if (at >= c->order.count) {
        *cursor = at;
        return FLOW_END;
    }
    *key = c->order.at[at];
    *cursor = at + 1;
    return FLOW_OK;
}
