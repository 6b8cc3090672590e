/* What a file says about its workflows, kept as lists in the order it was said until the file has run;
 * assemble.c then makes flow workflows of them.
 *
 * Nothing reaches the loader before the whole file ran: only then is it known whether a task that was called
 * with bound arguments is also a node itself, and to which workflow what stands outside of every body
 * belongs. */
#include "workflow.h"

#include <stdlib.h>
#include <string.h>

#include "task.h"

/* Registry keys: the three lists of workflow.h, and the metatable of workflow objects. */
static const char mentions_key, edges_key, starts_key, object_metatable_key;

/* A workflow object: its number, from 1. User value 1: the file's environment. */
struct workflow_object {
    size_t number;
};

static void append(lua_State *L, const char *key, int first, int count)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    lua_Integer length = (lua_Integer)lua_rawlen(L, -1);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, first + i);
        lua_rawseti(L, -2, length + 1 + i);
    }
    lua_pop(L, 1);
}

void script_workflow_mention(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushinteger(L, (lua_Integer)script_of(L)->current);
    lua_pushvalue(L, idx);
    append(L, &mentions_key, lua_gettop(L) - 1, SCRIPT_MENTION_SIZE);
    lua_pop(L, 2);
}

void script_workflow_edge(lua_State *L, int from, int to)
{
    if (!script_of(L)->is_loading)
        luaL_error(L, "wiring: possible while the file loads and inside a task, not between steps");
    script_workflow_mention(L, from);
    script_workflow_mention(L, to);
    ((struct script_task *)lua_touserdata(L, from))->is_wired = true;
    ((struct script_task *)lua_touserdata(L, to))->is_wired = true;
    lua_pushinteger(L, (lua_Integer)script_of(L)->current);
    lua_pushvalue(L, from);
    lua_pushvalue(L, to);
    luaL_where(L, 1);
    append(L, &edges_key, lua_gettop(L) - 3, SCRIPT_EDGE_SIZE);
    lua_pop(L, 4);
}

void script_workflow_push_lists(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mentions_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &edges_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &starts_key);
}

struct script_workflow *script_workflow_add(lua_State *L, const char *name)
{
    struct script *s = script_of(L);
    for (size_t i = 0; i < s->workflow_count; i++)
        if (strcmp(s->workflows[i]->name, name) == 0)
            luaL_error(L, "workflow '%s' is defined twice in this file", name);
    if (s->workflow_count == s->workflow_capacity) {
        size_t capacity = s->workflow_capacity ? s->workflow_capacity * 2 : 4;
        struct script_workflow **grown = realloc(s->workflows, capacity * sizeof(struct script_workflow *));
        if (!grown)
            luaL_error(L, "not enough memory");
        s->workflows = grown;
        s->workflow_capacity = capacity;
    }
    struct script_workflow *w = calloc(1, sizeof *w);
    if (!w || !(w->name = strdup(name))) {
        free(w);
        luaL_error(L, "not enough memory");
        return NULL;
    }
    s->workflows[s->workflow_count++] = w;
    return w;
}

/* Gives the function at idx an environment of its own, in which the tasks of one workflow have their names:
 * two workflows of a file may both have a `start`. What is not found there comes from the file's. */
static void give_scope(lua_State *L, int function, int environment)
{
    int upvalue = 1;
    const char *name;
    while ((name = lua_getupvalue(L, function, upvalue)) != NULL && strcmp(name, "_ENV") != 0) {
        lua_pop(L, 1);
        upvalue++;
    }
    if (!name)
        return; /* it uses no globals */
    lua_pop(L, 1);
    lua_newtable(L);
    int scope = lua_gettop(L);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, environment);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, environment);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, scope);
    script_task_push_namespace(L, scope);
    lua_pushliteral(L, "task");
    lua_insert(L, -2);
    lua_rawset(L, scope);
    if (luaL_loadbufferx(L, "return _ENV", 11, "=scope", "t") != LUA_OK)
        lua_error(L);
    lua_pushvalue(L, scope);
    lua_setupvalue(L, -2, 1);
    lua_upvaluejoin(L, function, upvalue, lua_gettop(L), 1);
    lua_settop(L, scope - 1);
}

/* workflow "name" (function(wf) ... end): object at 1, body at 2. */
static int object_call(lua_State *L)
{
    struct script *s = script_of(L);
    const struct workflow_object *object = lua_touserdata(L, 1);
    const char *name = s->workflows[object->number - 1]->name;
    if (!lua_isfunction(L, 2) || lua_iscfunction(L, 2))
        return luaL_error(
            L, "workflow '%s': takes its body: workflow \"%s\" (function(wf) ... end)", name, name);
    if (!s->is_loading)
        return luaL_error(
            L, "workflow '%s': workflows are defined while the file loads, not by a task", name);
    if (s->current)
        return luaL_error(
            L, "workflow '%s': inside the body of workflow '%s'", name, s->workflows[s->current - 1]->name);
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, 1);
    give_scope(L, 2, 3);
    s->current = object->number;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 1, 0, 0);
    s->current = 0;
    if (status != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    return 1;
}

static void check_object(lua_State *L, const char *method)
{
    bool is_object = false;
    if (lua_type(L, 1) == LUA_TUSERDATA && lua_getmetatable(L, 1)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &object_metatable_key);
        is_object = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    if (!is_object)
        luaL_error(L, "wf:%s(...) is called with a colon", method);
    if (!script_of(L)->is_loading)
        luaL_error(L, "wf:%s is for the time while the file loads", method);
}

static int object_start(lua_State *L)
{
    check_object(L, "start");
    if (!script_task_test(L, 2) && lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "wf:start: takes a task or the id of one, not a %s", luaL_typename(L, 2));
    const struct workflow_object *object = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &starts_key);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, (lua_Integer)object->number);
    return 0;
}

/* On the page it runs the workflow. Here flowdbg runs it, when its person wants. */
static int object_execute(lua_State *L)
{
    check_object(L, "execute");
    return lua_isnoneornil(L, 2) ? 0 : object_start(L);
}

static int object_add(lua_State *L)
{
    struct script *s = script_of(L);
    check_object(L, "add");
    size_t outer = s->current;
    for (int i = 2; i <= lua_gettop(L); i++) {
        struct script_task *t = script_task_test(L, i);
        if (!t)
            return luaL_error(L, "wf:add: takes tasks, not a %s", luaL_typename(L, i));
        t->is_wired = true;
        s->current = ((struct workflow_object *)lua_touserdata(L, 1))->number;
        script_workflow_mention(L, i);
        s->current = outer;
    }
    return 0;
}

static int object_index(lua_State *L)
{
    const struct workflow_object *object = lua_touserdata(L, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "name") == 0)
        lua_pushstring(L, script_of(L)->workflows[object->number - 1]->name);
    return 1;
}

/* Upvalue 1: the file's environment. */
static int workflow_new(lua_State *L)
{
    struct script *s = script_of(L);
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "workflow: takes a name: workflow \"name\" (function(wf) ... end)");
    if (!s->is_loading)
        return luaL_error(L, "workflow: workflows are defined while the file loads, not by a task");
    script_workflow_add(L, script_text(L, 1));
    struct workflow_object *object = lua_newuserdatauv(L, sizeof *object, 1);
    object->number = s->workflow_count;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &object_metatable_key);
    lua_setmetatable(L, -2);
    if (!lua_isnil(L, 2)) {
        lua_pushcfunction(L, object_call);
        lua_insert(L, -2);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
    }
    return 1;
}

void script_workflow_register(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"start", object_start}, {"execute", object_execute}, {"add", object_add}, {0}};
    const char *tables[] = {&mentions_key, &edges_key, &starts_key};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, tables[i]);
    }
    lua_newtable(L);
    luaL_newlib(L, methods);
    lua_pushcclosure(L, object_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, object_call);
    lua_setfield(L, -2, "__call");
    lua_pushliteral(L, "workflow");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &object_metatable_key);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, workflow_new, 1);
    lua_setfield(L, -2, "workflow");
}
