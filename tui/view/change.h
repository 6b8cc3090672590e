#ifndef TUI_VIEW_CHANGE_H
#define TUI_VIEW_CHANGE_H

#include <stdbool.h>

#include "base/str.h"
#include "flow/value.h"

/* Adds what became of a list or a map: `+ "d"`, `- 3, + 4`, `a: 1 → 2, - b`. False, whatever was added: they
 * have nothing in common or are no such values, so that both are better shown in full. */
bool view_add_change(struct str *out, struct flow_value before, struct flow_value after, bool ascii);

#endif
