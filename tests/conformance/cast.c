/* The bodies of a case: they act out its script through the calls that any plugin has. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/play.h"

static struct body *cast_body(struct cast *cast, const char *id)
{
    for (size_t i = 0; i < cast->count; i++)
        if (strcmp(cast->bodies[i].id, id) == 0)
            return &cast->bodies[i];
    return NULL;
}

static int act_out(struct flow_ctx *ctx, void *user, struct flow_value *result);

static struct flow_task_def body_def(struct body *body)
{
    return (struct flow_task_def){
        .size = sizeof(struct flow_task_def),
        .id = body->id,
        .fn = act_out,
        .user = body,
        .max_cycles = body->max_cycles,
        .max_retries = body->max_retries,
    };
}

/* The texts are those of the recorded program: a failed execution stores its error as a result. */
static int fail_unknown_task(struct flow_ctx *ctx, const char *id)
{
    return flow_ctx_fail(ctx, "KeyError", NULL, "'Task %s not found in graph'", id);
}

static int fail_cycle_limit(struct flow_ctx *ctx, const struct body *body)
{
    flow_ctx_fail(ctx, "CycleLimitExceededError", NULL,
        "CycleLimitExceededError(task_id=%s, cycle_count=%u, max_cycles=%u)", body->id,
        flow_ctx_cycle_count(ctx), flow_ctx_max_cycles(ctx));
    return FLOW_ELIMIT;
}

static int act_next_new(struct flow_ctx *ctx, struct body *body, const char *id, enum flow_next how)
{
    struct body *made = cast_body(body->cast, id);
    if (!made)
        return FLOW_EINVAL;
    struct flow_task_def def = body_def(made);
    int status = flow_ctx_next_new_task(ctx, &def, how, NULL);
    if (status == FLOW_EEXIST)
        return flow_ctx_fail(
            ctx, "DuplicateTaskError", NULL, "Duplicate task ID: Node '%s' already exists in graph", id);
    return status;
}

static int act_next_existing(struct flow_ctx *ctx, const char *id, enum flow_next how)
{
    flow_task target = flow_ctx_find_task(ctx, id);
    if (target == FLOW_TASK_NONE)
        return fail_unknown_task(ctx, id);
    return flow_ctx_next_task(ctx, target, how);
}

static int act_iterate(struct flow_ctx *ctx, const struct body *body)
{
    int status = flow_ctx_next_iteration(ctx, flow_null());
    return status == FLOW_ELIMIT ? fail_cycle_limit(ctx, body) : status;
}

static int act_add(struct flow_ctx *ctx, const char *key, int64_t n)
{
    struct flow_value old = flow_int(0);
    flow_ctx_get(ctx, key, &old);
    return flow_ctx_set(ctx, key, flow_int(old.as.integer + n));
}

static int act(struct flow_ctx *ctx, struct body *body, json_t *action, struct flow_value *result)
{
    const char *verb = json_string_value(json_array_get(action, 0));
    json_t *second = json_array_get(action, 1);
    const char *word = json_string_value(second);
    json_int_t number = json_integer_value(json_array_get(action, 2));

    if (strcmp(verb, "set") == 0)
        return flow_ctx_set(ctx, word, flow_int(number));
    if (strcmp(verb, "add") == 0)
        return act_add(ctx, word, number);
    if (strcmp(verb, "new") == 0)
        return act_next_new(ctx, body, word, FLOW_NEXT_ENQUEUE);
    if (strcmp(verb, "goto_new") == 0)
        return act_next_new(ctx, body, word, FLOW_NEXT_GOTO);
    if (strcmp(verb, "existing") == 0)
        return act_next_existing(ctx, word, FLOW_NEXT_ENQUEUE);
    if (strcmp(verb, "goto") == 0)
        return act_next_existing(ctx, word, FLOW_NEXT_GOTO);
    if (strcmp(verb, "iter") == 0)
        return act_iterate(ctx, body);
    if (strcmp(verb, "iter_guard") == 0)
        return flow_ctx_can_iterate(ctx) ? act_iterate(ctx, body) : FLOW_OK;
    if (strcmp(verb, "terminate") == 0)
        return flow_ctx_terminate(ctx, word);
    if (strcmp(verb, "cancel") == 0)
        return flow_ctx_cancel(ctx, word);
    if (strcmp(verb, "raise") == 0)
        return flow_ctx_fail(ctx, "ValueError", NULL, "%s", word);
    if (strcmp(verb, "return") == 0) {
        flow_value_unref(*result);
        *result = flow_null();
        return word ? flow_string(result, word) : FLOW_OK;
    }
    return flow_ctx_fail(ctx, "ConformanceError", NULL, "no such action: %s", verb);
}

static int act_out(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct body *body = user;
    json_t *actions = json_array_get(body->script, body->executions++);
    size_t i;
    json_t *action;
    json_array_foreach(actions, i, action)
    {
        int status = act(ctx, body, action, result);
        if (status < 0)
            return status;
    }
    return FLOW_OK;
}

static void cast_add_bodies(struct cast *cast, json_t *tasks)
{
    size_t i;
    json_t *task;
    json_array_foreach(tasks, i, task)
    {
        json_t *max_cycles = json_object_get(task, "max_cycles");
        json_int_t cycles = json_integer_value(max_cycles);
        cast->bodies[cast->count++] = (struct body){
            .cast = cast,
            .id = json_string_value(json_object_get(task, "id")),
            .script = json_object_get(task, "script"),
            .max_cycles = max_cycles && cycles == 0 ? FLOW_MAX_CYCLES_NONE : (uint32_t)cycles,
            .max_retries = (uint32_t)json_integer_value(json_object_get(task, "max_retries")),
        };
    }
}

static int cast_add_edges(struct cast *cast, json_t *edges, struct flow_error *err)
{
    size_t i;
    json_t *edge;
    json_array_foreach(edges, i, edge)
    {
        flow_task from = flow_workflow_find(cast->workflow, json_string_value(json_array_get(edge, 0)));
        flow_task to = flow_workflow_find(cast->workflow, json_string_value(json_array_get(edge, 1)));
        int status = flow_workflow_add_edge(cast->workflow, from, to, err);
        if (status < 0)
            return status;
    }
    return FLOW_OK;
}

int cast_init(struct cast *cast, json_t *spec, struct flow_error *err)
{
    json_t *tasks = json_object_get(spec, "tasks");
    json_t *made_later = json_object_get(spec, "dyn");

    *cast = (struct cast){0};
    cast->bodies = calloc(json_array_size(tasks) + json_array_size(made_later) + 1, sizeof *cast->bodies);
    if (!cast->bodies)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    cast_add_bodies(cast, tasks);
    cast_add_bodies(cast, made_later);

    int status = flow_workflow_create(&cast->workflow, "case", err);
    for (size_t i = 0; status == FLOW_OK && i < json_array_size(tasks); i++) {
        struct flow_task_def def = body_def(&cast->bodies[i]);
        status = flow_workflow_add_task(cast->workflow, &def, NULL, err);
    }
    if (status == FLOW_OK)
        status = cast_add_edges(cast, json_object_get(spec, "edges"), err);
    return status;
}

void cast_finish(struct cast *cast)
{
    flow_workflow_destroy(cast->workflow);
    free(cast->bodies);
    *cast = (struct cast){0};
}
