/* Inside the timeline. */
#ifndef TRACE_TIMELINE_PRIVATE_H
#define TRACE_TIMELINE_PRIVATE_H

#include "trace/keyframe.h"
#include "trace/reader_private.h"
#include "trace/state_undo.h"
#include "trace/timeline.h"

/* An event or note that was passed, kept to be taken back and to be passed again. */
struct timeline_entry {
    struct flow_event event; /* its values are references of ours, its texts copies */
    char *texts;             /* both, or NULL */
    struct state_undo undo;  /* of an event that is folded */
};

struct trace_timeline {
    struct trace_reader *reader; /* stands behind the log */
    struct trace_reader *scout;  /* for looking without moving, or NULL; shares the reader's file */
    struct trace_state state;
    struct trace_state glimpse; /* a keyframe that was looked at without going there */
    struct record_codec *codec; /* of values in keyframes */
    struct wire_out keyframe;
    /* What was passed: entries first to last, numbered without end, each at its number modulo the size. Those
     * before `at` are folded, the others have been taken back. */
    struct timeline_entry *log;
    uint64_t first, at, last;
    struct timeline_entry
        given;                /* the last event gone back over that the log could not take back; or empty */
    bool has_notes;           /* notes that hang on the position have been passed */
    struct flow_error broken; /* code 0: not */
};

/* The reader for looking. FLOW_OK and failures. */
int timeline_scout(struct trace_timeline *timeline, struct flow_error *err);

#endif
