/* table.sort that gives the same result in every run. Lua's own picks its pivots by the clock when a
 * partition is lopsided, so elements that compare equal may come out in another order. This one merges, and
 * is stable. */
#include "script.h"

enum { COMPARE = 2, SOURCE = 3, TARGET = 4 }; /* on the stack: function or nil, two lists */

/* Whether the element at the top of the stack must come before the one below it. Pops nothing. */
static bool is_before(lua_State *L)
{
    if (lua_isnil(L, COMPARE))
        return lua_compare(L, -1, -2, LUA_OPLT);
    lua_pushvalue(L, COMPARE);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_call(L, 2, 1);
    bool is_it = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_it;
}

/* Merges the sorted runs [low, middle) and [middle, high) of one list into the other. */
static void merge(lua_State *L, int source, int target, lua_Integer low, lua_Integer middle, lua_Integer high)
{
    lua_Integer left = low, right = middle;
    for (lua_Integer out = low; out < high; out++) {
        bool takes_right = left == middle;
        if (left < middle && right < high) {
            lua_rawgeti(L, source, left);
            lua_rawgeti(L, source, right);
            takes_right = is_before(L);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, source, takes_right ? right++ : left++);
        lua_rawseti(L, target, out);
    }
}

static int table_sort(lua_State *L)
{
    lua_Integer count = luaL_len(L, 1);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    luaL_argcheck(L, count < INT32_MAX, 1, "array too big");
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, SOURCE, i);
    }
    int source = SOURCE, target = TARGET;
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer low = 1; low <= count; low += 2 * width) {
            lua_Integer middle = low + width <= count ? low + width : count + 1;
            lua_Integer high = low + 2 * width <= count ? low + 2 * width : count + 1;
            merge(L, source, target, low, middle, high);
        }
        source = SOURCE + TARGET - source;
        target = SOURCE + TARGET - target;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, source, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

void script_lib_table(lua_State *L)
{
    lua_getglobal(L, LUA_TABLIBNAME);
    lua_pushcfunction(L, table_sort);
    lua_setfield(L, -2, "sort");
    lua_setfield(L, -2, LUA_TABLIBNAME);
}
