/* Growable arrays of any element type.
 *
 *     struct { VEC(int); } numbers = {0};
 *     if (vec_push(&numbers, 3) < 0) ...
 *     vec_foreach(int, n, &numbers) sum += *n;
 *     vec_finish(&numbers);
 *
 * An all-zero vec is empty and valid. Elements move when it grows: keep indexes, not pointers. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "flow/error.h"

#define VEC(type)                                                                                            \
    type *at;                                                                                                \
    size_t count;                                                                                            \
    size_t capacity

/* Makes room for `extra` more. FLOW_OK or FLOW_ENOMEM (unchanged then). */
#define vec_reserve(v, extra)                                                                                \
    vec_grow_((void **)&(v)->at, &(v)->capacity, (v)->count, (size_t)(extra), sizeof *(v)->at)
/* Appends a value. FLOW_OK or FLOW_ENOMEM. */
#define vec_push(v, ...)                                                                                     \
    (vec_reserve(v, 1) < 0 ? FLOW_ENOMEM : ((v)->at[(v)->count++] = __VA_ARGS__, FLOW_OK))
#define vec_pop(v)  ((v)->at[--(v)->count])
#define vec_last(v) ((v)->at[(v)->count - 1])
/* Inserts before `index` (<= count). FLOW_OK or FLOW_ENOMEM. */
#define vec_insert(v, index, ...)                                                                            \
    (vec_reserve(v, 1) < 0                                                                                   \
            ? FLOW_ENOMEM                                                                                    \
            : (memmove((v)->at + (index) + 1, (v)->at + (index), ((v)->count - (index)) * sizeof *(v)->at),  \
                  (v)->at[index] = __VA_ARGS__, (v)->count++, FLOW_OK))
/* Removes the element at `index`, keeping the order. */
#define vec_remove(v, index)                                                                                 \
    (memmove((v)->at + (index), (v)->at + (index) + 1, ((v)->count - (index)-1) * sizeof *(v)->at),          \
        (void)(v)->count--)
#define vec_clear(v)  ((void)((v)->count = 0))
#define vec_finish(v) (mem_free((v)->at), (v)->at = NULL, (v)->count = 0, (void)((v)->capacity = 0))
#define vec_foreach(type, item, v)                                                                           \
    for (type *item = (v)->at, *item##_end_ = item ? item + (v)->count : item; item < item##_end_; item++)

int vec_grow_(void **at, size_t *capacity, size_t count, size_t extra, size_t each);

#endif
