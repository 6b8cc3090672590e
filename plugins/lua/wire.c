/* Wiring: a >> b, a << b, a | b.
 *
 * The value of such an expression is a wiring: the tasks at which it begins and those at which it ends, so
 * that a >> (b | c) >> d can go on from it. User value 1 = the beginnings, 2 = the ends, both lists of tasks.
 */
#include "task.h"
#include "workflow.h"

static const char metatable_key; /* registry */

enum { BEGINNINGS = 1, ENDS = 2 };

bool script_wire_test(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    bool is_wiring = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_wiring;
}

static void refuse_operand(lua_State *L, int idx, const char *operator)
{
    if (lua_isnil(L, idx))
        luaL_error(L,
            "wiring: the %s side of %s is nil: is the task defined above this line, under that name?",
            idx == 1 ? "left" : "right", operator);
    luaL_error(L, "wiring: the %s side of %s is a %s, not a task", idx == 1 ? "left" : "right", operator,
        luaL_typename(L, idx));
}

/* Pushes the list of tasks at which the operand begins or ends: a task, a wiring, or a list of tasks. */
static void push_side(lua_State *L, int idx, int side, const char *operator)
{
    if (script_wire_test(L, idx)) {
        lua_getiuservalue(L, idx, side);
    } else if (script_task_test(L, idx)) {
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, idx);
        lua_rawseti(L, -2, 1);
    } else if (lua_type(L, idx) == LUA_TTABLE) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, idx);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_rawgeti(L, idx, i);
            if (!script_task_test(L, -1))
                luaL_error(L, "wiring: item %I of the list beside %s is no task", (LUAI_UACINT)i, operator);
            lua_pop(L, 1);
        }
        if (count == 0)
            luaL_error(L, "wiring: the list beside %s is empty", operator);
        lua_pushvalue(L, idx);
    } else {
        refuse_operand(L, idx, operator);
    }
}

/* Pops two lists and pushes the wiring that begins and ends with them. */
static void push_wiring(lua_State *L)
{
    lua_newuserdatauv(L, 1, 2);
    lua_insert(L, -3);
    lua_setiuservalue(L, -3, ENDS);
    lua_setiuservalue(L, -2, BEGINNINGS);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);
}

static void connect(lua_State *L, int from)
{
    lua_pushvalue(L, from);
    lua_pushvalue(L, from + 1);
    if (script_of(L)->ctx) {
        struct flow_ctx *ctx = script_of(L)->ctx;
        flow_task source = script_task_join_graph(L, lua_gettop(L) - 1, "wiring");
        flow_task target = script_task_join_graph(L, lua_gettop(L), "wiring");
        if (flow_ctx_add_edge(ctx, source, target) < 0)
            script_raise(L, ctx);
    } else {
        script_workflow_edge(L, lua_gettop(L) - 1, lua_gettop(L));
    }
    lua_pop(L, 2);
}

/* An edge from each task of the list at `ends` to each of the list above it. */
static void connect_all(lua_State *L, int ends)
{
    lua_Integer from_count = (lua_Integer)lua_rawlen(L, ends);
    lua_Integer to_count = (lua_Integer)lua_rawlen(L, ends + 1);
    for (lua_Integer i = 1; i <= from_count; i++) {
        for (lua_Integer j = 1; j <= to_count; j++) {
            lua_rawgeti(L, ends, i);
            lua_rawgeti(L, ends + 1, j);
            connect(L, lua_gettop(L) - 1);
            lua_pop(L, 2);
        }
    }
}

static int wire_sequence(lua_State *L)
{
    lua_settop(L, 2);
    push_side(L, 1, ENDS, ">>");
    push_side(L, 2, BEGINNINGS, ">>");
    connect_all(L, 3);
    push_side(L, 1, BEGINNINGS, ">>");
    push_side(L, 2, ENDS, ">>");
    push_wiring(L);
    return 1;
}

static int wire_reverse(lua_State *L)
{
    lua_settop(L, 2);
    push_side(L, 2, ENDS, "<<");
    push_side(L, 1, BEGINNINGS, "<<");
    connect_all(L, 3);
    push_side(L, 2, BEGINNINGS, "<<");
    push_side(L, 1, ENDS, "<<");
    push_wiring(L);
    return 1;
}

/* Pushes one list of what is in both operands. */
static void push_union(lua_State *L, int side)
{
    lua_newtable(L);
    int out = lua_gettop(L);
    lua_Integer n = 0;
    for (int operand = 1; operand <= 2; operand++) {
        push_side(L, operand, side, "|");
        lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_rawgeti(L, -1, i);
            lua_rawseti(L, out, ++n);
        }
        lua_pop(L, 1);
    }
}

static int wire_group(lua_State *L)
{
    lua_settop(L, 2);
    push_union(L, BEGINNINGS);
    push_union(L, ENDS);
    push_wiring(L);
    return 1;
}

static int wire_tostring(lua_State *L)
{
    luaL_Buffer b;
    lua_settop(L, 1);
    for (int side = BEGINNINGS; side <= ENDS; side++)
        lua_getiuservalue(L, 1, side);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "wiring");
    for (int side = BEGINNINGS; side <= ENDS; side++) {
        luaL_addstring(&b, side == BEGINNINGS ? " from" : " to");
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 1 + side); i++) {
            lua_rawgeti(L, 1 + side, i);
            const struct script_task *t = lua_touserdata(L, -1);
            lua_pop(L, 1);
            luaL_addchar(&b, ' ');
            luaL_addstring(&b, t->id ? t->id : t->base);
        }
    }
    luaL_pushresult(&b);
    return 1;
}

void script_wire_register(lua_State *L)
{
    static const luaL_Reg operators[] = {
        {"__shr", wire_sequence}, {"__shl", wire_reverse}, {"__bor", wire_group}, {0}};
    luaL_setfuncs(L, operators, 0);
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    lua_pushcfunction(L, wire_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "wiring");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}
