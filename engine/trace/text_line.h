/* One line of the text twin, taken apart. */
#ifndef TRACE_TEXT_LINE_H
#define TRACE_TEXT_LINE_H

#include "trace/text_read.h"

/* What the event of a line borrows from. */
struct line_owned {
    struct flow_value value, old;
};

struct line_unknown {
    uint64_t count;
    char first[64]; /* printable ASCII */
};

void line_owned_drop(struct line_owned *owned);
/* FLOW_OK; FLOW_END: it is a header, which says nothing else; FLOW_EFORMAT, FLOW_EVERSION, FLOW_ENOMEM. */
int line_parse(
    struct text_scan *scan, struct line_owned *owned, struct line_unknown *unknown, struct text_line *line);

#endif
