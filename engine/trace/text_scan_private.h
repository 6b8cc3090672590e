/* Inside the scanner: what scalars (text_scan.c) and composed values (text_value.c) share. */
#ifndef TRACE_TEXT_SCAN_PRIVATE_H
#define TRACE_TEXT_SCAN_PRIVATE_H

#include <math.h>

#include "trace/text_scan.h"

static inline bool scan_is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Refuses the line because it ends. */
int scan_refuse_end(struct text_scan *scan);
int scan_literal(struct text_scan *scan, const char *word);
int scan_number(struct text_scan *scan, struct flow_value *out);
/* Lets go of the items and members behind those counts. */
void scan_drop(struct text_scan *scan, size_t items, size_t members);

#endif
