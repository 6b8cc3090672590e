/* pairs and next with the same order in every run. Lua hashes strings with a seed that differs from process
 * to process, so its own order would make two runs of one workflow differ. Here: numbers, then texts, both
 * ascending, then booleans, then the rest as the table has them. */
#include <stdlib.h>
#include <string.h>

#include "value.h"

enum key_class { KEY_NUMBER, KEY_TEXT, KEY_BOOLEAN, KEY_OTHER };

struct sort_key {
    enum key_class class;
    lua_Number number;
    lua_Integer integer; /* decides between numbers that a double cannot tell apart */
    const char *text;    /* kept alive by the table */
    size_t length;
    lua_Integer place; /* in the table's own order */
};

static struct sort_key key_at(lua_State *L, int idx, lua_Integer place)
{
    struct sort_key key = {.class = KEY_OTHER, .place = place};
    switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
        key.class = KEY_NUMBER;
        key.number = lua_tonumber(L, idx);
        key.integer = lua_tointeger(L, idx);
        break;
    case LUA_TSTRING:
        key.class = KEY_TEXT;
        key.text = lua_tolstring(L, idx, &key.length);
        break;
    case LUA_TBOOLEAN:
        key.class = KEY_BOOLEAN;
        key.integer = lua_toboolean(L, idx);
        break;
    default: break;
    }
    return key;
}

static int compare_keys(const void *left, const void *right)
{
    const struct sort_key *a = left, *b = right;
    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    if (a->class == KEY_TEXT) {
        int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
        return order ? order : (a->length > b->length) - (a->length < b->length);
    }
    if (a->class == KEY_OTHER)
        return (a->place > b->place) - (a->place < b->place);
    if (a->number < b->number || a->number > b->number)
        return a->number < b->number ? -1 : 1;
    return (a->integer > b->integer) - (a->integer < b->integer);
}

/* Whether the table's own order is the sorted one already, as in every list. Counts its keys on the way. */
static bool is_sorted(lua_State *L, int table, size_t *count)
{
    struct sort_key last = {0};
    bool sorted = true;
    size_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        struct sort_key key = key_at(L, -1, (lua_Integer)n);
        if (n++ > 0 && compare_keys(&last, &key) > 0)
            sorted = false;
        last = key;
    }
    *count = n;
    return sorted;
}

/* Pushes a list of the keys of the table, sorted. */
static void push_sorted_keys(lua_State *L, int table, size_t count)
{
    struct sort_key *keys = lua_newuserdatauv(L, count * sizeof *keys, 0);
    lua_createtable(L, (int)count, 0);
    int raw = lua_gettop(L);
    size_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        keys[n] = key_at(L, -1, (lua_Integer)n + 1);
        n++;
        lua_pushvalue(L, -1);
        lua_rawseti(L, raw, (lua_Integer)n);
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, raw, keys[i].place);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_replace(L, raw - 1);
    lua_settop(L, raw - 1);
}

static int raw_next(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

/* Upvalues: the table, its sorted keys, how many were handed out. */
static int walk_sorted(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    while (lua_rawgeti(L, lua_upvalueindex(2), ++i) != LUA_TNIL) {
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
            lua_pushinteger(L, i);
            lua_replace(L, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(L, 2);
    }
    return 1;
}

int script_pairs(lua_State *L)
{
    size_t count;
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (is_sorted(L, 1, &count)) {
        lua_pushcfunction(L, raw_next);
    } else {
        lua_pushvalue(L, 1);
        push_sorted_keys(L, 1, count);
        lua_pushinteger(L, 0);
        lua_pushcclosure(L, walk_sorted, 3);
    }
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static bool is_key(struct flow_value key, const char *text, size_t length)
{
    size_t key_length;
    const char *key_text = flow_value_text(key, &key_length);
    return key_length == length && memcmp(key_text, text, length) == 0;
}

/* next of a list or a map that comes from a channel: the key after the one at 2. */
static int box_next(lua_State *L, struct flow_value v)
{
    size_t count = flow_value_count(v), i = 0, length;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
    if (v.type == FLOW_TYPE_LIST) {
        i = (size_t)luaL_optinteger(L, 2, 0);
    } else if (key) {
        while (i < count && !is_key(flow_map_at(v, i).key, key, length))
            i++;
        i++;
    }
    if (i >= count) {
        lua_pushnil(L);
        return 1;
    }
    if (v.type == FLOW_TYPE_LIST)
        lua_pushinteger(L, (lua_Integer)i + 1);
    else
        script_value_push(L, flow_map_at(v, i).key);
    script_value_push_item(L, v.type == FLOW_TYPE_LIST ? flow_list_at(v, i) : flow_map_at(v, i).value);
    return 2;
}

int script_next(lua_State *L)
{
    size_t count;
    const struct script_box *box = script_box_test(L, 1);
    if (box && (box->value.type == FLOW_TYPE_LIST || box->value.type == FLOW_TYPE_MAP))
        return box_next(L, box->value);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (is_sorted(L, 1, &count))
        return raw_next(L);
    push_sorted_keys(L, 1, count);
    lua_Integer i = 1;
    if (!lua_isnil(L, 2)) {
        while (lua_rawgeti(L, 3, i) != LUA_TNIL && !lua_rawequal(L, -1, 2)) {
            lua_pop(L, 1);
            i++;
        }
        if (lua_isnil(L, -1))
            return luaL_error(L, "invalid key to 'next'");
        lua_pop(L, 1);
        i++;
    }
    if (lua_rawgeti(L, 3, i) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    return 2;
}
