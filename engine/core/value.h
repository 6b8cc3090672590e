/* What the rest of core needs to know of values beyond the public header. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "flow/value.h"

/* The shared part of strings, bytes, lists, maps and opaques: one allocation, never changed after creation.
 * What `body` holds depends on the type of the values that point here:
 *   string, bytes   `count` bytes and a NUL
 *   list            `count` values
 *   map             `count` members, then, in maps too long to scan, `slot_count` member indexes by key hash
 *   opaque          the type name and its NUL (`count` bytes without it), then the printed form and its NUL
 */
struct flow_object {
    uint32_t refs;
    uint16_t depth; /* 1 for a leaf; bounded, so that walking a value may recurse */
    uint16_t reserved;
    uint32_t slot_count; /* map: a power of two, or 0 */
    uint32_t tail_count; /* opaque: bytes of the printed form */
    size_t count;
    uint64_t body[];
};

static inline char *object_text(struct flow_object *object)
{
    return (char *)object->body;
}
static inline struct flow_value *object_items(struct flow_object *object)
{
    return (struct flow_value *)object->body;
}
static inline struct flow_member *object_members(struct flow_object *object)
{
    return (struct flow_member *)object->body;
}

/* Drops the last reference of v's object. */
void value_destroy(struct flow_value v);

/* The inlined forms of ref and unref, for paths where most values are scalars. */
static inline struct flow_value value_ref(struct flow_value v)
{
    if (!flow_value_is_scalar(v))
        v.as.object->refs++;
    return v;
}
static inline void value_unref(struct flow_value v)
{
    if (!flow_value_is_scalar(v) && --v.as.object->refs == 0)
        value_destroy(v);
}

/* Builds maps member by member, for the engine's own event values. All-zero is empty; the adders are sticky:
 * after a failure they do nothing and map_builder_take returns it. */
struct map_builder {
    struct flow_member members[16];
    size_t count;
    int status;
};
/* Takes over value. key is a literal. */
void map_builder_add(struct map_builder *b, const char *key, struct flow_value value);
void map_builder_add_text(struct map_builder *b, const char *key, const char *text);
int map_builder_take(struct map_builder *b, struct flow_value *out);

#endif
