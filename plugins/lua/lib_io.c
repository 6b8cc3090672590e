/* io.write and the two standard streams, which the host captures; the rest of io only with --allow io. */
#include <string.h>

#include "script.h"

static const char stdout_key, stderr_key; /* registry */

struct stream {
    int number; /* 1 or 2, as in flow_ctx_print */
};

static bool is_stdout(lua_State *L, int idx)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &stdout_key);
    bool is_it = lua_rawequal(L, idx, -1);
    lua_pop(L, 1);
    return is_it;
}

/* Prints the arguments from `first` on as one text. */
static void write_all(lua_State *L, int stream, int first)
{
    int count = lua_gettop(L);
    luaL_Buffer b;
    for (int i = first; i <= count; i++)
        luaL_checkstring(L, i);
    luaL_buffinit(L, &b);
    for (int i = first; i <= count; i++) {
        lua_pushvalue(L, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (length > 0)
        script_print(L, stream, text, length);
}

static struct stream *check_stream(lua_State *L)
{
    struct stream *stream = luaL_testudata(L, 1, "standard stream");
    if (!stream)
        luaL_error(L, "a method of a stream is called with a colon, io.stdout:write(...)");
    return stream;
}

static int stream_write(lua_State *L)
{
    write_all(L, check_stream(L)->number, 2);
    lua_settop(L, 1);
    return 1;
}

/* flush, setvbuf: nothing is held back. */
static int stream_same(lua_State *L)
{
    check_stream(L);
    lua_settop(L, 1);
    return 1;
}

static int stream_close(lua_State *L)
{
    return luaL_error(L, "a standard stream cannot be closed");
}

static int stream_tostring(lua_State *L)
{
    lua_pushstring(L, check_stream(L)->number == 1 ? "stdout" : "stderr");
    return 1;
}

/* Upvalue 1: the real io.write, nil without --allow io. */
static int io_write(lua_State *L)
{
    if (script_of(L)->is_output_redirected) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
        return lua_gettop(L);
    }
    write_all(L, 1, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &stdout_key);
    return 1;
}

/* Upvalue 1: the real io.output. */
static int io_output(lua_State *L)
{
    struct script *s = script_of(L);
    bool is_asking = lua_isnoneornil(L, 1);
    if (is_asking ? !s->is_output_redirected : is_stdout(L, 1)) {
        s->is_output_redirected = false;
        lua_rawgetp(L, LUA_REGISTRYINDEX, &stdout_key);
        return 1;
    }
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_call(L, is_asking ? 0 : 1, 1);
    s->is_output_redirected = true;
    return 1;
}

static void push_stream(lua_State *L, int number, const char *key)
{
    struct stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    stream->number = number;
    luaL_setmetatable(L, "standard stream");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static void register_streams(lua_State *L)
{
    static const luaL_Reg methods[] = {{"write", stream_write}, {"flush", stream_same},
        {"setvbuf", stream_same}, {"close", stream_close}, {"__tostring", stream_tostring}, {0}};
    luaL_newmetatable(L, "standard stream");
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void script_lib_io(lua_State *L)
{
    static const char *const names[] = {
        "open", "close", "input", "lines", "popen", "read", "tmpfile", "type", "output"};
    bool is_allowed = script_of(L)->allow & SCRIPT_ALLOW_IO;
    register_streams(L);
    lua_getglobal(L, LUA_IOLIBNAME);
    int real = lua_gettop(L);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_allowed) {
            lua_getfield(L, real, names[i]);
            lua_setfield(L, -2, names[i]);
        } else {
            script_sandbox_block(L, LUA_IOLIBNAME, names[i], "io");
        }
    }
    if (is_allowed) {
        lua_getfield(L, real, "output");
        lua_pushcclosure(L, io_output, 1);
        lua_setfield(L, -2, "output");
        lua_getfield(L, real, "stdin");
        lua_setfield(L, -2, "stdin");
    }
    lua_getfield(L, real, "write");
    lua_pushcclosure(L, io_write, 1);
    lua_setfield(L, -2, "write");
    push_stream(L, 1, &stdout_key);
    lua_setfield(L, -2, "stdout");
    push_stream(L, 2, &stderr_key);
    lua_setfield(L, -2, "stderr");
    lua_remove(L, real);
    lua_setfield(L, -2, LUA_IOLIBNAME);
}
