/* Time through the host, which records it; in UTC, so that a run does not depend on where it runs. */
#include <string.h>
#include <time.h>

#include "script.h"

static int64_t now_ns(lua_State *L, const char *what)
{
    struct flow_ctx *ctx = script_of(L)->ctx;
    if (!ctx)
        luaL_error(L,
            "%s: possible only while a task runs, because the clock belongs to the run; --allow clock gives "
            "the system's",
            what);
    return flow_ctx_wall_ns(ctx);
}

static int date_field(lua_State *L, const char *name, int otherwise, int offset)
{
    int is_number;
    lua_getfield(L, 1, name);
    lua_Integer value = lua_tointegerx(L, -1, &is_number);
    if (lua_isnil(L, -1) && otherwise < 0)
        luaL_error(L, "field '%s' missing in date table", name);
    if (!lua_isnil(L, -1) && (!is_number || value > INT32_MAX || value < INT32_MIN))
        luaL_error(L, "field '%s' is not an integer", name);
    value = lua_isnil(L, -1) ? otherwise : value - offset;
    lua_pop(L, 1);
    return (int)value;
}

static int os_time(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, (lua_Integer)(now_ns(L, "os.time") / 1000000000));
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    struct tm tm = {.tm_year = date_field(L, "year", -1, 1900)};
    tm.tm_mon = date_field(L, "month", -1, 1);
    tm.tm_mday = date_field(L, "day", -1, 0);
    tm.tm_hour = date_field(L, "hour", 12, 0);
    tm.tm_min = date_field(L, "min", 0, 0);
    tm.tm_sec = date_field(L, "sec", 0, 0);
    lua_pushinteger(L, (lua_Integer)timegm(&tm));
    return 1;
}

static int os_clock(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)now_ns(L, "os.clock") / 1e9);
    return 1;
}

/* Upvalue 1: the real os.date. */
static int os_date(lua_State *L)
{
    const char *format = luaL_optstring(L, 1, "%c");
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushfstring(L, "!%s", *format == '!' ? format + 1 : format);
    if (lua_isnil(L, 2))
        lua_pushinteger(L, (lua_Integer)(now_ns(L, "os.date") / 1000000000));
    else
        lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

static void add_clock(lua_State *L, int real)
{
    static const luaL_Reg functions[] = {{"time", os_time}, {"clock", os_clock}, {0}};
    static const char *const names[] = {"time", "clock", "date"};
    if (script_of(L)->allow & SCRIPT_ALLOW_CLOCK) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            lua_getfield(L, real, names[i]);
            lua_setfield(L, -2, names[i]);
        }
        return;
    }
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, real, "date");
    lua_pushcclosure(L, os_date, 1);
    lua_setfield(L, -2, "date");
}

void script_lib_os(lua_State *L)
{
    static const char *const names[] = {
        "execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname"};
    lua_getglobal(L, LUA_OSLIBNAME);
    int real = lua_gettop(L);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (script_of(L)->allow & SCRIPT_ALLOW_OS) {
            lua_getfield(L, real, names[i]);
            lua_setfield(L, -2, names[i]);
        } else {
            script_sandbox_block(L, LUA_OSLIBNAME, names[i], "os");
        }
    }
    lua_getfield(L, real, "difftime");
    lua_setfield(L, -2, "difftime");
    add_clock(L, real);
    lua_remove(L, real);
    lua_setfield(L, -2, LUA_OSLIBNAME);
}
