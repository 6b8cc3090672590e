/* Finding the task that a run starts with. */
#ifndef CORE_START_H
#define CORE_START_H

#include "core/run.h"

/* The task named `wanted`; without a name: what the workflow declares, else the only candidate. FLOW_EINVAL:
 * no such task, or none or several candidates; the message names them. */
int start_find(const struct flow_run *run, const char *wanted, flow_task *out, struct flow_error *err);

#endif
