/* An index from byte strings to small integers: open addressing, keys borrowed from the caller.
 *
 * The map stores (hash, index) pairs only. The caller keeps the named things in an array of its own and tells
 * the map, through `name_of`, what the name of element `index` is; so each name lives in one place, and a map
 * of a million names is 16 MB smaller than one that copies them. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

struct map_name {
    const char *text;
    size_t length;
};
typedef struct map_name (*map_name_fn)(const void *user, uint32_t index);

/* An all-zero map with name_of (and user) set is empty and valid. `user` must stay where it is. */
struct map {
    map_name_fn name_of;
    const void *user;
    struct map_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
};

#define MAP_NONE UINT32_MAX

void map_finish(struct map *m);
void map_clear(struct map *m);
/* The index stored under the name, or MAP_NONE. */
uint32_t map_find(const struct map *m, const char *text, size_t length);
/* Adds `index` under a name that is not in the map. FLOW_OK or FLOW_ENOMEM (unchanged then). */
int map_add(struct map *m, const char *text, size_t length, uint32_t index);
/* Removes the name if it is there. */
void map_remove(struct map *m, const char *text, size_t length);

/* FNV-1a, 64 bit (Fowler, Noll, Vo). The same on every machine. */
uint64_t hash_bytes(const void *bytes, size_t length);

#endif
