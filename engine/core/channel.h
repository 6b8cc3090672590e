/* The channel: the run's key/value state. An ordered map; the order is that in which keys got their value.
 *
 * Keys are named once and keep their flow_key for the whole run, set or not. */
#ifndef CORE_CHANNEL_H
#define CORE_CHANNEL_H

#include "base/map.h"
#include "base/vec.h"
#include "core/value.h"
#include "flow/event.h"

#define CHANNEL_UNSET UINT32_MAX

struct channel_key {
    struct flow_value value; /* owned; null while unset */
    char *name;
    uint32_t slot; /* its place in `order`, or CHANNEL_UNSET */
    uint32_t length : 31;
    uint32_t is_announced : 1; /* an event has carried its name */
};

/* `order` may have holes (FLOW_KEY_NONE) where keys were deleted, so that a walk by index survives deletions.
 * keys.count + holes <= order.capacity, always: there is a place for every key that is not set, and putting a
 * value neither allocates nor looks for room. */
struct channel {
    struct {
        VEC(struct channel_key);
    } keys;
    struct {
        VEC(flow_key);
    } order;
    size_t holes;
    struct map index;
};

/* The channel must stay where it is from here on. */
void channel_init(struct channel *c);
void channel_finish(struct channel *c);

bool channel_name_is_valid(const char *name, size_t length); /* not empty, not absurdly long, UTF-8 */
/* The key of that name, or FLOW_KEY_NONE. */
flow_key channel_find(const struct channel *c, const char *name, size_t length);
/* The same, named now if it was not. FLOW_KEY_NONE: out of memory. The name must be valid. */
flow_key channel_intern(struct channel *c, const char *name, size_t length);

static inline bool channel_is_set(const struct channel *c, flow_key key)
{
    return c->keys.at[key].slot != CHANNEL_UNSET;
}
/* Stores a value, taking it over; returns the old one, which is now the caller's, or null. Cannot fail. */
static inline struct flow_value channel_put(struct channel *c, flow_key key, struct flow_value value)
{
    struct channel_key *k = &c->keys.at[key];
    struct flow_value old = k->value;
    k->value = value;
    if (k->slot == CHANNEL_UNSET) {
        k->slot = (uint32_t)c->order.count;
        c->order.at[c->order.count++] = key;
    }
    return old;
}
/* Unsets a key that is set; its value is now the caller's. */
struct flow_value channel_remove(struct channel *c, flow_key key);
/* Walks the keys that are set: start with *cursor = 0. FLOW_OK or FLOW_END. */
int channel_next(const struct channel *c, size_t *cursor, flow_key *key);

#endif
