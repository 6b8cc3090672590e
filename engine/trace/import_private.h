/* Inside the importer. */
#ifndef TRACE_IMPORT_PRIVATE_H
#define TRACE_IMPORT_PRIVATE_H

#include "trace/import.h"
#include "trace/text_read.h"
#include "trace/writer.h"

struct trace_importer {
    struct text_reader *reader;
    struct trace_ring *ring;
    struct trace_writer *writer;
    struct trace_state state;
    struct trace_import_counts counts;
    uint64_t last_entry; /* the largest entry number so far */
};

/* import.c */
/* Folds and writes. FLOW_OK, FLOW_EFORMAT, FLOW_ENOMEM. */
int import_emit(struct trace_importer *importer, const struct flow_event *event, struct flow_error *err);

/* import_complete.c */
/* Fills in what a line without number leaves out, and emits what must have come before it. FLOW_OK;
 * FLOW_END: the line says what is known already, and is no event; failures as import_emit. */
int import_complete(struct trace_importer *importer, struct text_line *line, struct flow_error *err);

#endif
