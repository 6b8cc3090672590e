/* Where the values of parameters come from. */
#include <string.h>

#include "core/run.h"

static int find_in_channel(const struct flow_run *run, flow_key key, struct flow_value *out)
{
    if (key == FLOW_KEY_NONE || !channel_is_set(&run->channel, key))
        return FLOW_NOT_FOUND;
    *out = run->channel.keys.at[key].value;
    return FLOW_OK;
}

static int find_by_name(
    const struct flow_run *run, enum param_source source, const char *name, struct flow_value *out)
{
    size_t length = strlen(name);
    if (source == PARAM_FROM_KEY)
        return find_in_channel(run, channel_find(&run->channel, name, length), out);
    flow_task task = graph_find(&run->graph, name, length);
    if (task == FLOW_TASK_NONE)
        return FLOW_NOT_FOUND;
    return find_in_channel(run, run->tasks.at[task].result_key, out);
}

/* Iteration data goes to the first parameter and beats everything; then the bound argument, the two places
 * the profile names in its order, the default. */
static int find_value(
    const struct flow_run *run, const struct flow_param *param, bool is_first, struct flow_value *out)
{
    struct flow_value data = run->execution.entry.data;
    if (is_first && data.type != FLOW_TYPE_NULL) {
        *out = data;
        return FLOW_OK;
    }
    if (param->is_bound) {
        *out = param->bound;
        return FLOW_OK;
    }
    for (int i = 0; i < 2; i++)
        if (find_by_name(run, run->profile->param_order[i], param->name, out) == FLOW_OK)
            return FLOW_OK;
    if (!param->has_default)
        return FLOW_NOT_FOUND;
    *out = param->default_value;
    return FLOW_OK;
}

static int fail_unresolved(struct flow_run *run, const char *name)
{
    run_set_failure(&run->failure, "error", NULL,
        "parameter '%s' of task '%s' has no value: bind it, set the channel key '%s', or give it a default",
        name, run_id(run, run->execution.entry.task), name);
    run->execution.entry.flags |= SAID_FAILURE;
    return FLOW_ETASK;
}

int run_resolve_args(struct flow_run *run)
{
    const struct queue_entry *entry = &run->execution.entry;
    const struct task_spec *spec = run_spec(run, entry->task);
    uint32_t unresolved = 0, last_unresolved = 0;
    if (vec_reserve(&run->args, spec->param_count) < 0)
        return FLOW_ENOMEM;
    run->execution.entry.flags |= HAS_LEFTOVERS;
    for (uint32_t i = 0; i < spec->param_count; i++) {
        struct flow_value value = flow_null();
        if (find_value(run, &spec->params[i], i == 0, &value) != FLOW_OK) {
            unresolved++;
            last_unresolved = i;
        }
        run->args.at[run->args.count++] = value_ref(value);
    }
    if (unresolved == 0)
        return FLOW_OK;
    /* A single one, in a task that was entered along an edge: what the predecessor returned is meant. */
    struct flow_value result;
    if (unresolved == 1 && run->profile->uses_predecessor_result && entry->via != FLOW_TASK_NONE &&
        find_in_channel(run, run->tasks.at[entry->via].result_key, &result) == FLOW_OK) {
        run->args.at[last_unresolved] = value_ref(result);
        return FLOW_OK;
    }
    return fail_unresolved(run, spec->params[last_unresolved].name);
}

void run_release_args(struct flow_run *run)
{
    vec_foreach (struct flow_value, arg, &run->args)
        value_unref(*arg);
    vec_clear(&run->args);
}
