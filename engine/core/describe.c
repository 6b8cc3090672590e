/* The maps that `run started` and `task added` carry: what a run was made of, so that it can be understood
 * and made again from its events alone. */
#include <string.h>

#include "core/emit.h"

static int describe_param(const struct flow_param *param, struct flow_value *out)
{
    struct map_builder b = {.count = 0};
    map_builder_add_text(&b, "name", param->name);
    if (param->is_bound)
        map_builder_add(&b, "bound", value_ref(param->bound));
    if (param->has_default)
        map_builder_add(&b, "default", value_ref(param->default_value));
    return map_builder_take(&b, out);
}

static int describe_params(const struct task_spec *spec, struct flow_value *out)
{
    struct {
        VEC(struct flow_value);
    } items = {0};
    int status = vec_reserve(&items, spec->param_count);
    for (uint32_t i = 0; i < spec->param_count && status == FLOW_OK; i++) {
        status = describe_param(&spec->params[i], &items.at[i]);
        items.count += status == FLOW_OK;
    }
    if (status == FLOW_OK)
        status = flow_list_create(out, items.at, items.count);
    else
        vec_foreach (struct flow_value, item, &items)
            value_unref(*item);
    vec_finish(&items);
    return status;
}

int describe_task(const struct flow_run *run, const struct task_spec *spec, struct flow_value *out)
{
    struct flow_value params = flow_null();
    struct map_builder b = {.count = 0};
    *out = flow_null();
    if (!run_is_watched(run))
        return FLOW_OK;
    map_builder_add_text(&b, "join", spec->join == FLOW_JOIN_ALL ? "all" : "each");
    map_builder_add(&b, "max_cycles", flow_int(run_resolve_max_cycles(run, spec)));
    map_builder_add(&b, "max_retries", flow_int(spec->max_retries));
    if (spec->param_count) {
        if (b.status == FLOW_OK)
            b.status = describe_params(spec, &params);
        map_builder_add(&b, "params", params);
    }
    return map_builder_take(&b, out);
}

static bool is_own_name(struct flow_value key)
{
    static const char *const own[] = {"profile", "seed", "max_steps", "start", "closed"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(flow_value_text(key, NULL), own[i]) == 0)
            return true;
    return false;
}

/* The run's own facts first, then the host's; the host cannot replace ours. */
static int merge_info(struct flow_value own, struct flow_value info, struct flow_value *out)
{
    struct {
        VEC(struct flow_member);
    } all = {0};
    size_t count = flow_value_count(own) + flow_value_count(info);
    if (vec_reserve(&all, count) < 0)
        return FLOW_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        bool is_ours = i < flow_value_count(own);
        struct flow_member m = is_ours ? flow_map_at(own, i) : flow_map_at(info, i - flow_value_count(own));
        if (!is_ours && is_own_name(m.key))
            continue;
        all.at[all.count++] = (struct flow_member){value_ref(m.key), value_ref(m.value)};
    }
    int status = flow_map_create(out, all.at, all.count);
    vec_finish(&all);
    return status;
}

int describe_run(const struct flow_run *run, struct flow_value *out)
{
    struct flow_value own = flow_null();
    struct map_builder b = {.count = 0};
    *out = flow_null();
    if (!run_is_watched(run))
        return FLOW_OK;
    map_builder_add_text(&b, "profile", flow_profile_name(run->profile->id));
    map_builder_add(&b, "seed", flow_int((int64_t)run->seed));
    map_builder_add(&b, "max_steps", flow_int((int64_t)run->max_steps));
    map_builder_add_text(&b, "start", run_id(run, run->start));
    if (run->profile->tasks_join_when_made)
        map_builder_add(&b, "closed", flow_bool(run->is_closed));
    int status = map_builder_take(&b, &own);
    if (status == FLOW_OK)
        status = merge_info(own, run->info, out);
    value_unref(own);
    return status;
}
