/* Values as people type them: JSON, and the words for numbers that JSON lacks. */
#ifndef DEBUG_JSON_H
#define DEBUG_JSON_H

#include <stddef.h>

#include "flow/value.h"

/* Reads one value: any JSON, also a bare scalar; nan, inf, -inf, NaN, Infinity, -Infinity alone or, inside
 * lists and maps, as {"$f": "nan"}. FLOW_OK and an owned value; FLOW_EINVAL with words; FLOW_ENOMEM. */
int dbg_value_parse(const char *text, size_t length, struct flow_value *out, struct flow_error *err);

#endif
