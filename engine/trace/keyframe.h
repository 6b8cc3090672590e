/* Keyframes: the whole folded state as bytes, so that a reader can begin in the middle of a trace.
 *
 * A keyframe says everything that folding the events up to it would: loading it and folding from the start
 * give the same trace_state. docs/trace-format.md specifies the bytes. */
#ifndef TRACE_KEYFRAME_H
#define TRACE_KEYFRAME_H

#include "trace/record.h"
#include "trace/state.h"

#define KEYFRAME_VERSION 1

/* Appends the state to an empty payload. The codec serves for values only. FLOW_OK, FLOW_ENOMEM. */
int keyframe_put(struct record_codec *codec, const struct trace_state *state, struct wire_out *payload);
/* Makes the state what a keyframe says. Tasks, keys and edges that are the same already are kept, so that
 * going from place to place in one trace allocates little. FLOW_OK; FLOW_EFORMAT, FLOW_ENOMEM: the state is
 * empty then, as after trace_state_init. */
int keyframe_get(struct record_codec *codec, struct trace_state *state, const uint8_t *payload, size_t length,
    struct flow_error *err);

#endif
