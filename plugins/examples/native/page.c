/* The five examples of the page "Dynamic Task Generation", as one native plugin: a model for plugin authors.
 *
 * A body is a C function; what it may do stands in flow/task.h. A workflow is tasks and edges; how they are
 * made stands in flow/workflow.h. The plugin itself is the one constant at the end of this file. */
#include <string.h>

#include "flow/plugin.h"

/* Where a task is defined is shown to people: the line of its row in the tables below. */
#define TASK(task_id, body)                                                                                  \
    .size = sizeof(struct flow_task_def), .id = task_id, .fn = body, .file = "page.c", .line = __LINE__

/* Adds the tasks and chains the first `chained` of them: a >> b >> c. The rest are targets of goto. */
static int build(struct flow_loader *loader, const char *name, const struct flow_task_def *tasks,
    size_t count, size_t chained, struct flow_error *err)
{
    struct flow_workflow *wf;
    flow_task previous = FLOW_TASK_NONE;

    int status = flow_loader_workflow(loader, name, &wf, err);
    for (size_t i = 0; status == FLOW_OK && i < count; i++) {
        flow_task task;
        status = flow_workflow_add_task(wf, &tasks[i], &task, err);
        if (status == FLOW_OK && i > 0 && i < chained)
            status = flow_workflow_add_edge(wf, previous, task, err);
        if (status == FLOW_OK)
            previous = task;
    }
    return status;
}

/* error_handling: jump to a task that is already in the graph */

/* Randomness comes from the run, never from rand(): so the run can be repeated with --seed. */
static double random_unit(struct flow_ctx *ctx)
{
    return (double)(flow_ctx_random(ctx) >> 11) * 0x1p-53;
}

static int risky_operation(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    if (random_unit(ctx) < 0.3)
        return flow_ctx_next_task(ctx, flow_ctx_find_task(ctx, "emergency_handler"), FLOW_NEXT_GOTO);
    return flow_ctx_printf(ctx, "Operation succeeded\n");
}

static int emergency_handler(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    return flow_ctx_printf(ctx, "Emergency handler activated!\n");
}

static int normal_continuation(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    return flow_ctx_printf(ctx, "Continuing normal flow\n");
}

static int load_error_handling(struct flow_loader *loader, struct flow_error *err)
{
    const struct flow_task_def tasks[] = {
        {TASK("risky_operation", risky_operation)},
        {TASK("normal_continuation", normal_continuation)},
        {TASK("emergency_handler", emergency_handler)},
    };
    return build(loader, "error_handling", tasks, 3, 2, err);
}

/* enqueue_demo: additional work, made while the workflow runs */

static int extra_logging(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    return flow_ctx_printf(ctx, "Extra logging task\n");
}

static int process(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    const struct flow_task_def extra = {TASK("extra_logging", extra_logging)};
    int status = flow_ctx_next_new_task(ctx, &extra, FLOW_NEXT_ENQUEUE, NULL);
    if (status < 0)
        return status;
    return flow_ctx_printf(ctx, "Main processing\n");
}

static int continuation(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    return flow_ctx_printf(ctx, "Normal continuation\n");
}

static int load_enqueue_demo(struct flow_loader *loader, struct flow_error *err)
{
    const struct flow_task_def tasks[] = {
        {TASK("process", process)},
        {TASK("continuation", continuation)},
    };
    return build(loader, "enqueue_demo", tasks, 2, 2, err);
}

/* optimization: the same task again until it converges */

/* Stands in for training: from 0.5 it gives 0.65, 0.78, 0.88, 0.96. */
static double train_step(double accuracy)
{
    static const double gains[] = {0.15, 0.13, 0.10, 0.08};
    double reached = 0.5;
    for (size_t i = 0; i < sizeof gains / sizeof *gains; i++) {
        if (accuracy < reached + gains[i] / 2)
            return reached + gains[i];
        reached += gains[i];
    }
    return reached;
}

static int optimize(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    struct flow_value iteration = flow_int(0);
    struct flow_value accuracy = flow_double(0.5);
    flow_ctx_get(ctx, "iteration", &iteration); /* leaves the default where there is no such key */
    flow_ctx_get(ctx, "accuracy", &accuracy);
    if (iteration.type != FLOW_TYPE_INT || accuracy.type != FLOW_TYPE_DOUBLE)
        return flow_ctx_fail(
            ctx, "TypeError", NULL, "channel: iteration must be an int and accuracy a double");

    double new_accuracy = train_step(accuracy.as.number);
    flow_ctx_printf(ctx, "Iteration %d: accuracy=%.2f\n", (int)iteration.as.integer, new_accuracy);
    if (new_accuracy >= 0.95) {
        flow_ctx_printf(ctx, "Converged!\n");
        return flow_ctx_set(ctx, "final_accuracy", flow_double(new_accuracy));
    }
    int status = flow_ctx_set(ctx, "iteration", flow_int(iteration.as.integer + 1));
    if (status == FLOW_OK)
        status = flow_ctx_set(ctx, "accuracy", flow_double(new_accuracy));
    return status == FLOW_OK ? flow_ctx_next_iteration(ctx, flow_null()) : status;
}

static int load_optimization(struct flow_loader *loader, struct flow_error *err)
{
    const struct flow_task_def tasks[] = {
        {TASK("optimize", optimize)},
    };
    return build(loader, "optimization", tasks, 1, 1, err);
}

/* caching: end early, as a success */

/* Stands in for a cache. The value it writes is the caller's. */
static int get_from_cache(const char *key, struct flow_value *cached)
{
    return strcmp(key, "my_key") == 0 ? flow_string(cached, "cached value") : FLOW_NOT_FOUND;
}

static int check_cache(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user;
    const char *key = flow_value_text(flow_ctx_arg(ctx, 0), NULL);
    if (!key)
        return flow_ctx_fail(ctx, "TypeError", NULL, "key must be a string");

    int status = get_from_cache(key, result);
    if (status == FLOW_NOT_FOUND)
        return flow_ctx_printf(ctx, "Cache miss, proceeding...\n");
    if (status < 0)
        return status;
    flow_ctx_printf(ctx, "Cache hit: %s\n", flow_value_text(*result, NULL));
    return flow_ctx_terminate(ctx, "Data found in cache");
}

static int expensive_processing(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user;
    int status = flow_ctx_printf(ctx, "Expensive processing...\n");
    return status == FLOW_OK ? flow_string(result, "processed") : status;
}

static int load_caching(struct flow_loader *loader, struct flow_error *err)
{
    struct flow_value my_key = flow_null();
    int status = flow_string(&my_key, "my_key");
    if (status < 0)
        return flow_error_set(err, status, "out of memory");
    const struct flow_param key = {.name = "key", .is_bound = true, .bound = my_key};
    const struct flow_task_def tasks[] = {
        {TASK("cache", check_cache), .params = &key, .param_count = 1},
        {TASK("expensive_processing", expensive_processing)},
    };
    status = build(loader, "caching", tasks, 2, 2, err);
    flow_value_unref(my_key); /* the definition took its own reference */
    return status;
}

/* validation: end early, as an error */

static int validate_data(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user;
    struct flow_value data = flow_ctx_arg(ctx, 0);
    struct flow_value valid = flow_null();
    flow_map_get(data, "valid", strlen("valid"), &valid);
    *result = flow_value_ref(data);
    if (valid.type != FLOW_TYPE_BOOL || !valid.as.boolean)
        return flow_ctx_cancel(ctx, "Data validation failed");
    return FLOW_OK;
}

/* `data` is neither bound nor in the channel: it is the result of the task before. */
static int process_data(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user;
    *result = flow_value_ref(flow_ctx_arg(ctx, 0));
    return flow_ctx_printf(ctx, "Processing data...\n");
}

static int load_validation(struct flow_loader *loader, struct flow_error *err)
{
    struct flow_member valid = {.key = flow_null(), .value = flow_bool(false)};
    struct flow_value invalid_data = flow_null();
    int status = flow_string(&valid.key, "valid");
    if (status == FLOW_OK)
        status = flow_map_create(&invalid_data, &valid, 1);
    if (status < 0)
        return flow_error_set(err, status, "out of memory");
    const struct flow_param bound = {.name = "data", .is_bound = true, .bound = invalid_data};
    const struct flow_param open = {.name = "data"};
    const struct flow_task_def tasks[] = {
        {TASK("validate", validate_data), .params = &bound, .param_count = 1},
        {TASK("process_data", process_data), .params = &open, .param_count = 1},
    };
    status = build(loader, "validation", tasks, 2, 2, err);
    flow_value_unref(invalid_data);
    return status;
}

/* the plugin */

static int load(struct flow_loader *loader, struct flow_error *err)
{
    int (*const loads[])(struct flow_loader *, struct flow_error *) = {
        load_error_handling, load_enqueue_demo, load_optimization, load_caching, load_validation};
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        int status = loads[i](loader, err);
        if (status < 0)
            return status;
    }
    return FLOW_OK;
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "page",
    .version = "1.0",
    .description = "the five examples of the page, in C",
    .load = load,
};
