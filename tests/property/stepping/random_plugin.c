/* The random workflow of tests/support as a plugin, so that it can run in an inferior. Its seed comes in the
 * environment.
 *
 * random_workflow.c is compiled into this plugin with flow_workflow_create and flow_workflow_destroy renamed
 * to the two functions below: the workflow is the loader's. */
#include <stdlib.h>

#include "flow/flow.h"
#include "tests/support/random_workflow.h"

int random_plugin_create(struct flow_workflow **out, const char *name, struct flow_error *err);
void random_plugin_destroy(struct flow_workflow *wf);

static struct flow_loader *present_loader;
static struct random_workflow *random_workflow;

int random_plugin_create(struct flow_workflow **out, const char *name, struct flow_error *err)
{
    return flow_loader_workflow(present_loader, name, out, err);
}

void random_plugin_destroy(struct flow_workflow *wf)
{
    (void)wf; /* the loader has done it */
}

static int load(struct flow_loader *loader, struct flow_error *err)
{
    const char *seed = getenv("RANDOM_WORKFLOW_SEED");
    if (!seed)
        return flow_error_set(err, FLOW_EINVAL, "RANDOM_WORKFLOW_SEED is not set");
    present_loader = loader;
    random_workflow = random_workflow_create(strtoull(seed, NULL, 10));
    return FLOW_OK;
}

static void unload(void)
{
    random_workflow_destroy(random_workflow);
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "random",
    .version = "1",
    .load = load,
    .unload = unload,
};
