/* libflow: run workflows whose tasks change the workflow while it runs. This header includes the whole
 * library. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "flow/error.h"
#include "flow/event.h"
#include "flow/plugin.h"
#include "flow/run.h"
#include "flow/task.h"
#include "flow/value.h"
#include "flow/workflow.h"

#endif
