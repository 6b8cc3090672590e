/* Labels of boxes: how wide they are, and their characters one by one. */
#ifndef TUI_GRAPH_LABEL_H
#define TUI_GRAPH_LABEL_H

#include <stdint.h>

#include "tui/graph/layout.h"

/* Columns the label takes, after cutting to label_max. */
int32_t graph_label_width(const struct graph_layout_options *options, const char *label);

/* Writes the glyphs of the label into `width` places (0 after a wide character, blanks at the end). What does
 * not fit is cut and ends in an ellipsis. Control characters become U+FFFD, joiners and combining marks are
 * dropped. */
void graph_label_glyphs(
    const struct graph_layout_options *options, const char *label, int32_t width, bool ascii, uint32_t *out);

#endif
