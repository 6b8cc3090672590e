/* A plugin that needs a library which is not on this machine (see meson.build). */
#include "flow/plugin.h"

int missing_library_function(void);

static int load(struct flow_loader *loader, struct flow_error *err)
{
    (void)loader, (void)err;
    return missing_library_function();
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "needs_missing",
    .version = "1.0",
    .load = load,
};
