/* count_steps KIND STEPS [PLUGIN FILE]: performs that many steps and nothing else that depends on the number,
 * for a tool that counts instructions: two lengths subtracted leave the steps alone.
 *
 *   native   the chain, empty hook table        hooked   the chain, an event handler that does nothing
 *   lua      steps of FILE's first workflow, loaded with the host in PLUGIN
 *   pcall    not a step: lua_pcall of an empty one-argument function with a message handler */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LUA
#include <lauxlib.h>
#include <lua.h>
#endif

#include "tests/bench/chain.h"

static void ignore_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    (void)user, (void)run, (void)event;
}

static uint64_t count_native(uint64_t steps, struct flow_hooks hooks)
{
    struct chain_sums sums = {0};
    struct flow_workflow *wf = chain_create(&sums);
    struct flow_run *run = chain_start(wf, hooks);
    uint64_t done = chain_step(run, steps);
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
    return done;
}

static uint64_t count_hosted(uint64_t steps, const char *plugin, const char *file)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_loader *loader = NULL;
    const struct flow_host_request request = {.size = sizeof request, .path = file, .allow = ""};
    uint64_t done = 0;
    if (flow_loader_create(&loader, &err) == FLOW_OK &&
        flow_loader_add_plugin(loader, plugin, &err) == FLOW_OK &&
        flow_loader_open(loader, &request, &err) == FLOW_OK) {
        struct flow_run *run = chain_start(flow_loader_workflow_at(loader, 0), (struct flow_hooks){0});
        done = chain_step(run, steps);
        flow_run_destroy(run);
    }
    if (err.code)
        fprintf(stderr, "count_steps: %s\n", err.text);
    flow_loader_destroy(loader);
    return done;
}

#ifdef HAVE_LUA
static int handle_message(lua_State *L)
{
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
    return 1;
}

static uint64_t count_pcalls(uint64_t calls)
{
    uint64_t done = 0;
    lua_State *L = luaL_newstate();
    if (!L || luaL_loadstring(L, "return function(ctx) end") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK)
        return 0;
    lua_pushcfunction(L, handle_message);
    for (; done < calls; done++) {
        lua_pushvalue(L, 1);
        lua_pushinteger(L, 1);
        if (lua_pcall(L, 1, 0, 2) != LUA_OK)
            break;
    }
    lua_close(L);
    return done;
}
#else
static uint64_t count_pcalls(uint64_t calls)
{
    (void)calls;
    return 0;
}
#endif

int main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[1] : "";
    uint64_t steps = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t done;
    if (strcmp(kind, "native") == 0)
        done = count_native(steps, (struct flow_hooks){0});
    else if (strcmp(kind, "hooked") == 0)
        done = count_native(steps, (struct flow_hooks){.on_event = ignore_event});
    else if (strcmp(kind, "pcall") == 0)
        done = count_pcalls(steps);
    else if (strcmp(kind, "lua") == 0 && argc == 5)
        done = count_hosted(steps, argv[3], argv[4]);
    else {
        fprintf(stderr,
            "usage: count_steps native|hooked|pcall STEPS\n       count_steps lua STEPS PLUGIN FILE\n");
        return 2;
    }
    return done == steps ? 0 : 1;
}
