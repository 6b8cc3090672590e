/* A plugin as somebody else would write it, built with the installed headers. Its task tells how many
 * libflows there are in the process: there must be one. */
#include <flow/plugin.h>
#include <stdio.h>
#include <string.h>

static int count(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    char line[4096], seen[4096] = "";
    int files = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        const char *path = strchr(line, '/');
        if (!path || !strstr(path, "/libflow.so") || strcmp(path, seen) == 0)
            continue;
        strcpy(seen, path);
        files++;
    }
    if (maps)
        fclose(maps);
    *result = flow_int(files);
    flow_ctx_printf(ctx, "%d libflow\n", files);
    return FLOW_OK;
}

static int load(struct flow_loader *loader, struct flow_error *err)
{
    const struct flow_task_def def = {.size = sizeof def, .id = "count", .fn = count};
    struct flow_workflow *wf;
    int status = flow_loader_workflow(loader, "maps", &wf, err);
    return status < 0 ? status : flow_workflow_add_task(wf, &def, NULL, err);
}

FLOW_PUBLIC const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER, .name = "maps", .version = "1.0", .load = load};
