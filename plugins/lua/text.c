/* Printed forms that are the same in every run, and texts that are safe to hand to the engine. */
#include "script.h"

#include <stdio.h>
#include <string.h>

static const char numbers_key; /* registry: object -> number, weak in its keys */

/* Bytes of the UTF-8 character at the beginning of text, 0 where it is not valid. */
static size_t utf8_size(const unsigned char *c, size_t length)
{
    static const struct {
        unsigned char mask, lead;
        unsigned smallest;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t size = 1; size <= 4; size++) {
        if ((c[0] & forms[size - 1].mask) != forms[size - 1].lead)
            continue;
        if (size > length)
            return 0;
        unsigned point = c[0] & (unsigned char)~forms[size - 1].mask;
        for (size_t i = 1; i < size; i++) {
            if ((c[i] & 0xc0) != 0x80)
                return 0;
            point = point << 6 | (c[i] & 0x3fu);
        }
        bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
        return point >= forms[size - 1].smallest && point <= 0x10ffff && !is_surrogate ? size : 0;
    }
    return 0;
}

bool script_text_is_utf8(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t size = utf8_size((const unsigned char *)text + i, length - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

/* The number of the object at idx: counts the objects that were ever printed. */
static lua_Integer object_number(lua_State *L, int idx)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &numbers_key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &numbers_key);
    }
    lua_pushvalue(L, idx);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pushvalue(L, idx);
        lua_pushinteger(L, (lua_Integer)++script_of(L)->object_count);
        lua_rawset(L, -4);
        lua_pop(L, 1);
        lua_pushinteger(L, (lua_Integer)script_of(L)->object_count);
    }
    lua_Integer number = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return number;
}

const char *script_tostring(lua_State *L, int idx, size_t *length)
{
    idx = lua_absindex(L, idx);
    switch (lua_type(L, idx)) {
    case LUA_TTABLE:
    case LUA_TFUNCTION:
    case LUA_TUSERDATA:
    case LUA_TTHREAD:
        if (luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL) {
            lua_pop(L, 1);
            break;
        }
        if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING)
            lua_pushfstring(L, "%s: %I", lua_tostring(L, -1), (LUAI_UACINT)object_number(L, idx));
        else
            lua_pushfstring(L, "%s: %I", luaL_typename(L, idx), (LUAI_UACINT)object_number(L, idx));
        return lua_tolstring(L, -1, length);
    default: break;
    }
    return luaL_tolstring(L, idx, length);
}

const char *script_text(lua_State *L, int idx)
{
    size_t length;
    const char *text = script_tostring(L, idx, &length);
    if (script_text_is_utf8(text, length) && memchr(text, '\0', length) == NULL)
        return text;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < length;) {
        size_t size = utf8_size((const unsigned char *)text + i, length - i);
        if (size > 0 && text[i] != '\0') {
            luaL_addlstring(&b, text + i, size);
            i += size;
        } else {
            char escape[8];
            snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)text[i++]);
            luaL_addstring(&b, escape);
        }
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}
