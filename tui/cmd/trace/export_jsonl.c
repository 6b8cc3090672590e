#include "trace/text_write.h"
#include "tui/cmd/trace/export.h"

static int write_lines(struct trace_export *export)
{
    struct str *out = &export->out.buffer;
    trace_text_write_header(out, "flowdbg " FLOWDBG_VERSION);
    while (trace_source_next(&export->source)) {
        trace_text_write_event(out, &export->source.state, &export->source.event);
        if (!trace_out_flush_some(&export->out))
            return FLOW_END;
    }
    return FLOW_OK;
}

const struct trace_format trace_format_jsonl = {.name = "jsonl", .ending = ".jsonl", .write = write_lines};
