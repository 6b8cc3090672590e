/* math.random from the run's seed, through the host, which records each number. A script that calls
 * math.randomseed with a number has chosen for itself: then Lua's own generator serves, just as repeatable.
 */
#include "script.h"

/* Upvalue 1 called with all arguments. */
static int call_real(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Uniform in 0..n, by masking and trying again, as Lua does it. */
static lua_Unsigned draw(struct flow_ctx *ctx, lua_Unsigned n)
{
    lua_Unsigned mask = n, number;
    for (unsigned shift = 1; shift <= 32; shift *= 2)
        mask |= mask >> shift;
    do {
        number = flow_ctx_random(ctx) & mask;
    } while (number > n);
    return number;
}

static int math_random(lua_State *L)
{
    struct script *s = script_of(L);
    lua_Integer low = 1, high;
    int count = lua_gettop(L);
    if (!s->ctx || s->has_own_seed)
        return call_real(L);
    if (count == 0) {
        lua_pushnumber(L, (lua_Number)(flow_ctx_random(s->ctx) >> 11) * 0x1p-53);
        return 1;
    }
    if (count > 2)
        return luaL_error(L, "wrong number of arguments");
    high = luaL_checkinteger(L, count);
    if (count == 2)
        low = luaL_checkinteger(L, 1);
    if (count == 1 && high == 0) {
        lua_pushinteger(L, (lua_Integer)flow_ctx_random(s->ctx));
        return 1;
    }
    luaL_argcheck(L, low <= high, count, "interval is empty");
    lua_pushinteger(
        L, (lua_Integer)(draw(s->ctx, (lua_Unsigned)high - (lua_Unsigned)low) + (lua_Unsigned)low));
    return 1;
}

static int math_randomseed(lua_State *L)
{
    script_of(L)->has_own_seed = lua_gettop(L) > 0;
    return lua_gettop(L) > 0 ? call_real(L) : 0;
}

void script_lib_math(lua_State *L)
{
    static const luaL_Reg functions[] = {{"random", math_random}, {"randomseed", math_randomseed}};
    lua_getglobal(L, LUA_MATHLIBNAME);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_getfield(L, -1, functions[i].name);
        lua_pushcclosure(L, functions[i].func, 1);
        lua_setfield(L, -2, functions[i].name);
    }
    lua_setfield(L, -2, LUA_MATHLIBNAME);
}
