/* Events as lines of text, so that two runs can be compared and a difference be read. */
#ifndef TESTS_SUPPORT_EVENT_TEXT_H
#define TESTS_SUPPORT_EVENT_TEXT_H

#include <stdio.h>

#include "flow/flow.h"

/* One line: number, step, kind, origin and exactly the fields that the kind uses; never the time. */
void event_text_print(FILE *out, const struct flow_event *event);
/* The state of a run as its reading functions tell it: outcome, tasks, edges, queue, channel, held, arrivals.
 */
void run_text_print(FILE *out, const struct flow_run *run);

#endif
