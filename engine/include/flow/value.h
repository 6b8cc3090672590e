/* Values: what channels hold, tasks return and events carry.
 *
 * A struct flow_value is 16 bytes and is passed by value. Null, bool, int and double live inside it; the
 * other types point to an immutable, reference-counted object. Copying the struct does not take a reference:
 * whoever keeps a value calls flow_value_ref(), whoever is done with it flow_value_unref(). Both do nothing
 * for scalars. Because objects never change, sharing one between a channel, a snapshot and a queue entry is
 * safe. Reference counts are not atomic: values belong to the thread of their run. */
#ifndef FLOW_VALUE_H
#define FLOW_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types, once: X(NAME, "word a user sees"). The numbers are stable (they stand in trace files). */
#define FLOW_TYPES(X)                                                                                        \
    X(NULL, "null")                                                                                          \
    X(BOOL, "bool")                                                                                          \
    X(INT, "int")                                                                                            \
    X(DOUBLE, "double")                                                                                      \
    X(STRING, "string")                                                                                      \
    X(BYTES, "bytes")                                                                                        \
    X(LIST, "list")                                                                                          \
    X(MAP, "map")                                                                                            \
    X(OPAQUE, "opaque")

enum flow_type {
#define FLOW_TYPE_ENUM(name, word) FLOW_TYPE_##name,
    FLOW_TYPES(FLOW_TYPE_ENUM)
#undef FLOW_TYPE_ENUM
        FLOW_TYPE_COUNT
};

struct flow_object; /* the shared part of strings, bytes, lists, maps and opaques */

struct flow_value {
    uint32_t type;     /* enum flow_type */
    uint32_t reserved; /* 0 */
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct flow_object *object;
    } as;
};

/* One member of a map. */
struct flow_member {
    struct flow_value key; /* a string */
    struct flow_value value;
};

static inline struct flow_value flow_null(void)
{
    struct flow_value v = {FLOW_TYPE_NULL, 0, {.integer = 0}};
    return v;
}
static inline struct flow_value flow_bool(bool boolean)
{
    struct flow_value v = {FLOW_TYPE_BOOL, 0, {.integer = 0}};
    v.as.boolean = boolean;
    return v;
}
static inline struct flow_value flow_int(int64_t integer)
{
    struct flow_value v = {FLOW_TYPE_INT, 0, {.integer = integer}};
    return v;
}
static inline struct flow_value flow_double(double number)
{
    struct flow_value v = {FLOW_TYPE_DOUBLE, 0, {.number = number}};
    return v;
}
static inline bool flow_value_is_scalar(struct flow_value v)
{
    return v.type <= FLOW_TYPE_DOUBLE;
}

/* Lists and maps may be nested this deep; deeper ones are refused. So walking a value may recurse. */
#define FLOW_VALUE_DEPTH_MAX 1000

/* Constructors of shared values. Each writes an owned value (one reference) to *out, and only on success.
 * FLOW_OK, FLOW_ENOMEM, FLOW_EINVAL as said, and for a list or a map that is nested too deep. */

/* Copies `length` bytes of UTF-8. FLOW_EINVAL where they are not valid UTF-8. */
FLOW_PUBLIC int flow_string_create(struct flow_value *out, const char *text, size_t length);
/* The same for a NUL-terminated text. */
FLOW_PUBLIC int flow_string(struct flow_value *out, const char *text);
FLOW_PUBLIC int flow_bytes_create(struct flow_value *out, const void *bytes, size_t length);
/* Takes over the caller's references to the items, on failure too. items may be NULL when count is 0. */
FLOW_PUBLIC int flow_list_create(struct flow_value *out, const struct flow_value *items, size_t count);
/* Takes over the caller's references to keys and values, on failure too. Order is kept. FLOW_EINVAL: a key
 * that is no string, or the same key twice. */
FLOW_PUBLIC int flow_map_create(struct flow_value *out, const struct flow_member *members, size_t count);
/* A host-language object: its type name and its printed form, both UTF-8. */
FLOW_PUBLIC int flow_opaque_create(struct flow_value *out, const char *type_name, const char *printed);

/* Adds a reference, returns v. */
FLOW_PUBLIC struct flow_value flow_value_ref(struct flow_value v);
/* Drops a reference; the object goes with its last one. */
FLOW_PUBLIC void flow_value_unref(struct flow_value v);

/* Text of a string, bytes of a bytes value, printed form of an opaque; NULL and *length = 0 for other types.
 * NUL-terminated; borrowed for as long as the value is referenced. length may be NULL. */
FLOW_PUBLIC const char *flow_value_text(struct flow_value v, size_t *length);
/* The type name of an opaque, else NULL. */
FLOW_PUBLIC const char *flow_opaque_type(struct flow_value v);
/* Items of a list, members of a map; 0 for other types. */
FLOW_PUBLIC size_t flow_value_count(struct flow_value v);
/* Borrowed; the index must be below the count. */
FLOW_PUBLIC struct flow_value flow_list_at(struct flow_value list, size_t index);
FLOW_PUBLIC struct flow_member flow_map_at(struct flow_value map, size_t index);
/* Finds a member by key: FLOW_OK and a borrowed *out, or FLOW_NOT_FOUND (also when v is no map). */
FLOW_PUBLIC int flow_map_get(struct flow_value map, const char *key, size_t length, struct flow_value *out);

/* Same type and same content. NaN equals NaN, 0.0 differs from -0.0: "has it changed?", not arithmetic. Maps
 * are equal only in the same order. */
FLOW_PUBLIC bool flow_value_equal(struct flow_value a, struct flow_value b);
/* A hash that agrees with flow_value_equal and is the same on every machine. */
FLOW_PUBLIC uint64_t flow_value_hash(struct flow_value v);

/* The printed form, on one line, as people read it: null, true, 42, 0.96, "text", b"…" with \x escapes, [1,
 * 2], {a: 1, "b c": 2}, <type: printed>, nan, inf. A double always shows a point, an exponent, nan or inf.
 * Control characters are escaped. Writes at most size bytes with the NUL; returns the length it would need
 * without the NUL (as snprintf does). buffer may be NULL when size is 0. */
FLOW_PUBLIC size_t flow_value_print(struct flow_value v, char *buffer, size_t size);

FLOW_PUBLIC const char *flow_type_name(enum flow_type type);

/* Replaces the allocator of the library: resize(user, ptr, size) works as realloc; size 0 frees. NULL
 * restores the C library's. Only before anything was created or after everything was destroyed. */
FLOW_PUBLIC void flow_set_allocator(void *(*resize)(void *user, void *ptr, size_t size), void *user);

#ifdef __cplusplus
}
#endif

#endif
