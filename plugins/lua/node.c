/* Nodes: how a task object joins a workflow or a run. */
#include <stdlib.h>
#include <string.h>

#include "task.h"

static void node_destroy(struct script_node *node)
{
    lua_State *L = node->script->L;
    luaL_unref(L, LUA_REGISTRYINDEX, node->fn_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, node->task_ref);
    script_unref(node->script);
    free(node);
}

void script_node_release(void *user)
{
    struct script_node *node = user;
    if (node->task->node == node)
        node->task->node = NULL;
    node_destroy(node);
}

struct flow_task_def script_task_define(lua_State *L, int idx, struct script_workflow *workflow)
{
    struct script_task *t = lua_touserdata(L, idx);
    idx = lua_absindex(L, idx);
    lua_getiuservalue(L, idx, 1);
    int fn_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, idx);
    int task_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    struct script_node *node = malloc(sizeof *node);
    if (!node)
        luaL_error(L, "not enough memory");
    *node = (struct script_node){
        .script = script_of(L),
        .workflow = workflow,
        .task = t,
        .handle = FLOW_TASK_NONE,
        .fn_ref = fn_ref,
        .task_ref = task_ref,
        .param_count = (unsigned)t->param_count,
        .wants_ctx = t->wants_ctx,
    };
    script_ref(node->script);
    return (struct flow_task_def){
        .size = sizeof(struct flow_task_def),
        .id = t->id,
        .fn = script_body_run,
        .user = node,
        .release = script_node_release,
        .params = t->params,
        .param_count = t->param_count,
        .join = t->join,
        .max_cycles = t->max_cycles,
        .max_retries = t->max_retries,
        .file = t->file,
        .line = t->line,
    };
}

/* Whether the task of the running graph with this handle is the task object t, not another of the same id. */
static bool is_same(const struct script *s, const struct script_task *t, flow_task handle)
{
    const struct script_workflow *workflow = s->running->workflow;
    if (t->is_reference)
        return true;
    if (handle < workflow->node_count)
        return workflow->nodes[handle]->task == t;
    return t->node && t->node->handle == handle;
}

static bool is_taken_in_run(void *user, const char *id)
{
    return flow_ctx_find_task(user, id) != FLOW_TASK_NONE;
}

flow_task script_task_resolve(lua_State *L, int idx, const char *what)
{
    struct flow_ctx *ctx = script_ctx(L, what);
    struct script_task *t = script_task_test(L, idx);
    const char *id = NULL;
    if (t)
        id = script_task_name(L, idx, is_taken_in_run, ctx);
    else if (lua_type(L, idx) == LUA_TSTRING)
        id = lua_tostring(L, idx);
    else
        luaL_error(L, "%s: takes a task or the id of one, not %s%s", what,
            lua_isnoneornil(L, idx) ? "nil (is there a task of that name?)" : "a ",
            lua_isnoneornil(L, idx) ? "" : luaL_typename(L, idx));
    flow_task handle = flow_ctx_find_task(ctx, id);
    bool needs_it = !t || t->is_reference;
    if (handle == FLOW_TASK_NONE && needs_it)
        luaL_error(L, "%s: there is no task '%s' in the graph", what, id);
    if (handle == FLOW_TASK_NONE || needs_it)
        return handle;
    return is_same(script_of(L), t, handle) ? handle : FLOW_TASK_NONE;
}

flow_task script_task_join_graph(lua_State *L, int idx, const char *what)
{
    flow_task handle = script_task_resolve(L, idx, what);
    if (handle != FLOW_TASK_NONE)
        return handle;
    struct flow_ctx *ctx = script_ctx(L, what);
    struct flow_task_def def = script_task_define(L, idx, script_of(L)->running->workflow);
    struct script_node *node = def.user;
    if (flow_ctx_add_task(ctx, &def, &handle) < 0)
        script_raise(L, ctx);
    node->handle = handle;
    node->task->node = node;
    return handle;
}
