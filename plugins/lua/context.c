/* The context object of task bodies, its channel and its graph. One of each per script: they act on the body
 * that runs. */
#include <string.h>

#include "task.h"
#include "value.h"

static const char context_key, channel_key, graph_key; /* registry: the objects */

struct flow_ctx *script_ctx(lua_State *L, const char *what)
{
    struct flow_ctx *ctx = script_of(L)->ctx;
    if (!ctx)
        luaL_error(L, "%s: possible only while a task runs", what);
    return ctx;
}

int script_raise(lua_State *L, struct flow_ctx *ctx)
{
    return luaL_error(L, "%s", flow_ctx_error(ctx));
}

/* The context, for the method `what` of the object at 1, which must be the one under `key`. */
static struct flow_ctx *enter(lua_State *L, const char *key, const char *what)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    bool is_self = lua_rawequal(L, 1, -1);
    lua_pop(L, 1);
    if (!is_self)
        luaL_error(L, "%s(...) is called with a colon", what);
    return script_ctx(L, what);
}

/* A channel key or an id at idx: text without NUL. */
static const char *check_text(lua_State *L, int idx, const char *what)
{
    size_t length;
    if (lua_type(L, idx) != LUA_TSTRING)
        luaL_error(L, "%s: takes text, not a %s", what, luaL_typename(L, idx));
    const char *text = lua_tolstring(L, idx, &length);
    if (strlen(text) != length)
        luaL_error(L, "%s: the text contains a NUL", what);
    return text;
}

/* Channel. */

static void push_key_value(lua_State *L, struct flow_ctx *ctx, const char *key, int otherwise)
{
    struct flow_value v;
    if (flow_ctx_get(ctx, key, &v) == FLOW_OK)
        script_value_push(L, v);
    else if (otherwise)
        lua_pushvalue(L, otherwise);
    else
        lua_pushnil(L);
}

static int channel_get(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &channel_key, "channel:get");
    lua_settop(L, 3);
    push_key_value(L, ctx, check_text(L, 2, "channel:get"), 3);
    return 1;
}

static void set_key(lua_State *L, struct flow_ctx *ctx, const char *key, int idx, const char *what)
{
    struct flow_value v = script_value_take(L, idx, what, key);
    if (flow_ctx_set(ctx, key, v) < 0)
        script_raise(L, ctx);
}

static int channel_set(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &channel_key, "channel:set");
    lua_settop(L, 3);
    set_key(L, ctx, check_text(L, 2, "channel:set"), 3, "channel:set");
    return 0;
}

static int channel_has(lua_State *L)
{
    struct flow_value v;
    struct flow_ctx *ctx = enter(L, &channel_key, "channel:has");
    lua_pushboolean(L, flow_ctx_get(ctx, check_text(L, 2, "channel:has"), &v) == FLOW_OK);
    return 1;
}

static int channel_delete(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &channel_key, "channel:delete");
    lua_pushboolean(L, flow_ctx_delete(ctx, check_text(L, 2, "channel:delete")) == FLOW_OK);
    return 1;
}

static int channel_keys(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &channel_key, "channel:keys");
    size_t cursor = 0;
    const char *key;
    struct flow_value v;
    lua_Integer count = 0;
    lua_newtable(L);
    while (flow_ctx_next_key(ctx, &cursor, &key, &v) == FLOW_OK) {
        lua_pushstring(L, key);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* Upvalues: the keys there were at the beginning, how many were handed out. */
static int channel_walk(lua_State *L)
{
    struct flow_ctx *ctx = script_ctx(L, "pairs(channel)");
    struct flow_value v;
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
    while (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TSTRING) {
        if (flow_ctx_get(ctx, lua_tostring(L, -1), &v) == FLOW_OK) {
            lua_pushinteger(L, i);
            lua_replace(L, lua_upvalueindex(2));
            script_value_push_item(L, v);
            return 2;
        }
        lua_pop(L, 1);
    }
    return 1;
}

static int channel_pairs(lua_State *L)
{
    lua_settop(L, 1);
    channel_keys(L);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, channel_walk, 2);
    return 1;
}

/* Upvalue 1: the methods. */
static int channel_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
        push_key_value(L, script_ctx(L, "channel"), check_text(L, 2, "channel"), 0);
    return 1;
}

static int channel_newindex(lua_State *L)
{
    struct flow_ctx *ctx = script_ctx(L, "channel");
    const char *key = check_text(L, 2, "channel");
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return luaL_error(
            L, "channel.%s is a method: set such a key with channel:set(\"%s\", value)", key, key);
    if (lua_isnil(L, 3))
        flow_ctx_delete(ctx, key);
    else
        set_key(L, ctx, key, 3, "channel");
    return 0;
}

/* Graph. */

static int graph_get_node(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &graph_key, "graph:get_node");
    const char *id = check_text(L, 2, "graph:get_node");
    if (flow_ctx_find_task(ctx, id) == FLOW_TASK_NONE)
        lua_pushnil(L);
    else
        script_task_push_reference(L, id);
    return 1;
}

static int graph_has_node(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &graph_key, "graph:has_node");
    lua_pushboolean(L, flow_ctx_find_task(ctx, check_text(L, 2, "graph:has_node")) != FLOW_TASK_NONE);
    return 1;
}

/* Context. */

static enum flow_next check_next(lua_State *L, int idx)
{
    switch (lua_type(L, idx)) {
    case LUA_TNONE:
    case LUA_TNIL: return FLOW_NEXT_ENQUEUE;
    case LUA_TBOOLEAN: return lua_toboolean(L, idx) ? FLOW_NEXT_GOTO : FLOW_NEXT_ENQUEUE;
    case LUA_TSTRING:
        if (strcmp(lua_tostring(L, idx), "goto") == 0)
            return FLOW_NEXT_GOTO;
        break;
    case LUA_TTABLE: {
        lua_getfield(L, idx, "goto");
        bool is_goto = lua_toboolean(L, -1);
        lua_pop(L, 1);
        return is_goto ? FLOW_NEXT_GOTO : FLOW_NEXT_ENQUEUE;
    }
    default: break;
    }
    luaL_error(L, "ctx:next_task: what follows the task is \"goto\" or nothing");
    return FLOW_NEXT_ENQUEUE;
}

static int ctx_next_task(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:next_task");
    enum flow_next how = check_next(L, 3);
    flow_task target = script_task_resolve(L, 2, "ctx:next_task");
    if (target != FLOW_TASK_NONE)
        return flow_ctx_next_task(ctx, target, how) < 0 ? script_raise(L, ctx) : 0;
    struct flow_task_def def = script_task_define(L, 2, script_of(L)->running->workflow);
    struct script_node *node = def.user;
    if (flow_ctx_next_new_task(ctx, &def, how, &target) < 0)
        return script_raise(L, ctx);
    node->handle = target;
    node->task->node = node;
    return 0;
}

static int ctx_next_iteration(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:next_iteration");
    lua_settop(L, 2);
    struct flow_value data = script_value_take(L, 2, "ctx:next_iteration", "data");
    return flow_ctx_next_iteration(ctx, data) < 0 ? script_raise(L, ctx) : 0;
}

static int ctx_terminate(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:terminate_workflow");
    const char *message = lua_isnoneornil(L, 2) ? NULL : script_text(L, 2);
    return flow_ctx_terminate(ctx, message) < 0 ? script_raise(L, ctx) : 0;
}

static int ctx_cancel(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:cancel_workflow");
    const char *message = lua_isnoneornil(L, 2) ? NULL : script_text(L, 2);
    return flow_ctx_cancel(ctx, message) < 0 ? script_raise(L, ctx) : 0;
}

static int ctx_get_channel(lua_State *L)
{
    enter(L, &context_key, "ctx:get_channel");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &channel_key);
    return 1;
}

static int ctx_get_result(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:get_result");
    struct flow_value v;
    lua_settop(L, 3);
    const struct script_task *t = script_task_test(L, 2);
    const char *id = t && t->id ? t->id : check_text(L, 2, "ctx:get_result");
    if (flow_ctx_result(ctx, id, &v) == FLOW_OK)
        script_value_push(L, v);
    return 1;
}

/* Records a value that came from outside, and gives it back. */
static int ctx_input(lua_State *L)
{
    struct flow_ctx *ctx = enter(L, &context_key, "ctx:input");
    lua_settop(L, 3);
    const char *name = check_text(L, 2, "ctx:input");
    if (flow_ctx_input(ctx, name, script_value_take(L, 3, "ctx:input", name)) < 0)
        return script_raise(L, ctx);
    return 1;
}

static void get_task_id(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushstring(L, flow_ctx_task_id(ctx));
}

static void get_step(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushinteger(L, (lua_Integer)flow_ctx_step(ctx));
}

static void get_iteration(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushinteger(L, flow_ctx_iteration(ctx));
}

static void get_attempt(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushinteger(L, flow_ctx_attempt(ctx));
}

static void get_data(lua_State *L, struct flow_ctx *ctx)
{
    script_value_push(L, flow_ctx_data(ctx));
}

static void get_cycle_count(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushinteger(L, flow_ctx_cycle_count(ctx));
}

static void get_max_cycles(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushinteger(L, flow_ctx_max_cycles(ctx));
}

static void get_can_iterate(lua_State *L, struct flow_ctx *ctx)
{
    lua_pushboolean(L, flow_ctx_can_iterate(ctx));
}

static void get_channel(lua_State *L, struct flow_ctx *ctx)
{
    (void)ctx;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &channel_key);
}

static void get_graph(lua_State *L, struct flow_ctx *ctx)
{
    (void)ctx;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &graph_key);
}

static const struct property {
    const char *name;
    void (*push)(lua_State *L, struct flow_ctx *ctx);
} properties[] = {
    {"channel", get_channel},
    {"graph", get_graph},
    {"task_id", get_task_id},
    {"step", get_step},
    {"iteration", get_iteration},
    {"attempt", get_attempt},
    {"data", get_data},
    {"cycle_count", get_cycle_count},
    {"max_cycles", get_max_cycles},
    {"can_iterate", get_can_iterate},
};

/* Upvalue 1: the methods. */
static int ctx_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    const char *name = check_text(L, 2, "ctx");
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (strcmp(properties[i].name, name) == 0) {
            properties[i].push(L, script_ctx(L, "ctx"));
            return 1;
        }
    }
    return luaL_error(L, "ctx.%s: the context has nothing of that name", name);
}

static int ctx_newindex(lua_State *L)
{
    return luaL_error(L, "the context cannot be changed: what tasks share goes into the channel");
}

/* Makes an object with these metamethods, which have the methods as upvalue, and leaves it under key. */
static void push_object(
    lua_State *L, const char *key, const char *name, const luaL_Reg *methods, const luaL_Reg *metamethods)
{
    lua_newuserdatauv(L, 1, 0);
    lua_newtable(L);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    luaL_setfuncs(L, metamethods, 1);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static int graph_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
}

void script_context_register(lua_State *L)
{
    static const luaL_Reg ctx_methods[] = {{"next_task", ctx_next_task},
        {"next_iteration", ctx_next_iteration}, {"terminate_workflow", ctx_terminate},
        {"cancel_workflow", ctx_cancel}, {"get_channel", ctx_get_channel}, {"get_result", ctx_get_result},
        {"input", ctx_input}, {0}};
    static const luaL_Reg ctx_metamethods[] = {{"__index", ctx_index}, {"__newindex", ctx_newindex}, {0}};
    static const luaL_Reg channel_methods[] = {{"get", channel_get}, {"set", channel_set},
        {"has", channel_has}, {"delete", channel_delete}, {"keys", channel_keys}, {0}};
    static const luaL_Reg channel_metamethods[] = {
        {"__index", channel_index}, {"__newindex", channel_newindex}, {"__pairs", channel_pairs}, {0}};
    static const luaL_Reg graph_methods[] = {{"get_node", graph_get_node}, {"has_node", graph_has_node}, {0}};
    static const luaL_Reg graph_metamethods[] = {{"__index", graph_index}, {0}};
    push_object(L, &graph_key, "graph", graph_methods, graph_metamethods);
    push_object(L, &channel_key, "channel", channel_methods, channel_metamethods);
    lua_pop(L, 2);
    push_object(L, &context_key, "context", ctx_methods, ctx_metamethods);
}
