/* Running a task: the hot path of the plugin, and what becomes of an error. */
#include <string.h>

#include "task.h"
#include "value.h"

static void on_line(lua_State *L, lua_Debug *ar)
{
    const struct script *s = script_of(L);
    lua_getinfo(L, "Sl", ar);
    if (s->ctx && ar->source[0] == '@' && ar->currentline > 0)
        flow_ctx_line(s->ctx, ar->source + 1, (uint32_t)ar->currentline);
}

static void watch_lines(struct script *s, bool is_wanted)
{
    lua_sethook(s->L, is_wanted ? on_line : NULL, is_wanted ? LUA_MASKLINE : 0, 0);
    s->is_watching_lines = is_wanted;
}

/* Pushes a text field of the error table at 1, or `otherwise`. */
static const char *error_field(lua_State *L, const char *field, const char *otherwise)
{
    lua_pushstring(L, field);
    if (lua_rawget(L, 1) == LUA_TSTRING)
        return script_text(L, -1);
    return lua_pushstring(L, otherwise);
}

/* Pushes where the error at the top came from: the traceback without the frames that are ours, or the place
 * of the task where there are no others. */
static const char *push_detail(lua_State *L)
{
    static const char ours[] = "\n\t[C]: in ?", heading[] = "stack traceback:";
    const struct script_task *t = script_of(L)->running->task;
    size_t length;
    luaL_traceback(L, L, NULL, 1);
    const char *text = lua_tolstring(L, -1, &length);
    if (length >= sizeof ours - 1 && strcmp(text + length - (sizeof ours - 1), ours) == 0)
        lua_pushlstring(L, text, length - (sizeof ours - 1));
    if (strcmp(lua_tostring(L, -1), heading) == 0 && t->file)
        lua_pushfstring(L, "%s:%d", t->file, (int)t->line);
    return script_text(L, -1);
}

/* error("text"), error{kind = "CriticalError", message = "text"}, or any other value. */
int script_body_handler(lua_State *L)
{
    const struct script *s = script_of(L);
    const char *kind = NULL, *message;
    lua_settop(L, 1);
    luaL_checkstack(L, 10, NULL);
    if (lua_type(L, 1) == LUA_TTABLE && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) {
        kind = error_field(L, "kind", "error");
        message = error_field(L, "message", "the error is a table without a message");
    } else {
        message = script_text(L, 1);
    }
    flow_ctx_fail(s->ctx, kind, push_detail(L), "%s", message);
    return 1;
}

int script_load_handler(lua_State *L)
{
    lua_settop(L, 1);
    luaL_checkstack(L, 10, NULL);
    if (lua_type(L, 1) == LUA_TTABLE && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL)
        error_field(L, "message", "the error is a table without a message");
    else
        script_text(L, 1);
    return 1;
}

/* Arguments: the context or nil, a pointer to the node. Returns what the body returns. */
static int call_with_arguments(lua_State *L)
{
    const struct script_node *node = lua_touserdata(L, 2);
    struct flow_ctx *ctx = node->script->ctx;
    int passed = node->wants_ctx;
    luaL_checkstack(L, (int)node->param_count + 4, "too many parameters");
    lua_rawgeti(L, LUA_REGISTRYINDEX, node->fn_ref);
    if (node->wants_ctx)
        lua_pushvalue(L, 1);
    for (unsigned i = 0; i < node->param_count; i++, passed++)
        script_value_push(L, flow_ctx_arg(ctx, i));
    lua_call(L, passed, 1);
    return 1;
}

static int call(lua_State *L, const struct script_node *node)
{
    if (node->param_count == 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, node->fn_ref);
        if (node->wants_ctx)
            lua_pushvalue(L, SCRIPT_SLOT_CTX);
        return lua_pcall(L, node->wants_ctx, 1, SCRIPT_SLOT_HANDLER);
    }
    lua_pushcfunction(L, call_with_arguments);
    lua_pushvalue(L, SCRIPT_SLOT_CTX);
    lua_pushlightuserdata(L, (void *)node);
    return lua_pcall(L, 2, 1, SCRIPT_SLOT_HANDLER);
}

/* Arguments: the value, where the result goes. */
static int convert_result(lua_State *L)
{
    struct flow_value *result = lua_touserdata(L, 2);
    *result = script_value_take(L, 1, "return value", "result");
    return 0;
}

/* Takes the value at the top of the stack as the task's result; it stays there. */
static int take_result(lua_State *L, struct flow_value *result)
{
    switch (lua_type(L, -1)) {
    case LUA_TNIL: return LUA_OK;
    case LUA_TBOOLEAN: *result = flow_bool(lua_toboolean(L, -1)); return LUA_OK;
    default: break;
    }
    lua_pushcfunction(L, convert_result);
    lua_pushvalue(L, -2);
    lua_pushlightuserdata(L, result);
    return lua_pcall(L, 2, 0, SCRIPT_SLOT_HANDLER);
}

/* Errors that leave no room for the message handler. */
static int fail(struct flow_ctx *ctx, lua_State *L, int status)
{
    if (status == LUA_ERRMEM) {
        lua_gc(L, LUA_GCCOLLECT); /* what filled the memory is garbage now, and others need some */
        return flow_ctx_fail(ctx, NULL, NULL, "not enough memory");
    }
    if (status == LUA_ERRERR)
        return flow_ctx_fail(ctx, NULL, NULL, "an error inside the handling of an error");
    return FLOW_ETASK;
}

int script_body_run(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct script_node *node = user;
    struct script *s = node->script;
    lua_State *L = s->L;
    struct flow_ctx *outer_ctx = s->ctx;
    struct script_node *outer = s->running;
    int top = lua_gettop(L);

    s->ctx = ctx;
    s->running = node;
    bool wants_lines = flow_ctx_wants(ctx, FLOW_EV_SOURCE_LINE);
    if (wants_lines != s->is_watching_lines)
        watch_lines(s, wants_lines);
    int status = call(L, node);
    if (status == LUA_OK)
        status = take_result(L, result);
    lua_settop(L, top);
    s->ctx = outer_ctx;
    s->running = outer;
    return status == LUA_OK ? FLOW_OK : fail(ctx, L, status);
}
