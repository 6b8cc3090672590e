/* flowdbg trace dump: one line an event. */
#include "tui/cmd/trace/trace.h"

static int run(struct trace_args *args)
{
    struct trace_source source;
    struct trace_out out;
    int code = TRACE_CANNOT;
    if (trace_source_open(&source, args->operands[0]) && trace_out_open(&out, NULL, false, NULL)) {
        bool is_reading = true;
        while (is_reading && trace_source_next(&source)) {
            if (trace_filter_takes(&args->filter, &source))
                trace_add_line(&out.buffer, &source, args->has_times);
            is_reading = trace_out_flush_some(&out) && source.event.number <= args->filter.to;
        }
        trace_progress_end(&source.progress);
        code = trace_out_close(&out, TRACE_FINE);
        if (code == TRACE_FINE && is_reading)
            code = trace_source_end(&source);
    }
    trace_source_finish(&source);
    return code;
}

static const struct trace_option *const options[] = {&trace_option_from, &trace_option_to, &trace_option_step,
    &trace_option_kind, &trace_option_task, &trace_option_key, &trace_option_origin, &trace_option_notes,
    &trace_option_times, NULL};

const struct trace_command trace_dump = {
    .name = "dump",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary = "every event as a line of text",
    .options = options,
    .more = "Prints what happened, one event a line, as flowdbg run --trace does.",
    .run = run,
};
