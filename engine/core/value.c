#include "core/value.h"

#include <assert.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

static const char *const type_names[] = {
#define X(name, word) [FLOW_TYPE_##name] = word,
    FLOW_TYPES(X)
#undef X
};

const char *flow_type_name(enum flow_type type)
{
    return (unsigned)type < FLOW_TYPE_COUNT ? type_names[type] : "?";
}

void flow_set_allocator(void *(*resize)(void *user, void *ptr, size_t size), void *user)
{
    mem_set_allocator(resize, user);
}

/* Maps longer than this are searched by hash. */
enum { MAP_SCAN_MAX = 8 };

static struct flow_object *object_create(size_t body_size, size_t count)
{
    if (body_size > SIZE_MAX - sizeof(struct flow_object))
        return NULL;
    struct flow_object *object = mem_alloc(offsetof(struct flow_object, body) + body_size);
    if (!object)
        return NULL;
    *object = (struct flow_object){.refs = 1, .depth = 1, .count = count};
    return object;
}

static struct flow_value value_of(enum flow_type type, struct flow_object *object)
{
    struct flow_value v = {type, 0, {.object = object}};
    return v;
}

static int text_create(struct flow_value *out, enum flow_type type, const void *bytes, size_t length)
{
    struct flow_object *object =
        length < SIZE_MAX ? object_create(length < 16 ? 16 : length + 1, length) : NULL;
    if (!object)
        return FLOW_ENOMEM;
    if (length)
        memcpy(object_text(object), bytes, length);
    object_text(object)[length] = '\0';
    *out = value_of(type, object);
    return FLOW_OK;
}

int flow_string_create(struct flow_value *out, const char *text, size_t length)
{
    if (!utf8_is_valid(text, length))
        return FLOW_EINVAL;
    return text_create(out, FLOW_TYPE_STRING, text, length);
}

int flow_string(struct flow_value *out, const char *text)
{
    return flow_string_create(out, text, strlen(text));
}

int flow_bytes_create(struct flow_value *out, const void *bytes, size_t length)
{
    return text_create(out, FLOW_TYPE_BYTES, bytes, length);
}

static unsigned depth_of(struct flow_value v)
{
    return flow_value_is_scalar(v) ? 0 : v.as.object->depth;
}

static void unref_all(const struct flow_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        value_unref(values[i]);
}

int flow_list_create(struct flow_value *out, const struct flow_value *items, size_t count)
{
    int status = FLOW_ENOMEM;
    struct flow_object *object = NULL;
    unsigned depth = 0;
    for (size_t i = 0; i < count; i++)
        depth = depth_of(items[i]) > depth ? depth_of(items[i]) : depth;
    if (depth >= FLOW_VALUE_DEPTH_MAX) {
        status = FLOW_EINVAL;
        goto fail;
    }
    if (count < SIZE_MAX / sizeof *items / 2)
        object = object_create((count ? count : 1) * sizeof *items, count);
    if (!object)
        goto fail;
    if (count)
        memcpy(object_items(object), items, count * sizeof *items);
    object->depth = (uint16_t)(depth + 1);
    *out = value_of(FLOW_TYPE_LIST, object);
    return FLOW_OK;
fail:
    unref_all(items, count);
    return status;
}

static uint32_t *map_slots(struct flow_object *object)
{
    return (uint32_t *)(object_members(object) + object->count);
}

static bool key_is(struct flow_value key, const char *text, size_t length)
{
    return key.as.object->count == length && memcmp(object_text(key.as.object), text, length) == 0;
}

/* The index of a key, or count. With slots, *slot is where the search ended. */
static size_t map_index_of(struct flow_object *map, const char *text, size_t length, uint32_t **slot)
{
    if (map->slot_count == 0) {
        size_t i = 0;
        while (i < map->count && !key_is(object_members(map)[i].key, text, length))
            i++;
        return i;
    }
    uint32_t *slots = map_slots(map), mask = map->slot_count - 1;
    uint32_t i = (uint32_t)hash_bytes(text, length) & mask;
    while (slots[i] != MAP_NONE && !key_is(object_members(map)[slots[i]].key, text, length))
        i = (i + 1) & mask;
    if (slot)
        *slot = &slots[i];
    return slots[i] == MAP_NONE ? map->count : slots[i];
}

static bool has_duplicate_key(struct flow_object *map)
{
    if (map->slot_count == 0) {
        for (size_t i = 1; i < map->count; i++) {
            struct flow_object *key = object_members(map)[i].key.as.object;
            if (map_index_of(map, object_text(key), key->count, NULL) < i)
                return true;
        }
        return false;
    }
    memset(map_slots(map), 0xff, map->slot_count * sizeof(uint32_t)); /* all MAP_NONE */
    for (size_t i = 0; i < map->count; i++) {
        struct flow_object *key = object_members(map)[i].key.as.object;
        uint32_t *slot = NULL;
        if (map_index_of(map, object_text(key), key->count, &slot) < map->count)
            return true;
        *slot = (uint32_t)i;
    }
    return false;
}

/* Checks that the keys are strings and the members not too deep; *depth is the depth of the deepest. */
static bool members_are_valid(const struct flow_member *members, size_t count, unsigned *depth)
{
    *depth = 0;
    for (size_t i = 0; i < count; i++) {
        if (members[i].key.type != FLOW_TYPE_STRING)
            return false;
        unsigned inner = depth_of(members[i].value);
        *depth = inner > *depth ? inner : *depth;
    }
    return *depth < FLOW_VALUE_DEPTH_MAX;
}

static struct flow_object *map_object_create(const struct flow_member *members, size_t count)
{
    if (count >= UINT32_MAX / 4)
        return NULL;
    uint32_t slot_count = 0;
    if (count > MAP_SCAN_MAX)
        for (slot_count = 32; slot_count < count * 2;)
            slot_count *= 2;
    size_t size = (count ? count : 1) * sizeof *members + slot_count * sizeof(uint32_t);
    struct flow_object *object = object_create(size, count);
    if (!object)
        return NULL;
    if (count)
        memcpy(object_members(object), members, count * sizeof *members);
    object->slot_count = slot_count;
    return object;
}

int flow_map_create(struct flow_value *out, const struct flow_member *members, size_t count)
{
    int status = FLOW_EINVAL;
    struct flow_object *object = NULL;
    unsigned depth;
    if (!members_are_valid(members, count, &depth))
        goto fail;
    status = FLOW_ENOMEM;
    object = map_object_create(members, count);
    if (!object)
        goto fail;
    object->depth = (uint16_t)(depth + 1);
    status = FLOW_EINVAL;
    if (has_duplicate_key(object))
        goto fail;
    *out = value_of(FLOW_TYPE_MAP, object);
    return FLOW_OK;
fail:
    mem_free(object);
    for (size_t i = 0; i < count; i++) {
        value_unref(members[i].key);
        value_unref(members[i].value);
    }
    return status;
}

int flow_opaque_create(struct flow_value *out, const char *type_name, const char *printed)
{
    size_t name_length = strlen(type_name), printed_length = strlen(printed);
    if (!utf8_is_valid(type_name, name_length) || !utf8_is_valid(printed, printed_length) ||
        printed_length >= UINT32_MAX)
        return FLOW_EINVAL;
    struct flow_object *object = object_create(name_length + printed_length + 16, name_length);
    if (!object)
        return FLOW_ENOMEM;
    memcpy(object_text(object), type_name, name_length + 1);
    memcpy(object_text(object) + name_length + 1, printed, printed_length + 1);
    object->tail_count = (uint32_t)printed_length;
    *out = value_of(FLOW_TYPE_OPAQUE, object);
    return FLOW_OK;
}

struct flow_value flow_value_ref(struct flow_value v)
{
    return value_ref(v);
}

void flow_value_unref(struct flow_value v)
{
    value_unref(v);
}

void value_destroy(struct flow_value v)
{
    struct flow_object *object = v.as.object;
    if (v.type == FLOW_TYPE_LIST) {
        unref_all(object_items(object), object->count);
    } else if (v.type == FLOW_TYPE_MAP) {
        for (size_t i = 0; i < object->count; i++) {
            value_unref(object_members(object)[i].key);
            value_unref(object_members(object)[i].value);
        }
    }
    mem_free(object);
}

const char *flow_value_text(struct flow_value v, size_t *length)
{
    const char *text = NULL;
    size_t count = 0;
    if (v.type == FLOW_TYPE_STRING || v.type == FLOW_TYPE_BYTES) {
        text = object_text(v.as.object);
        count = v.as.object->count;
    } else if (v.type == FLOW_TYPE_OPAQUE) {
        text = object_text(v.as.object) + v.as.object->count + 1;
        count = v.as.object->tail_count;
    }
    if (length)
        *length = count;
    return text;
}

const char *flow_opaque_type(struct flow_value v)
{
    return v.type == FLOW_TYPE_OPAQUE ? object_text(v.as.object) : NULL;
}

size_t flow_value_count(struct flow_value v)
{
    return v.type == FLOW_TYPE_LIST || v.type == FLOW_TYPE_MAP ? v.as.object->count : 0;
}

struct flow_value flow_list_at(struct flow_value list, size_t index)
{
    assert(list.type == FLOW_TYPE_LIST && index < list.as.object->count);
    return object_items(list.as.object)[index];
}

struct flow_member flow_map_at(struct flow_value map, size_t index)
{
    assert(map.type == FLOW_TYPE_MAP && index < map.as.object->count);
    return object_members(map.as.object)[index];
}

int flow_map_get(struct flow_value map, const char *key, size_t length, struct flow_value *out)
{
    if (map.type != FLOW_TYPE_MAP)
        return FLOW_NOT_FOUND;
    size_t index = map_index_of(map.as.object, key, length, NULL);
    if (index == map.as.object->count)
        return FLOW_NOT_FOUND;
    *out = object_members(map.as.object)[index].value;
    return FLOW_OK;
}

/* The bits of a number: every NaN is the same one, 0.0 and -0.0 differ. */
static uint64_t number_bits(double number)
{
    uint64_t bits = 0x7ff8000000000000u;
    if (number == number)
        memcpy(&bits, &number, sizeof bits);
    return bits;
}

static bool objects_equal(enum flow_type type, struct flow_object *a, struct flow_object *b)
{
    if (a == b)
        return true;
    if (a->count != b->count || a->tail_count != b->tail_count)
        return false;
    switch (type) {
    case FLOW_TYPE_STRING:
    case FLOW_TYPE_BYTES: return memcmp(object_text(a), object_text(b), a->count) == 0;
    case FLOW_TYPE_OPAQUE: return memcmp(object_text(a), object_text(b), a->count + 1 + a->tail_count) == 0;
    case FLOW_TYPE_LIST:
        for (size_t i = 0; i < a->count; i++)
            if (!flow_value_equal(object_items(a)[i], object_items(b)[i]))
                return false;
        return true;
    case FLOW_TYPE_MAP:
        for (size_t i = 0; i < a->count; i++)
            if (!flow_value_equal(object_members(a)[i].key, object_members(b)[i].key) ||
                !flow_value_equal(object_members(a)[i].value, object_members(b)[i].value))
                return false;
        return true;
    case FLOW_TYPE_NULL:
    case FLOW_TYPE_BOOL:
    case FLOW_TYPE_INT:
    case FLOW_TYPE_DOUBLE:
    case FLOW_TYPE_COUNT: break;
    }
    return false;
}

bool flow_value_equal(struct flow_value a, struct flow_value b)
{
    if (a.type != b.type)
        return false;
    switch ((enum flow_type)a.type) {
    case FLOW_TYPE_NULL: return true;
    case FLOW_TYPE_BOOL: return a.as.boolean == b.as.boolean;
    case FLOW_TYPE_INT: return a.as.integer == b.as.integer;
    case FLOW_TYPE_DOUBLE: return number_bits(a.as.number) == number_bits(b.as.number);
    case FLOW_TYPE_STRING:
    case FLOW_TYPE_BYTES:
    case FLOW_TYPE_LIST:
    case FLOW_TYPE_MAP:
    case FLOW_TYPE_OPAQUE: return objects_equal(a.type, a.as.object, b.as.object);
    case FLOW_TYPE_COUNT: break;
    }
    return false;
}

/* Folds 64 bits into a hash; the finaliser of MurmurHash3 (Austin Appleby, public domain). */
static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash ^= bits + 0x9e3779b97f4a7c15u + (hash << 6);
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 33);
}

uint64_t flow_value_hash(struct flow_value v)
{
    uint64_t hash = mix(0, v.type);
    switch ((enum flow_type)v.type) {
    case FLOW_TYPE_NULL: break;
    case FLOW_TYPE_BOOL: hash = mix(hash, v.as.boolean); break;
    case FLOW_TYPE_INT: hash = mix(hash, (uint64_t)v.as.integer); break;
    case FLOW_TYPE_DOUBLE: hash = mix(hash, number_bits(v.as.number)); break;
    case FLOW_TYPE_STRING:
    case FLOW_TYPE_BYTES: hash = mix(hash, hash_bytes(object_text(v.as.object), v.as.object->count)); break;
    case FLOW_TYPE_OPAQUE:
        hash =
            mix(hash, hash_bytes(object_text(v.as.object), v.as.object->count + 1 + v.as.object->tail_count));
        break;
    case FLOW_TYPE_LIST:
        for (size_t i = 0; i < v.as.object->count; i++)
            hash = mix(hash, flow_value_hash(object_items(v.as.object)[i]));
        break;
    case FLOW_TYPE_MAP:
        for (size_t i = 0; i < v.as.object->count; i++) {
            hash = mix(hash, flow_value_hash(object_members(v.as.object)[i].key));
            hash = mix(hash, flow_value_hash(object_members(v.as.object)[i].value));
        }
        break;
    case FLOW_TYPE_COUNT: break;
    }
    return hash;
}

void map_builder_add(struct map_builder *b, const char *key, struct flow_value value)
{
    struct flow_member member = {flow_null(), value};
    if (b->status == FLOW_OK)
        b->status = flow_string(&member.key, key);
    if (b->status < 0) {
        value_unref(value);
        return;
    }
    assert(b->count < sizeof b->members / sizeof *b->members);
    b->members[b->count++] = member;
}

void map_builder_add_text(struct map_builder *b, const char *key, const char *text)
{
    struct flow_value value = flow_null();
    if (b->status == FLOW_OK)
        b->status = flow_string(&value, text);
    map_builder_add(b, key, value);
}

int map_builder_take(struct map_builder *b, struct flow_value *out)
{
    if (b->status == FLOW_OK)
        return flow_map_create(out, b->members, b->count);
    for (size_t i = 0; i < b->count; i++) {
        value_unref(b->members[i].key);
        value_unref(b->members[i].value);
    }
    return b->status;
}
