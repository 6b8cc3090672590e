/* The `flow` table. */
#include "script.h"
#include "task.h"
#include "value.h"

/* Gives back the wiring it was given: the form that is a statement everywhere. */
static int flow_wire(lua_State *L)
{
    if (!script_wire_test(L, 1))
        return luaL_error(L, "flow.wire: takes a wiring: flow.wire(a >> b)");
    lua_settop(L, 1);
    return 1;
}

static int flow_bytes(lua_State *L)
{
    size_t length;
    struct flow_value v;
    const char *bytes = luaL_checklstring(L, 1, &length);
    if (flow_bytes_create(&v, bytes, length) < 0)
        return luaL_error(L, "not enough memory");
    script_box_take(L, v);
    return 1;
}

static const char *type_of(lua_State *L, int idx)
{
    const struct script_box *box = script_box_test(L, idx);
    if (box)
        return flow_type_name((enum flow_type)box->value.type);
    if (lua_isnil(L, idx) || script_null_test(L, idx))
        return "null";
    if (lua_type(L, idx) == LUA_TNUMBER)
        return lua_isinteger(L, idx) ? "int" : "double";
    if (lua_type(L, idx) == LUA_TBOOLEAN)
        return "bool";
    if (script_map_test(L, idx))
        return "map";
    if (script_task_test(L, idx))
        return "task";
    return luaL_typename(L, idx);
}

static int flow_type_word(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, type_of(L, 1));
    return 1;
}

void script_lib_flow(lua_State *L)
{
    static const luaL_Reg functions[] = {{"wire", flow_wire}, {"map", script_map_new},
        {"copy", script_map_copy}, {"bytes", flow_bytes}, {"type", flow_type_word}, {0}};
    luaL_newlib(L, functions);
    script_null_push(L);
    lua_setfield(L, -2, "null");
    static const char *const shared[][2] = {{"task", "task"}, {"workflow", "workflow"}, {"arg", "args"}};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        lua_getfield(L, -2, shared[i][0]);
        lua_setfield(L, -2, shared[i][1]);
    }
    lua_setfield(L, -2, "flow");
}
