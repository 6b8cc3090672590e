#include "trace/import.h"

#include <string.h>

#include "trace/import_private.h"

enum { HALF_SIZE = 256 << 10 }; /* of the ring that the writer works in, and so of most blocks */

int trace_importer_create(struct trace_importer **out, int text_fd, int trace_fd, struct flow_error *err)
{
    struct trace_importer *importer = mem_zalloc(sizeof *importer);
    if (!importer)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory importing a trace");
    trace_state_init(&importer->state);
    importer->counts.first_unknown = "";
    int status = text_reader_create(&importer->reader, text_fd, err);
    if (status == FLOW_OK)
        status = trace_ring_create(&importer->ring, HALF_SIZE, err);
    struct trace_writer_options options = {.size = sizeof options, .ring = importer->ring, .fd = trace_fd};
    if (status == FLOW_OK)
        status = trace_writer_create(&importer->writer, &options, err);
    if (status < 0) {
        trace_importer_destroy(importer);
        return status;
    }
    *out = importer;
    return FLOW_OK;
}

void trace_importer_destroy(struct trace_importer *importer)
{
    if (!importer)
        return;
    trace_writer_destroy(importer->writer);
    trace_ring_destroy(importer->ring);
    text_reader_destroy(importer->reader);
    trace_state_finish(&importer->state);
    mem_free(importer);
}

int import_emit(struct trace_importer *importer, const struct flow_event *event, struct flow_error *err)
{
    /* It may be the state's own reference, which folding gives up. */
    struct flow_value old = flow_value_ref(event->old);
    int status = trace_state_apply(&importer->state, event, err);
    if (status == FLOW_OK)
        trace_writer_append(importer->writer, event);
    flow_value_unref(old);
    if (status < 0)
        return status;
    if (flow_event_is_note(event->kind))
        importer->counts.notes++;
    else
        importer->counts.events++;
    if (event->kind == FLOW_EV_ENQUEUED && event->entry > importer->last_entry)
        importer->last_entry = event->entry;
    return FLOW_OK;
}

/* The task of an exact line. */
static int find_task(const struct trace_importer *importer, const struct text_line *line,
    const struct text_name *name, bool is_given, flow_task *out, struct flow_error *err)
{
    *out = is_given && !name->is_name ? (flow_task)name->index : FLOW_TASK_NONE;
    if (!is_given || !name->is_name)
        return FLOW_OK;
    uint32_t index = map_find(&importer->state.task_index, name->name.text, name->name.length);
    if (index == MAP_NONE)
        return flow_error_set(err, FLOW_EFORMAT, "line %llu: task '%.*s' has not been added",
            (unsigned long long)line->line, (int)(name->name.length < 200 ? name->name.length : 200),
            name->name.text);
    *out = index;
    return FLOW_OK;
}

/* A name together with its index is an announcement: the name is the event's text. */
static void announce(struct text_line *line, const struct text_name *name)
{
    line->event.text = name->name.text;
    line->event.text_length = name->name.length;
}

static int find_key(const struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    line->event.key = FLOW_KEY_NONE;
    if (!(line->given & FLOW_F_KEY))
        return FLOW_OK;
    if (!line->key.is_name) {
        line->event.key = (flow_key)line->key.index;
    } else if (line->given & TEXT_F_INDEX) {
        line->event.key = (flow_key)line->index;
        announce(line, &line->key);
    } else {
        uint32_t index = map_find(&importer->state.key_index, line->key.name.text, line->key.name.length);
        if (index == MAP_NONE)
            return flow_error_set(err, FLOW_EFORMAT,
                "line %llu: a key that has no value yet needs an \"index\" beside \"key\", or a line without "
                "\"n\"",
                (unsigned long long)line->line);
        line->event.key = index;
    }
    return FLOW_OK;
}

/* An exact line: only names are to be looked up. */
static int resolve(const struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    struct flow_event *event = &line->event;
    bool is_added = event->kind == FLOW_EV_TASK_ADDED && line->task.is_name && line->given & TEXT_F_INDEX;
    int status = FLOW_OK;
    if (is_added) {
        event->task = (flow_task)line->index;
        announce(line, &line->task);
    } else {
        status = find_task(importer, line, &line->task, line->given & FLOW_F_TASK, &event->task, err);
    }
    if (status == FLOW_OK)
        status = find_task(importer, line, &line->other, line->given & FLOW_F_OTHER, &event->other, err);
    if (status == FLOW_OK)
        status = find_key(importer, line, err);
    if (event->kind == FLOW_EV_CHANNEL_SET && !(line->given & FLOW_F_CODE))
        event->code = line->given & FLOW_F_OLD ? 1 : 0;
    return status;
}

int trace_importer_next(struct trace_importer *importer, struct flow_error *err)
{
    struct text_line line;
    int status = text_reader_next(importer->reader, &line, err);
    if (status != FLOW_OK)
        return status;
    status =
        line.given & TEXT_F_NUMBER ? resolve(importer, &line, err) : import_complete(importer, &line, err);
    if (status == FLOW_OK) {
        status = import_emit(importer, &line.event, err);
    } else if (status == FLOW_END) {
        return FLOW_OK;
    }
    if (status < 0 && strncmp(err ? err->text : "line ", "line ", 5) != 0)
        flow_error_prefix(err, "line %llu", (unsigned long long)line.line);
    if (status == FLOW_OK && trace_writer_problem(importer->writer))
        status = flow_error_set(err, FLOW_EIO, "%s", trace_writer_problem(importer->writer));
    return status;
}

int trace_importer_flush(struct trace_importer *importer, struct flow_error *err)
{
    trace_writer_flush(importer->writer);
    if (trace_writer_problem(importer->writer))
        return flow_error_set(err, FLOW_EIO, "%s", trace_writer_problem(importer->writer));
    return FLOW_OK;
}

const char *trace_importer_missing(const struct trace_importer *importer)
{
    return text_reader_missing(importer->reader);
}

struct trace_import_counts trace_importer_counts(const struct trace_importer *importer)
{
    struct trace_import_counts counts = importer->counts;
    counts.bytes = text_reader_bytes(importer->reader);
    counts.unknown = text_reader_unknown(importer->reader, &counts.first_unknown);
    return counts;
}

const struct trace_state *trace_importer_state(const struct trace_importer *importer)
{
    return &importer->state;
}
