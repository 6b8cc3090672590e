#include "tui/cmd/trace/trace.h"

bool trace_source_open(struct trace_source *source, const char *path)
{
    *source = (struct trace_source){.path = path, .progress = {.verb = "reading"}};
    trace_state_init(&source->state);
    int status = trace_reader_open(&source->reader, path, &source->err);
    if (status >= 0)
        return true;
    trace_complain(NULL, source->err.text);
    if (status == FLOW_EFORMAT)
        trace_complain(NULL, "a trace in text form is made readable by: flowdbg trace import FILE");
    return false;
}

void trace_source_finish(struct trace_source *source)
{
    trace_progress_end(&source->progress);
    trace_reader_destroy(source->reader);
    trace_state_finish(&source->state);
}

bool trace_source_next(struct trace_source *source)
{
    trace_progress_show(&source->progress, source->state.event, trace_reader_count(source->reader), "events");
    source->status = trace_reader_next(source->reader, &source->event, &source->err);
    if (source->status == FLOW_OK)
        source->status = trace_state_apply(&source->state, &source->event, &source->err);
    if (source->status != FLOW_OK)
        return false;
    source->note = flow_event_is_note(source->event.kind) ? source->note + 1 : 0;
    return true;
}

int trace_source_end(struct trace_source *source)
{
    const char *missing = trace_reader_missing(source->reader);
    trace_progress_end(&source->progress);
    if (source->status < 0) {
        trace_complain(source->path, source->err.text);
        return source->status == FLOW_EFORMAT ? TRACE_DIFFERS : TRACE_CANNOT;
    }
    if (!missing)
        return TRACE_FINE;
    trace_complain(source->path, missing);
    return TRACE_DIFFERS;
}
