/* Shared by those who write and read keyframes. */
#ifndef TRACE_KEYFRAME_PRIVATE_H
#define TRACE_KEYFRAME_PRIVATE_H

#include "trace/record_private.h"

enum { KEYFRAME_ROOM = 8 * WIRE_VARINT_MAX }; /* bytes that there is always room for between two parts */

/* Flags of an entry: beside its origin. */
#define KEYFRAME_ABANDONED 0x80

/* Flags of a task. */
enum {
    KEYFRAME_LIKE_BEFORE = 1, /* creator, join, limits and needed arrivals are those of the task before it */
    KEYFRAME_LOCATION = 2,
    KEYFRAME_SKIPPED = 4,
    KEYFRAME_ARRIVALS = 8,
    KEYFRAME_RARE = 16, /* there are failures or iterations */
    KEYFRAME_OUTCOME = 32,
};

/* Flags of a key. */
enum {
    KEYFRAME_IS_SET = 1,
    KEYFRAME_CHANGED = 2,
    KEYFRAME_WAS_SET = 4,
    KEYFRAME_ORIGIN_SHIFT = 4,
};

#endif
