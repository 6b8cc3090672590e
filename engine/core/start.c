#include "core/start.h"

#include <string.h>

/* A candidate has no predecessor. A task without any edge is a target of goto rather than a start, unless the
 * profile says otherwise. */
static bool is_candidate(const struct flow_run *run, flow_task task)
{
    const struct graph_task *t = &run->graph.tasks.at[task];
    return t->in_degree == 0 && (t->link_count > 0 || run->profile->isolated_tasks_are_candidates);
}

static int say_ambiguous(const struct flow_run *run, struct flow_error *err)
{
    enum { SHOWN = 8 };
    struct str names = {0};
    size_t count = 0, tasks = run->graph.tasks.count;
    for (flow_task task = 0; task < tasks; task++) {
        if (!is_candidate(run, task))
            continue;
        if (count++ < SHOWN)
            str_addf(&names, "%s'%s'", count > 1 ? ", " : "", run_id(run, task));
    }
    if (count == 0) {
        flow_error_set(err, FLOW_EINVAL,
            "where to start '%s'? None of its %zu tasks is first; name one as the start", run->workflow->name,
            tasks);
    } else {
        flow_error_set(err, FLOW_EINVAL, "where to start '%s'? Candidates are %s%s; name one as the start",
            run->workflow->name, str_text(&names), count > SHOWN ? ", ..." : "");
    }
    str_finish(&names);
    return FLOW_EINVAL;
}

int start_find(const struct flow_run *run, const char *wanted, flow_task *out, struct flow_error *err)
{
    size_t tasks = run->graph.tasks.count, candidates = 0;
    flow_task found = FLOW_TASK_NONE;
    if (wanted) {
        found = graph_find(&run->graph, wanted, strlen(wanted));
        if (found == FLOW_TASK_NONE)
            return flow_error_set(err, FLOW_EINVAL, "workflow '%s' has no task '%s' to start with",
                run->workflow->name, wanted);
        *out = found;
        return FLOW_OK;
    }
    if (tasks == 0)
        return flow_error_set(err, FLOW_EINVAL, "workflow '%s' has no tasks", run->workflow->name);
    if (run->workflow->start != FLOW_TASK_NONE) {
        *out = run->workflow->start;
        return FLOW_OK;
    }
    for (flow_task task = 0; task < tasks; task++) {
        if (is_candidate(run, task)) {
            found = task;
            candidates++;
        }
    }
    if (candidates != 1 && tasks == 1) {
        found = 0;
        candidates = 1;
    }
    if (candidates != 1)
        return say_ambiguous(run, err);
    *out = found;
    return FLOW_OK;
}
