/* From flow values to Lua values. Scalars and strings become Lua's own; lists, maps, bytes and opaques become
 * boxes, userdata that share the engine's immutable object. */
#include "value.h"

#include <string.h>

static const char null_key; /* registry: flow.null */

struct script_box *script_box_test(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
        return NULL;
    const void *metatable = lua_topointer(L, -1);
    lua_pop(L, 1);
    const struct script *s = script_of(L);
    for (unsigned type = FLOW_TYPE_BYTES; type <= FLOW_TYPE_OPAQUE; type++)
        if (s->box_metatables[type] == metatable)
            return lua_touserdata(L, idx);
    return NULL;
}

static const char metatable_keys[FLOW_TYPE_COUNT]; /* registry: by type */

void script_box_push(lua_State *L, struct flow_value v)
{
    struct script_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->value = flow_value_ref(v);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_keys[v.type]);
    lua_setmetatable(L, -2);
}

void script_box_take(lua_State *L, struct flow_value v)
{
    script_box_push(L, v);
    flow_value_unref(v);
}

void script_value_push(lua_State *L, struct flow_value v)
{
    size_t length;
    switch ((enum flow_type)v.type) {
    case FLOW_TYPE_NULL: lua_pushnil(L); return;
    case FLOW_TYPE_BOOL: lua_pushboolean(L, v.as.boolean); return;
    case FLOW_TYPE_INT: lua_pushinteger(L, v.as.integer); return;
    case FLOW_TYPE_DOUBLE: lua_pushnumber(L, v.as.number); return;
    case FLOW_TYPE_STRING: {
        const char *text = flow_value_text(v, &length);
        lua_pushlstring(L, text, length);
        return;
    }
    case FLOW_TYPE_BYTES:
    case FLOW_TYPE_LIST:
    case FLOW_TYPE_MAP:
    case FLOW_TYPE_OPAQUE: script_box_push(L, v); return;
    case FLOW_TYPE_COUNT: break;
    }
    lua_pushnil(L);
}

void script_value_push_item(lua_State *L, struct flow_value v)
{
    if (v.type == FLOW_TYPE_NULL)
        script_null_push(L);
    else
        script_value_push(L, v);
}

void script_null_push(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
}

bool script_null_test(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    script_null_push(L);
    bool is_null = lua_rawequal(L, idx, -1);
    lua_pop(L, 1);
    return is_null;
}

static struct flow_value self(lua_State *L)
{
    return ((struct script_box *)lua_touserdata(L, 1))->value;
}

static int box_gc(lua_State *L)
{
    struct script_box *box = lua_touserdata(L, 1);
    flow_value_unref(box->value);
    box->value = flow_null();
    return 0;
}

static int box_tostring(lua_State *L)
{
    struct flow_value v = self(L);
    size_t length = flow_value_print(v, NULL, 0);
    luaL_Buffer b;
    char *text = luaL_buffinitsize(L, &b, length + 1);
    flow_value_print(v, text, length + 1);
    luaL_pushresultsize(&b, length);
    return 1;
}

static int box_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)flow_value_count(self(L)));
    return 1;
}

static int box_eq(lua_State *L)
{
    const struct script_box *a = script_box_test(L, 1), *b = script_box_test(L, 2);
    lua_pushboolean(L, a && b && flow_value_equal(a->value, b->value));
    return 1;
}

static int box_newindex(lua_State *L)
{
    return luaL_error(L,
        "a %s that comes from a channel, an argument or a result is read-only: copy it "
        "(local c = flow.copy(x)), change the copy, set it (channel:set(key, c))",
        flow_type_name((enum flow_type)self(L).type));
}

static int list_index(lua_State *L)
{
    lua_Integer i = lua_isinteger(L, 2) ? lua_tointeger(L, 2) : 0;
    if (i < 1 || (size_t)i > flow_value_count(self(L)))
        lua_pushnil(L);
    else
        script_value_push_item(L, flow_list_at(self(L), (size_t)i - 1));
    return 1;
}

static int list_walk(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2) + 1;
    if (i < 1 || (size_t)i > flow_value_count(self(L)))
        return 0;
    lua_pushinteger(L, i);
    script_value_push_item(L, flow_list_at(self(L), (size_t)i - 1));
    return 2;
}

static int list_pairs(lua_State *L)
{
    lua_pushcfunction(L, list_walk);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int map_index(lua_State *L)
{
    struct flow_value v;
    size_t length;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
    if (key && flow_map_get(self(L), key, length, &v) == FLOW_OK)
        script_value_push_item(L, v);
    else
        lua_pushnil(L);
    return 1;
}

static int map_walk(lua_State *L)
{
    struct flow_value map = ((struct script_box *)lua_touserdata(L, lua_upvalueindex(1)))->value;
    size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    if (i >= flow_value_count(map))
        return 0;
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_replace(L, lua_upvalueindex(2));
    struct flow_member member = flow_map_at(map, i);
    script_value_push(L, member.key);
    script_value_push_item(L, member.value);
    return 2;
}

static int map_pairs(lua_State *L)
{
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, map_walk, 2);
    return 1;
}

static int bytes_tostring(lua_State *L)
{
    size_t length;
    const char *bytes = flow_value_text(self(L), &length);
    lua_pushlstring(L, bytes, length);
    return 1;
}

static int bytes_len(lua_State *L)
{
    size_t length;
    flow_value_text(self(L), &length);
    lua_pushinteger(L, (lua_Integer)length);
    return 1;
}

static int bytes_concat(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

/* b:sub(1, 3): a function of the string library with its first argument made a string. */
static int bytes_method(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    lua_replace(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

static const luaL_Reg list_methods[] = {{"__gc", box_gc}, {"__tostring", box_tostring}, {"__len", box_len},
    {"__eq", box_eq}, {"__index", list_index}, {"__newindex", box_newindex}, {"__pairs", list_pairs}, {0}};
static const luaL_Reg map_methods[] = {{"__gc", box_gc}, {"__tostring", box_tostring}, {"__len", box_len},
    {"__eq", box_eq}, {"__index", map_index}, {"__newindex", box_newindex}, {"__pairs", map_pairs}, {0}};
static const luaL_Reg bytes_methods[] = {{"__gc", box_gc}, {"__tostring", bytes_tostring},
    {"__len", bytes_len}, {"__eq", box_eq}, {"__concat", bytes_concat}, {"__newindex", box_newindex}, {0}};
static const luaL_Reg opaque_methods[] = {
    {"__gc", box_gc}, {"__tostring", box_tostring}, {"__eq", box_eq}, {"__newindex", box_newindex}, {0}};

static void register_box(lua_State *L, enum flow_type type, const luaL_Reg *methods)
{
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushstring(L, flow_type_name(type));
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    script_of(L)->box_metatables[type] = lua_topointer(L, -1);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_keys[type]);
}

/* The methods of bytes are those of the string library. */
static void add_string_methods(lua_State *L, int metatable)
{
    lua_newtable(L);
    int methods = lua_gettop(L);
    lua_getglobal(L, LUA_STRLIBNAME);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushcclosure(L, bytes_method, 1);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, methods);
    }
    lua_settop(L, methods);
    lua_setfield(L, metatable, "__index");
}

static void register_null(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "null");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);
}

void script_box_register(lua_State *L)
{
    int top = lua_gettop(L);
    register_box(L, FLOW_TYPE_LIST, list_methods);
    register_box(L, FLOW_TYPE_MAP, map_methods);
    register_box(L, FLOW_TYPE_OPAQUE, opaque_methods);
    register_box(L, FLOW_TYPE_BYTES, bytes_methods);
    add_string_methods(L, lua_gettop(L));
    register_null(L);
    lua_settop(L, top);
}
