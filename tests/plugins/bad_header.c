/* A plugin whose header is wrong in the one way that the build gives: ABI_MAJOR, ABI_MINOR, SIZE, NAME. Its
 * load must never be called. */
#include <stdlib.h>

#include "flow/plugin.h"

#ifndef ABI_MAJOR
#define ABI_MAJOR FLOW_ABI_MAJOR
#endif
#ifndef ABI_MINOR
#define ABI_MINOR FLOW_ABI_MINOR
#endif
#ifndef SIZE
#define SIZE sizeof(struct flow_plugin)
#endif
#ifndef NAME
#define NAME "bad_header"
#endif
#ifndef LOAD
#define LOAD load
#endif
#ifndef HOST
#define HOST NULL
#endif

__attribute__((unused)) static const struct flow_host half_a_host = {
    .size = sizeof(struct flow_host),
    .extensions = "half",
};

__attribute__((unused)) static int load(struct flow_loader *loader, struct flow_error *err)
{
    (void)loader, (void)err;
    abort();
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    .abi_major = ABI_MAJOR,
    .abi_minor = ABI_MINOR,
    .size = SIZE,
    .name = NAME,
    .version = "1.0",
    .load = LOAD,
    .host = HOST,
};
