/* flow.map and flow.copy: tables that can be changed.
 *
 * A Lua table forgets in which order its keys came. What flow.map makes is an ordinary table that holds its
 * members itself; new keys pass through __newindex, which writes their order down in a record kept aside:
 * record[0] = places, record[place] = key or false, record[key] = place. A member that is set to nil leaves
 * its place behind; it gets a new one when it comes back. */
#include "value.h"

static const char metatable_key; /* registry: the metatable */
static const char orders_key;    /* registry: map -> record, weak in its keys */

enum { MAX_DEPTH = 200 };

bool script_map_test(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx))
        return false;
    bool is_map = lua_topointer(L, -1) == script_of(L)->map_metatable;
    lua_pop(L, 1);
    return is_map;
}

void script_map_push_order(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &orders_key);
    lua_pushvalue(L, idx);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

void script_map_push(lua_State *L)
{
    lua_newtable(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &orders_key);
    lua_pushvalue(L, -2);
    lua_newtable(L);
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 0);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);
}

static int map_newindex(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "a map takes text as key, not a %s", luaL_typename(L, 2));
    if (lua_isnil(L, 3))
        return 0;
    script_map_push_order(L, 1);
    int order = lua_gettop(L);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, order) == LUA_TNUMBER) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, order, lua_tointeger(L, -2));
    }
    lua_rawgeti(L, order, 0);
    lua_Integer place = lua_tointeger(L, -1) + 1;
    lua_pushvalue(L, 2);
    lua_rawseti(L, order, place);
    lua_pushvalue(L, 2);
    lua_pushinteger(L, place);
    lua_rawset(L, order);
    lua_pushinteger(L, place);
    lua_rawseti(L, order, 0);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
}

/* Pushes the first key and its value at or after *place; false at the end. */
static bool map_walk_from(lua_State *L, int map, int order, lua_Integer *place)
{
    lua_rawgeti(L, order, 0);
    lua_Integer places = lua_tointeger(L, -1);
    lua_pop(L, 1);
    for (; *place <= places; ++*place) {
        if (lua_rawgeti(L, order, *place) == LUA_TSTRING) {
            lua_pushvalue(L, -1);
            if (lua_rawget(L, map) != LUA_TNIL)
                return true;
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return false;
}

static int map_walk(lua_State *L)
{
    lua_Integer place = lua_tointeger(L, lua_upvalueindex(3));
    bool is_there = map_walk_from(L, lua_upvalueindex(1), lua_upvalueindex(2), &place);
    lua_pushinteger(L, place + 1);
    lua_replace(L, lua_upvalueindex(3));
    return is_there ? 2 : 0;
}

static int map_pairs(lua_State *L)
{
    lua_settop(L, 1);
    script_map_push_order(L, 1);
    lua_pushinteger(L, 1);
    lua_pushcclosure(L, map_walk, 3);
    return 1;
}

static int map_len(lua_State *L)
{
    lua_Integer count = 0;
    lua_settop(L, 1);
    script_map_push_order(L, 1);
    for (lua_Integer place = 1; map_walk_from(L, 1, 2, &place); place++, count++)
        lua_pop(L, 2);
    lua_pushinteger(L, count);
    return 1;
}

static int map_tostring(lua_State *L)
{
    struct flow_value v = script_value_take(L, 1, "tostring", "map");
    script_box_take(L, v);
    luaL_tolstring(L, -1, NULL);
    return 1;
}

/* Sets map[key] = value, both at the top of the stack, which are popped. */
static void map_set(lua_State *L, int map)
{
    lua_settable(L, map);
}

/* flow.map{{"b", 1}, {"a", 2}} */
static void fill_from_pairs(lua_State *L, int map, int from)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, from);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, from, i) != LUA_TTABLE || lua_rawlen(L, -1) != 2)
            luaL_error(L, "flow.map: item %I is no {key, value}", (LUAI_UACINT)i);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        map_set(L, map);
        lua_pop(L, 1);
    }
}

/* Through pairs, which sorts the keys of a plain table and keeps the order of a map. */
static void fill_from_members(lua_State *L, int map, int from)
{
    lua_pushcfunction(L, script_pairs);
    lua_pushvalue(L, from);
    lua_call(L, 1, 3);
    for (;;) {
        int walk = lua_gettop(L) - 2;
        lua_pushvalue(L, walk);
        lua_pushvalue(L, walk + 1);
        lua_pushvalue(L, walk + 2);
        lua_call(L, 2, 2);
        if (lua_isnil(L, -2))
            break;
        lua_pushvalue(L, -2);
        lua_replace(L, walk + 2);
        map_set(L, map);
    }
    lua_settop(L, from > map ? from : map);
}

int script_map_new(lua_State *L)
{
    lua_settop(L, 1);
    bool is_box = script_box_test(L, 1) != NULL;
    if (!lua_isnil(L, 1) && !lua_istable(L, 1) && !is_box)
        return luaL_error(L, "flow.map: takes a table, not a %s", luaL_typename(L, 1));
    script_map_push(L);
    if (lua_isnil(L, 1))
        return 1;
    if (!is_box && lua_rawlen(L, 1) > 0)
        fill_from_pairs(L, 2, 1);
    else
        fill_from_members(L, 2, 1);
    return 1;
}

static void copy_value(lua_State *L, int idx, int depth);

static void copy_members(lua_State *L, int from, int depth)
{
    int map = lua_gettop(L);
    lua_pushcfunction(L, script_pairs);
    lua_pushvalue(L, from);
    lua_call(L, 1, 3);
    int walk = map + 1;
    for (;;) {
        lua_pushvalue(L, walk);
        lua_pushvalue(L, walk + 1);
        lua_pushvalue(L, walk + 2);
        lua_call(L, 2, 2);
        if (lua_isnil(L, -2))
            break;
        lua_pushvalue(L, -2);
        lua_replace(L, walk + 2);
        copy_value(L, lua_gettop(L), depth + 1);
        lua_remove(L, -2);
        map_set(L, map);
    }
    lua_settop(L, map);
}

/* Pushes a deep copy that can be changed. */
static void copy_value(lua_State *L, int idx, int depth)
{
    if (depth > MAX_DEPTH)
        luaL_error(L, "flow.copy: nested deeper than %d levels", MAX_DEPTH);
    luaL_checkstack(L, 12, "flow.copy");
    const struct script_box *box = script_box_test(L, idx);
    bool is_map = box ? box->value.type == FLOW_TYPE_MAP : script_map_test(L, idx);
    bool is_table = box ? box->value.type == FLOW_TYPE_LIST : lua_istable(L, idx);
    if (is_map)
        script_map_push(L);
    else if (is_table)
        lua_newtable(L);
    else
        lua_pushvalue(L, idx);
    if (is_map || is_table)
        copy_members(L, idx, depth);
}

int script_map_copy(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    copy_value(L, 1, 0);
    return 1;
}

void script_map_register(lua_State *L)
{
    static const luaL_Reg methods[] = {{"__newindex", map_newindex}, {"__pairs", map_pairs},
        {"__len", map_len}, {"__tostring", map_tostring}, {0}};
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushliteral(L, "map");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    script_of(L)->map_metatable = lua_topointer(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &orders_key);
}
