/* What the exporters share. */
#ifndef TUI_CMD_TRACE_EXPORT_H
#define TUI_CMD_TRACE_EXPORT_H

#include "tui/cmd/trace/trace.h"

struct trace_export {
    struct trace_args *args;
    struct trace_source source;
    struct trace_out out; /* not of formats that write a file themselves */
};

/* A format. `write` goes through the source to its end (or to --at) and returns FLOW_OK, FLOW_END when it is
 * done before the end of the source, or a failure with words said. */
struct trace_format {
    const char *name;
    const char *ending;    /* of a file, which chooses it where --format does not */
    bool is_graph;         /* takes --at */
    bool opens_own_output; /* and needs --output */
    int (*write)(struct trace_export *export);
};
extern const struct trace_format trace_format_jsonl, trace_format_chrome, trace_format_dot,
    trace_format_mermaid, trace_format_sqlite;

#endif
