/* A plugin whose load fails in the one way that the build gives: WAY is the name of one of the functions. */
#include "flow/plugin.h"

/* Only one of them is used. */
#define ONE_WAY __attribute__((unused)) static

static int body(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    return FLOW_OK;
}

ONE_WAY int fails_with_words(struct flow_loader *loader, struct flow_error *err)
{
    (void)loader;
    return flow_error_set(err, FLOW_EIO, "reading models.db: no such file: set MODELS to its folder");
}

ONE_WAY int fails_silently(struct flow_loader *loader, struct flow_error *err)
{
    (void)loader, (void)err;
    return FLOW_EINVAL;
}

ONE_WAY int same_task_twice(struct flow_loader *loader, struct flow_error *err)
{
    const struct flow_task_def first = {
        .size = sizeof first, .id = "fetch", .fn = body, .file = "a.c", .line = 1};
    const struct flow_task_def second = {
        .size = sizeof second, .id = "fetch", .fn = body, .file = "b.c", .line = 2};
    struct flow_workflow *wf;
    int status = flow_loader_workflow(loader, "etl", &wf, err);
    if (status == FLOW_OK)
        status = flow_workflow_add_task(wf, &first, NULL, err);
    if (status == FLOW_OK)
        status = flow_workflow_add_task(wf, &second, NULL, err);
    return status;
}

ONE_WAY int same_workflow_twice(struct flow_loader *loader, struct flow_error *err)
{
    struct flow_workflow *wf;
    int status = flow_loader_workflow(loader, "etl", &wf, err);
    return status == FLOW_OK ? flow_loader_workflow(loader, "etl", &wf, err) : status;
}

static int load(struct flow_loader *loader, struct flow_error *err)
{
    return WAY(loader, err);
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "bad_load",
    .version = "1.0",
    .load = load,
};
