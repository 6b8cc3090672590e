/* The environment of a file: the standard library without what would make two runs differ. The real library
 * stays in the state's own globals, which a script cannot reach. */
#include "script.h"

#include <string.h>

#include "task.h"
#include "value.h"
#include "workflow.h"

static const char environment_key; /* registry */

/* Upvalues: "io.open", "io". */
static int blocked(lua_State *L)
{
    const char *word = lua_tostring(L, lua_upvalueindex(2));
    return luaL_error(L,
        "%s is not available: a run that uses it cannot be repeated. To allow it start flowdbg with --allow "
        "%s",
        lua_tostring(L, lua_upvalueindex(1)), word);
}

void script_sandbox_block(lua_State *L, const char *library, const char *name, const char *word)
{
    lua_pushfstring(L, "%s%s%s", library, *library ? "." : "", name);
    lua_pushstring(L, word);
    lua_pushcclosure(L, blocked, 2);
    lua_setfield(L, -2, name);
}

void script_sandbox_push(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key);
}

static void open_real_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base}, {LUA_COLIBNAME, luaopen_coroutine},
        {LUA_TABLIBNAME, luaopen_table}, {LUA_IOLIBNAME, luaopen_io}, {LUA_OSLIBNAME, luaopen_os},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
        {LUA_DBLIBNAME, luaopen_debug}};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
}

/* What is harmless as it is. */
static void copy_globals(lua_State *L)
{
    static const char *const names[] = {"assert", "error", "getmetatable", "setmetatable", "ipairs", "pcall",
        "xpcall", "rawequal", "rawget", "rawlen", "rawset", "select", "tonumber", "_VERSION", "coroutine",
        "string", "utf8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getglobal(L, names[i]);
        lua_setfield(L, -2, names[i]);
    }
}

static void add_debug(lua_State *L)
{
    static const char *const names[] = {"traceback", "getinfo"};
    lua_createtable(L, 0, 2);
    lua_getglobal(L, LUA_DBLIBNAME);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, -1, names[i]);
        lua_setfield(L, -3, names[i]);
    }
    lua_pop(L, 1);
    lua_setfield(L, -2, "debug");
}

static void add_arguments(lua_State *L, const struct flow_host_request *request)
{
    lua_createtable(L, (int)request->arg_count, 1);
    for (size_t i = 0; i < request->arg_count; i++) {
        lua_pushstring(L, request->args[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushstring(L, script_of(L)->name);
    lua_rawseti(L, -2, 0);
    lua_setfield(L, -2, "arg");
}

/* The generator that serves while the file loads. */
static void seed_real_generator(lua_State *L, uint64_t seed)
{
    lua_getglobal(L, LUA_MATHLIBNAME);
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, (lua_Integer)seed);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}

void script_sandbox_create(lua_State *L, const struct flow_host_request *request)
{
    open_real_libraries(L);
    seed_real_generator(L, request->seed);
    script_value_register(L);
    script_box_register(L);
    script_map_register(L);
    script_task_register(L);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    copy_globals(L);
    add_debug(L);
    add_arguments(L, request);
    script_lib_base(L);
    script_lib_math(L);
    script_lib_table(L);
    script_lib_os(L);
    script_lib_io(L);
    script_task_push_namespace(L, lua_gettop(L));
    lua_setfield(L, -2, "task");
    script_workflow_register(L);
    script_lib_flow(L);
}
