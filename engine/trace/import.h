/* From the text twin to a binary trace.
 *
 * A line with "n" is exact: what it leaves out is none, null or empty. A line without is completed from the
 * run as it stands: numbers, entries, old values; and where a producer tells of the start of a task only, the
 * events that must have come before it are made up. Every event is folded first, so that what is imported can
 * be replayed. */
#ifndef TRACE_IMPORT_H
#define TRACE_IMPORT_H

#include "trace/state.h"

struct trace_importer;

struct trace_import_counts {
    uint64_t bytes; /* read */
    uint64_t events;
    uint64_t notes;
    uint64_t made_up;          /* of the events: those that no line told of */
    uint64_t unknown;          /* fields that were passed over */
    const char *first_unknown; /* or ""; lives as long as the importer */
};

/* Reads text from one descriptor and writes a trace to the other, an empty file. Both stay the caller's.
 * FLOW_OK, FLOW_ENOMEM, FLOW_EINVAL, FLOW_EIO. */
int trace_importer_create(struct trace_importer **out, int text_fd, int trace_fd, struct flow_error *err);
/* Writes what is left and frees; NULL is fine. */
void trace_importer_destroy(struct trace_importer *importer);
/* Imports the next line. FLOW_OK; FLOW_END: that was all; FLOW_EFORMAT: line and column are in the error, and
 * what came before has been imported; FLOW_EVERSION, FLOW_EIO, FLOW_ENOMEM. */
int trace_importer_next(struct trace_importer *importer, struct flow_error *err);
/* Writes what is left to the file. FLOW_OK or FLOW_EIO. */
int trace_importer_flush(struct trace_importer *importer, struct flow_error *err);
/* Where the text breaks off, in words, or NULL. */
const char *trace_importer_missing(const struct trace_importer *importer);
struct trace_import_counts trace_importer_counts(const struct trace_importer *importer);
/* The run so far. */
const struct trace_state *trace_importer_state(const struct trace_importer *importer);

#endif
