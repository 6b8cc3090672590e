/* Values both ways between Lua and flow, and the objects that stand for what Lua has no type for. */
#ifndef LUA_VALUE_H
#define LUA_VALUE_H

#include "script.h"

/* A list, map, bytes or opaque value as a userdata: read-only, sharing the engine's object. */
struct script_box {
    struct flow_value value;
};

void script_value_register(lua_State *L);
void script_box_register(lua_State *L); /* needs the string library */

/* Pushes a value; null becomes nil. */
void script_value_push(lua_State *L, struct flow_value v);
/* The same for an item of a list or a member of a map: null becomes flow.null. */
void script_value_push_item(lua_State *L, struct flow_value v);
/* Converts the value at idx; the caller owns *out. Raises where it cannot be converted, in the words
 * "WHAT: PATH: why"; the path begins with `root`. */
struct flow_value script_value_take(lua_State *L, int idx, const char *what, const char *root);
struct script_box *script_box_test(lua_State *L, int idx); /* or NULL */
/* Pushes a box with a value of one of the four types: push refs it, take takes the caller's reference over.
 */
void script_box_push(lua_State *L, struct flow_value v);
void script_box_take(lua_State *L, struct flow_value v);
void script_null_push(lua_State *L);
bool script_null_test(lua_State *L, int idx);

/* table.c: tables made by flow.map, which remember the order of their keys. */
void script_map_register(lua_State *L);
bool script_map_test(lua_State *L, int idx);
void script_map_push(lua_State *L); /* an empty one */
/* Pushes the order record of the map at idx: [0] is how many places, [i] a key or false. */
void script_map_push_order(lua_State *L, int idx);
int script_map_new(lua_State *L);  /* flow.map */
int script_map_copy(lua_State *L); /* flow.copy */

/* order.c: a pairs and a next that give the same order in every run. */
int script_pairs(lua_State *L);
int script_next(lua_State *L);

#endif
