#include "base/map.h"

#include <string.h>

#include "base/mem.h"

/* index == MAP_NONE marks a free slot. Deletion shifts the following run back, so there are no tombstones. */
struct map_slot {
    uint32_t hash;
    uint32_t index;
};

uint64_t hash_bytes(const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static uint32_t slot_hash(const char *text, size_t length)
{
    uint64_t hash = hash_bytes(text, length);
    return (uint32_t)(hash ^ (hash >> 32));
}

void map_finish(struct map *m)
{
    mem_free(m->slots);
    m->slots = NULL;
    m->capacity = m->count = 0;
}

void map_clear(struct map *m)
{
    for (uint32_t i = 0; i < m->capacity; i++)
        m->slots[i].index = MAP_NONE;
    m->count = 0;
}

/* The slot that holds the name, or the free slot where the search ended. The table always has a free slot. */
static uint32_t find_slot(const struct map *m, uint32_t hash, const char *text, size_t length)
{
    uint32_t mask = m->capacity - 1, i = hash & mask;
    for (; m->slots[i].index != MAP_NONE; i = (i + 1) & mask) {
        if (m->slots[i].hash != hash)
            continue;
        struct map_name name = m->name_of(m->user, m->slots[i].index);
        if (name.length == length && memcmp(name.text, text, length) == 0)
            break;
    }
    return i;
}

uint32_t map_find(const struct map *m, const char *text, size_t length)
{
    if (m->count == 0)
        return MAP_NONE;
    return m->slots[find_slot(m, slot_hash(text, length), text, length)].index;
}

static int resize(struct map *m, uint32_t capacity)
{
    struct map_slot *slots = mem_array(NULL, capacity, sizeof *slots);
    if (!slots)
        return FLOW_ENOMEM;
    for (uint32_t i = 0; i < capacity; i++)
        slots[i].index = MAP_NONE;
    for (uint32_t i = 0; i < m->capacity; i++) {
        if (m->slots[i].index == MAP_NONE)
            continue;
        uint32_t at = m->slots[i].hash & (capacity - 1);
        while (slots[at].index != MAP_NONE)
            at = (at + 1) & (capacity - 1);
        slots[at] = m->slots[i];
    }
    mem_free(m->slots);
    m->slots = slots;
    m->capacity = capacity;
    return FLOW_OK;
}

int map_add(struct map *m, const char *text, size_t length, uint32_t index)
{
    if (m->count + 1 > m->capacity / 4 * 3) {
        int status = resize(m, m->capacity ? m->capacity * 2 : 8);
        if (status < 0)
            return status;
    }
    uint32_t hash = slot_hash(text, length);
    m->slots[find_slot(m, hash, text, length)] = (struct map_slot){hash, index};
    m->count++;
    return FLOW_OK;
}

void map_remove(struct map *m, const char *text, size_t length)
{
    if (m->count == 0)
        return;
    uint32_t mask = m->capacity - 1;
    uint32_t hole = find_slot(m, slot_hash(text, length), text, length);
    if (m->slots[hole].index == MAP_NONE)
        return;
    for (uint32_t i = (hole + 1) & mask; m->slots[i].index != MAP_NONE; i = (i + 1) & mask) {
        uint32_t home = m->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue; /* it sits at or after its home, behind the hole: moving it would lose it */
        m->slots[hole] = m->slots[i];
        hole = i;
    }
    m->slots[hole].index = MAP_NONE;
    m->count--;
}
