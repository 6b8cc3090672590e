/* Does the fold of a run's events say what the engine says? */
#ifndef TESTS_SUPPORT_FOLD_COMPARE_H
#define TESTS_SUPPORT_FOLD_COMPARE_H

#include "base/str.h"
#include "trace/state.h"

/* Compares everything that both know. Legal between the events of a run, also inside an event hook. False:
 * the first difference is in *difference. */
bool fold_equals_run(const struct trace_state *state, const struct flow_run *run, struct str *difference);

#endif
