#include "core/workflow.h"

#include <string.h>

#include "base/str.h"

int flow_workflow_create(struct flow_workflow **out, const char *name, struct flow_error *err)
{
    if (!name || !*name || !utf8_is_valid(name, strlen(name)))
        return flow_error_set(err, FLOW_EINVAL, "a workflow needs a name in UTF-8");
    struct flow_workflow *wf = mem_zalloc(sizeof *wf);
    char *copy = mem_strdup(name);
    if (!wf || !copy) {
        mem_free(wf);
        mem_free(copy);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory creating workflow '%s'", name);
    }
    wf->name = copy;
    wf->start = FLOW_TASK_NONE;
    graph_init(&wf->graph);
    *out = wf;
    return FLOW_OK;
}

void flow_workflow_destroy(struct flow_workflow *wf)
{
    if (!wf)
        return;
    vec_foreach (struct graph_task, task, &wf->graph.tasks)
        task_spec_destroy((struct task_spec *)task->spec);
    graph_finish(&wf->graph);
    mem_free(wf->name);
    mem_free(wf);
}

int workflow_id_is_taken(
    const struct task_spec *existing, const struct flow_task_def *def, struct flow_error *err)
{
    char place[256];
    if (def->file)
        return flow_error_set(err, FLOW_EEXIST,
            "task '%s' is defined at %s and again at %s:%u: ids are unique in a workflow", existing->id,
            task_spec_place(existing, place, sizeof place), def->file, def->line);
    return flow_error_set(err, FLOW_EEXIST,
        "task '%s' is defined already, at %s: ids are unique in a workflow", existing->id,
        task_spec_place(existing, place, sizeof place));
}

int flow_workflow_add_task(
    struct flow_workflow *wf, const struct flow_task_def *def, flow_task *out, struct flow_error *err)
{
    struct task_spec *spec = NULL;
    int status = task_spec_create(&spec, def, err);
    if (status < 0)
        return status;
    flow_task index, taken = graph_find(&wf->graph, spec->id, spec->id_length);
    if (taken != FLOW_TASK_NONE)
        status = workflow_id_is_taken(wf->graph.tasks.at[taken].spec, def, err);
    else if (graph_add_task(&wf->graph, spec, spec->id, spec->id_length, &index) < 0)
        status = flow_error_set(err, FLOW_ENOMEM, "out of memory adding task '%s'", spec->id);
    if (status < 0) {
        task_spec_destroy(spec);
        return status;
    }
    if (out)
        *out = index;
    return FLOW_OK;
}

static int check_task(const struct flow_workflow *wf, flow_task task, struct flow_error *err)
{
    if (task < wf->graph.tasks.count)
        return FLOW_OK;
    return flow_error_set(err, FLOW_EINVAL, "workflow '%s' has no task number %u", wf->name, task);
}

int flow_workflow_add_edge(struct flow_workflow *wf, flow_task from, flow_task to, struct flow_error *err)
{
    int status = check_task(wf, from, err);
    if (status == FLOW_OK)
        status = check_task(wf, to, err);
    if (status < 0)
        return status;
    if (graph_add_edge(&wf->graph, from, to) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory adding an edge");
    return FLOW_OK;
}

int flow_workflow_set_start(struct flow_workflow *wf, flow_task task, struct flow_error *err)
{
    int status = check_task(wf, task, err);
    if (status == FLOW_OK)
        wf->start = task;
    return status;
}

const char *flow_workflow_name(const struct flow_workflow *wf)
{
    return wf->name;
}

size_t flow_workflow_task_count(const struct flow_workflow *wf)
{
    return wf->graph.tasks.count;
}

const char *flow_workflow_task_id(const struct flow_workflow *wf, flow_task task)
{
    return task < wf->graph.tasks.count ? wf->graph.tasks.at[task].id : NULL;
}

flow_task flow_workflow_find(const struct flow_workflow *wf, const char *id)
{
    return graph_find(&wf->graph, id, strlen(id));
}
