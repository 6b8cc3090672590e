/* print, tostring, load and the others of the basic library that need care. */
#include <stdio.h>
#include <string.h>

#include "script.h"
#include "value.h"

void script_print(lua_State *L, int stream, const char *bytes, size_t length)
{
    struct flow_ctx *ctx = script_of(L)->ctx;
    if (!ctx)
        fwrite(bytes, 1, length, stream == 1 ? stdout : stderr);
    else if (flow_ctx_print(ctx, stream, bytes, length) < 0)
        luaL_error(L, "print: %s", flow_ctx_error(ctx));
}

static int base_print(lua_State *L)
{
    int count = lua_gettop(L);
    size_t length;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&b, '\t');
        script_tostring(L, i, NULL);
        luaL_addvalue(&b);
    }
    luaL_addchar(&b, '\n');
    luaL_pushresult(&b);
    const char *text = lua_tolstring(L, -1, &length);
    script_print(L, 1, text, length);
    return 0;
}

static int base_warn(lua_State *L)
{
    int count = lua_gettop(L);
    lua_pushliteral(L, "Lua warning: ");
    lua_insert(L, 1);
    for (int i = 2; i <= count + 1; i++)
        luaL_checkstring(L, i);
    lua_pushliteral(L, "\n");
    lua_concat(L, count + 2);
    script_print(L, 2, lua_tostring(L, -1), lua_rawlen(L, -1));
    return 0;
}

/* What comes from a channel can be read as a table can. */
static int base_type(lua_State *L)
{
    luaL_checkany(L, 1);
    const struct script_box *box = script_box_test(L, 1);
    bool is_table = box && (box->value.type == FLOW_TYPE_LIST || box->value.type == FLOW_TYPE_MAP);
    lua_pushstring(L, is_table ? "table" : luaL_typename(L, 1));
    return 1;
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    script_tostring(L, 1, NULL);
    return 1;
}

/* Upvalue 1: the real load; 2: the file's environment. Source text only: bytecode can crash the interpreter.
 */
static int base_load(lua_State *L)
{
    bool has_environment = lua_gettop(L) >= 4;
    luaL_checkany(L, 1);
    lua_settop(L, 4);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushliteral(L, "t");
    lua_pushvalue(L, has_environment ? 4 : lua_upvalueindex(2));
    lua_call(L, 4, LUA_MULTRET);
    return lua_gettop(L) - 4;
}

static int base_collectgarbage(lua_State *L)
{
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "collect") != 0 && strcmp(option, "step") != 0)
        return luaL_error(L,
            "collectgarbage: only \"collect\" and \"step\" are available: the rest differs from run to run");
    lua_gc(L, LUA_GCCOLLECT);
    lua_pushinteger(L, 0);
    return 1;
}

/* Upvalue 1: the real string.format. Addresses of objects would differ from run to run. */
static int string_format(lua_State *L)
{
    int count = lua_gettop(L);
    const char *format = luaL_checkstring(L, 1);
    for (const char *c = format; (c = strchr(c, '%')) != NULL;) {
        c += 1 + strspn(c + 1, "-+ #0123456789.");
        if (*c == 'p')
            return luaL_error(L, "string.format: %%p is not available: addresses differ from run to run");
        if (*c)
            c++;
    }
    for (int i = 2; i <= count; i++) {
        int type = lua_type(L, i);
        if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD || type == LUA_TUSERDATA) {
            script_tostring(L, i, NULL);
            lua_replace(L, i);
        }
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

static void patch_string(lua_State *L)
{
    lua_getglobal(L, LUA_STRLIBNAME);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -2, "format");
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pop(L, 1);
}

void script_lib_base(lua_State *L)
{
    static const luaL_Reg functions[] = {{"print", base_print}, {"warn", base_warn},
        {"tostring", base_tostring}, {"type", base_type}, {"pairs", script_pairs}, {"next", script_next},
        {"collectgarbage", base_collectgarbage}, {"require", script_require}, {0}};
    luaL_setfuncs(L, functions, 0);
    lua_getglobal(L, "load");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, base_load, 2);
    lua_setfield(L, -2, "load");
    for (size_t i = 0; i < 2; i++) {
        static const char *const readers[] = {"dofile", "loadfile"};
        if (script_of(L)->allow & SCRIPT_ALLOW_IO) {
            lua_getglobal(L, readers[i]);
            lua_setfield(L, -2, readers[i]);
        } else {
            script_sandbox_block(L, "", readers[i], "io");
        }
    }
    patch_string(L);
}
