#include "task.h"

#include <stdlib.h>
#include <string.h>

#include "value.h"
#include "workflow.h"

static const char metatable_key; /* registry: of task objects */

enum { USER_FUNCTION = 1, USER_ID = 2 };

struct script_task *script_task_test(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
        return NULL;
    bool is_task = lua_topointer(L, -1) == script_of(L)->task_metatable;
    lua_pop(L, 1);
    return is_task ? lua_touserdata(L, idx) : NULL;
}

static struct script_task *push_task(lua_State *L, size_t param_count)
{
    size_t size = sizeof(struct script_task) + param_count * sizeof(struct flow_param);
    struct script_task *t = lua_newuserdatauv(L, size, 2);
    memset(t, 0, size);
    t->param_count = param_count;
    for (size_t i = 0; i < param_count; i++)
        t->params[i].bound = t->params[i].default_value = flow_null();
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);
    return t;
}

/* The id at the top of the stack becomes that of the task at idx; it is popped. */
static void set_id(lua_State *L, int idx)
{
    struct script_task *t = lua_touserdata(L, idx);
    size_t length;
    const char *id = lua_tolstring(L, -1, &length);
    if (length == 0 || strlen(id) != length || !script_text_is_utf8(id, length))
        luaL_error(L, "a task's id must be text in UTF-8 and not empty");
    idx = lua_absindex(L, idx);
    lua_setiuservalue(L, idx, USER_ID);
    t->id = id;
}

/* The context goes to a first parameter of one of these names; every other parameter is looked up. */
static bool is_ctx_name(const char *name)
{
    static const char *const names[] = {"ctx", "context", "_ctx", "_"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

enum inject { INJECT_BY_NAME, INJECT_NEVER, INJECT_ALWAYS };

/* Pushes a task made of the function at idx; it has no id yet. */
static struct script_task *push_from_function(lua_State *L, int function, enum inject inject)
{
    lua_Debug ar;
    function = lua_absindex(L, function);
    lua_pushvalue(L, function);
    lua_getinfo(L, ">Su", &ar);
    size_t count = ar.nparams;
    lua_pushvalue(L, function);
    const char *first = count > 0 ? lua_getlocal(L, NULL, 1) : NULL;
    bool wants_ctx = inject == INJECT_ALWAYS || (inject == INJECT_BY_NAME && first && is_ctx_name(first));
    size_t skipped = wants_ctx && count > 0 ? 1 : 0;
    struct script_task *t = push_task(L, count - skipped);
    lua_pushvalue(L, function);
    for (size_t i = 0; i < t->param_count; i++)
        t->params[i].name = lua_getlocal(L, NULL, (int)(i + 1 + skipped));
    lua_setiuservalue(L, -2, USER_FUNCTION);
    lua_remove(L, -2);
    t->wants_ctx = wants_ctx;
    t->file = ar.source[0] == '@' ? ar.source + 1 : NULL;
    t->line = ar.linedefined > 0 ? (uint32_t)ar.linedefined : 0;
    return t;
}

static struct flow_param *find_param(struct script_task *t, const char *name)
{
    for (size_t i = 0; i < t->param_count; i++)
        if (t->params[i].name && strcmp(t->params[i].name, name) == 0)
            return &t->params[i];
    return NULL;
}

static const char *display_name(const struct script_task *t)
{
    return t->id ? t->id : t->base ? t->base : "?";
}

/* Raises for an argument that the function does not take. */
static void refuse_param(lua_State *L, const struct script_task *t, const char *name)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < t->param_count; i++) {
        luaL_addstring(&b, i ? ", " : "");
        luaL_addstring(&b, t->params[i].name);
    }
    luaL_pushresult(&b);
    luaL_error(L, "task '%s' has no parameter '%s' (it has: %s)", display_name(t), name,
        t->param_count ? lua_tostring(L, -1) : "none");
}

static uint32_t check_count(lua_State *L, const char *option)
{
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0 || lua_tointeger(L, -1) >= UINT32_MAX)
        luaL_error(L, "task: %s takes a number from 0 on", option);
    return (uint32_t)lua_tointeger(L, -1);
}

static enum flow_join check_join(lua_State *L)
{
    const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(word, "all") != 0 && strcmp(word, "each") != 0)
        luaL_error(L, "task: join takes \"all\" or \"each\"");
    return strcmp(word, "all") == 0 ? FLOW_JOIN_ALL : FLOW_JOIN_EACH;
}

static void set_defaults(lua_State *L, struct script_task *t, int defaults)
{
    luaL_checkstack(L, 6, "task");
    if (!lua_istable(L, defaults))
        luaL_error(L, "task: defaults takes a table: {name = value}");
    lua_pushnil(L);
    while (lua_next(L, defaults)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        struct flow_param *param = find_param(t, name);
        if (!param)
            refuse_param(L, t, name);
        param->default_value = script_value_take(L, -1, "task: defaults", name);
        param->has_default = true;
        lua_pop(L, 1);
    }
}

/* Reads the option whose key and value are at the top of the stack into the task at `task`. */
static void read_option(lua_State *L, int task)
{
    struct script_task *t = lua_touserdata(L, task);
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    if (!key && lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1)
        return;
    if (!key)
        luaL_error(L, "task: takes one function and named options");
    if (strcmp(key, "fn") == 0 || strcmp(key, "inject_context") == 0 || strcmp(key, "id") == 0 ||
        strcmp(key, "task_id") == 0)
        return;
    if (strcmp(key, "max_retries") == 0) {
        t->max_retries = check_count(L, key);
    } else if (strcmp(key, "max_cycles") == 0) {
        uint32_t count = check_count(L, key);
        t->max_cycles = count ? count : FLOW_MAX_CYCLES_NONE;
    } else if (strcmp(key, "join") == 0) {
        t->join = check_join(L);
    } else if (strcmp(key, "defaults") == 0) {
        set_defaults(L, t, lua_gettop(L));
    } else {
        luaL_error(L,
            "task: unknown option '%s' (known: id, max_retries, max_cycles, join, defaults, inject_context, "
            "fn)",
            key);
    }
}

static enum inject read_inject(lua_State *L, int options)
{
    lua_getfield(L, options, "inject_context");
    enum inject inject = lua_isnil(L, -1)       ? INJECT_BY_NAME
                         : lua_toboolean(L, -1) ? INJECT_ALWAYS
                                                : INJECT_NEVER;
    lua_pop(L, 1);
    return inject;
}

/* Pushes the id that the options give, or nil. */
static void push_id(lua_State *L, int options)
{
    if (lua_getfield(L, options, "id") == LUA_TNIL) {
        lua_pop(L, 1);
        lua_getfield(L, options, "task_id");
    }
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "task: id takes text");
}

/* The id of the new task at the top: from its options, or the text at `name` (0: none), which must agree. */
static void set_id_from_options(lua_State *L, int options, int name)
{
    int task = lua_gettop(L);
    push_id(L, options);
    if (name && !lua_isnil(L, -1) && !lua_rawequal(L, -1, name))
        luaL_error(
            L, "task.%s: this task has the id '%s' already", lua_tostring(L, name), lua_tostring(L, -1));
    if (name && lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, name);
    }
    if (lua_isnil(L, -1))
        luaL_error(L, "task: needs an id: task{id = \"NAME\", function(ctx) ... end}");
    set_id(L, task);
}

/* Pushes a task made of { id = ..., join = ..., function(ctx) ... end }; name: as above. */
static void push_from_options(lua_State *L, int options, int name)
{
    if (lua_rawgeti(L, options, 1) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_getfield(L, options, "fn");
    }
    if (!lua_isfunction(L, -1))
        luaL_error(L,
            "task: takes a function and options: task{id = \"x\", max_retries = 2, function(ctx) ... end}");
    push_from_function(L, -1, read_inject(L, options));
    int task = lua_gettop(L);
    set_id_from_options(L, options, name);
    lua_pushnil(L);
    while (lua_next(L, options)) {
        read_option(L, task);
        lua_pop(L, 1);
    }
    lua_remove(L, -2);
}

/* A task that was just made, at the top of the stack: while the file loads it belongs to the workflow. */
static void define(lua_State *L)
{
    if (script_of(L)->is_loading)
        script_workflow_mention(L, lua_gettop(L));
}

/* Pushes a task like the one at 1 with the arguments of the table at 2 bound. */
static void push_bound(lua_State *L)
{
    struct script_task *from = lua_touserdata(L, 1);
    struct script_task *t = push_task(L, from->param_count);
    int task = lua_gettop(L);
    lua_getiuservalue(L, 1, USER_FUNCTION);
    lua_setiuservalue(L, task, USER_FUNCTION);
    t->file = from->file;
    t->line = from->line;
    t->join = from->join;
    t->max_cycles = from->max_cycles;
    t->max_retries = from->max_retries;
    t->wants_ctx = from->wants_ctx;
    for (size_t i = 0; i < t->param_count; i++) {
        t->params[i] = from->params[i];
        flow_value_ref(t->params[i].bound);
        flow_value_ref(t->params[i].default_value);
    }
    t->base = strdup(display_name(from));
    if (!t->base)
        luaL_error(L, "not enough memory");
}

static void bind_argument(lua_State *L, int task)
{
    struct script_task *t = lua_touserdata(L, task);
    if (lua_type(L, -2) != LUA_TSTRING)
        luaL_error(
            L, "task '%s' takes its arguments by name: %s{name = value}", display_name(t), display_name(t));
    const char *name = lua_tostring(L, -2);
    if (strcmp(name, "task_id") == 0) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "task '%s': task_id takes text", display_name(t));
        lua_pushvalue(L, -1);
        set_id(L, task);
        return;
    }
    struct flow_param *param = find_param(t, name);
    if (!param)
        refuse_param(L, t, name);
    struct flow_value bound = script_value_take(L, -1, display_name(t), name);
    flow_value_unref(param->bound);
    param->bound = bound;
    param->is_bound = true;
}

/* check_cache{task_id = "cache", key = "my_key"} */
static int task_call(lua_State *L)
{
    struct script_task *from = lua_touserdata(L, 1);
    if (script_wire_test(L, 2) || script_task_test(L, 2))
        return luaL_error(L,
            "a line that begins with '(' continues the line above it, so this calls task '%s': put a ';' "
            "before the '('",
            display_name(from));
    if (lua_type(L, 2) != LUA_TTABLE)
        return luaL_error(L,
            "'%s' is a task: calling it makes another one with bound arguments, %s{task_id = \"x\", name = "
            "value}; to run it use ctx:next_task",
            display_name(from), display_name(from));
    if (from->is_reference)
        return luaL_error(L, "task '%s' was looked up in the graph and cannot be bound", from->id);
    push_bound(L);
    int task = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        bind_argument(L, task);
        lua_pop(L, 1);
    }
    from->is_template = true;
    define(L);
    return 1;
}

void script_task_push_reference(lua_State *L, const char *id)
{
    struct script_task *t = push_task(L, 0);
    t->is_reference = true;
    lua_pushstring(L, id);
    set_id(L, -2);
}

const char *script_task_name(lua_State *L, int idx, bool (*is_taken)(void *user, const char *id), void *user)
{
    struct script_task *t = lua_touserdata(L, idx);
    idx = lua_absindex(L, idx);
    for (int i = 1; !t->id; i++) {
        const char *id = lua_pushfstring(L, "%s_%d", t->base ? t->base : "task", i);
        if (is_taken(user, id))
            lua_pop(L, 1);
        else
            set_id(L, idx);
    }
    return t->id;
}

static int task_index(lua_State *L)
{
    const struct script_task *t = lua_touserdata(L, 1);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "id") == 0 || strcmp(key, "task_id") == 0)
        lua_pushstring(L, t->id);
    else if (strcmp(key, "line") == 0 && t->line)
        lua_pushinteger(L, t->line);
    else
        lua_pushnil(L);
    return 1;
}

static int task_newindex(lua_State *L)
{
    return luaL_error(L, "a task cannot be changed once it is defined: give its options where it is defined");
}

static int task_tostring(lua_State *L)
{
    lua_pushfstring(L, "task %s", display_name(lua_touserdata(L, 1)));
    return 1;
}

/* What get_node returns is equal to the task it stands for. */
static int task_eq(lua_State *L)
{
    const struct script_task *a = script_task_test(L, 1), *b = script_task_test(L, 2);
    bool is_lookup = a && b && (a->is_reference || b->is_reference) && a->id && b->id;
    lua_pushboolean(L, is_lookup && strcmp(a->id, b->id) == 0);
    return 1;
}

static int task_gc(lua_State *L)
{
    struct script_task *t = lua_touserdata(L, 1);
    for (size_t i = 0; i < t->param_count; i++) {
        flow_value_unref(t->params[i].bound);
        flow_value_unref(t->params[i].default_value);
    }
    t->param_count = 0;
    free(t->base);
    t->base = NULL;
    return 0;
}

/* task{...}: a task whose options name it, or which is named when it is assigned. */
static int namespace_call(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TTABLE)
        return luaL_error(L, "a task needs an id: task.NAME = function(ctx) ... end, or task{id = \"NAME\", "
                             "function(ctx) ... end}");
    push_from_options(L, 2, 0);
    define(L);
    return 1;
}

/* Upvalue 1: the scope. */
static int namespace_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
    if (!script_task_test(L, -1))
        lua_pushnil(L);
    return 1;
}

/* Turns what was assigned to task.NAME, at 3, into a task with that id. */
static void push_assigned(lua_State *L)
{
    struct script_task *t = script_task_test(L, 3);
    bool is_new = !t;
    if (t) {
        lua_pushvalue(L, 3);
    } else if (lua_isfunction(L, 3)) {
        t = push_from_function(L, 3, INJECT_BY_NAME);
    } else if (lua_type(L, 3) == LUA_TTABLE) {
        push_from_options(L, 3, 2);
        t = lua_touserdata(L, -1);
    } else {
        luaL_error(L, "task.%s: takes a function or a table of options with a function, not a %s",
            lua_tostring(L, 2), luaL_typename(L, 3));
        return;
    }
    if (t->id && strcmp(t->id, lua_tostring(L, 2)) != 0)
        luaL_error(L, "task.%s: this task has the id '%s' already", lua_tostring(L, 2), t->id);
    if (!t->id) {
        lua_pushvalue(L, 2);
        set_id(L, -2);
    }
    if (is_new)
        define(L);
}

static int namespace_newindex(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "task: a task's id is text, not a %s", luaL_typename(L, 2));
    push_assigned(L);
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    lua_rawset(L, lua_upvalueindex(1));
    return 0;
}

void script_task_push_namespace(lua_State *L, int scope)
{
    scope = lua_absindex(L, scope);
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 5);
    lua_pushcfunction(L, namespace_call);
    lua_setfield(L, -2, "__call");
    lua_pushvalue(L, scope);
    lua_pushcclosure(L, namespace_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, scope);
    lua_pushcclosure(L, namespace_newindex, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushliteral(L, "task definitions");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

void script_task_register(lua_State *L)
{
    static const luaL_Reg methods[] = {{"__call", task_call}, {"__index", task_index},
        {"__newindex", task_newindex}, {"__tostring", task_tostring}, {"__eq", task_eq}, {"__gc", task_gc},
        {0}};
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushliteral(L, "task");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    script_wire_register(L);
    script_of(L)->task_metatable = lua_topointer(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}
