/* From Lua values to flow values. Nothing here raises until script_value_take does at its end, because half a
 * list in C memory would be lost by a jump; and nothing here makes Lua allocate. */
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task.h"

enum { MAX_DEPTH = 200 };

struct take {
    lua_State *L;
    unsigned depth;
    const void *chain[MAX_DEPTH]; /* the tables we are inside of */
    size_t chain_path[MAX_DEPTH]; /* how much of the path named them */
    char path[512];
    size_t path_length;
    char why[640];
};

static const char name_key; /* registry: the string "__name" */

static int take_value(struct take *t, int idx, struct flow_value *out);

static int refuse(struct take *t, const char *fmt, ...) FLOW_PRINTF(2, 3);
static int refuse(struct take *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(t->why, sizeof t->why, fmt, args);
    va_end(args);
    return FLOW_EINVAL;
}

static void path_add(struct take *t, const char *fmt, ...) FLOW_PRINTF(2, 3);
static void path_add(struct take *t, const char *fmt, ...)
{
    va_list args;
    size_t room = sizeof t->path - t->path_length;
    va_start(args, fmt);
    int length = vsnprintf(t->path + t->path_length, room, fmt, args);
    va_end(args);
    t->path_length += (size_t)length < room ? (size_t)length : room - 1;
}

/* a.b or a["odd key"] */
static void path_add_key(struct take *t, const char *key)
{
    bool is_name = *key && !(*key >= '0' && *key <= '9');
    for (const char *c = key; *c && is_name; c++)
        is_name =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_';
    path_add(t, is_name ? ".%s" : "[\"%s\"]", key);
}

static void path_cut(struct take *t, size_t length)
{
    t->path_length = length;
    t->path[length] = '\0';
}

/* What kind of table it is. */

struct census {
    size_t total, strings, integers;
    lua_Integer largest;
    int odd_type; /* of a key that is neither, LUA_TNONE if there is none */
};

static struct census count_keys(lua_State *L, int table)
{
    struct census c = {.odd_type = LUA_TNONE};
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        c.total++;
        if (lua_type(L, -1) == LUA_TSTRING) {
            c.strings++;
        } else if (lua_isinteger(L, -1)) {
            lua_Integer i = lua_tointeger(L, -1);
            c.integers++;
            if (i > c.largest)
                c.largest = i;
        } else {
            c.odd_type = lua_type(L, -1);
        }
    }
    return c;
}

/* Why a table with these keys is neither a list nor a map. */
static int refuse_keys(struct take *t, int table, const struct census *c)
{
    static const char advice[] = "a table is a list (1, 2, 3, ...) or a map (text keys)";
    if (c->odd_type == LUA_TNUMBER)
        return refuse(t, "has a key that is a float: %s", advice);
    if (c->odd_type != LUA_TNONE)
        return refuse(t, "has a key that is a %s: %s", lua_typename(t->L, c->odd_type), advice);
    if (c->strings > 0)
        return refuse(t, "mixes keys that are numbers and keys that are text: %s", advice);
    lua_Integer gap = 1;
    while (lua_rawgeti(t->L, table, gap) != LUA_TNIL) {
        lua_pop(t->L, 1);
        gap++;
    }
    lua_pop(t->L, 1);
    if (gap > c->largest)
        return refuse(t, "has a number below 1 as key: a list counts 1, 2, 3, ...");
    return refuse(t, "has a hole at [%lld]: a list counts 1, 2, 3, ... (flow.null fills a hole)", gap);
}

static void unref_items(struct flow_value *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        flow_value_unref(items[i]);
    free(items);
}

static int take_list(struct take *t, int table, size_t count, struct flow_value *out)
{
    size_t here = t->path_length;
    struct flow_value *items = malloc((count ? count : 1) * sizeof *items);
    if (!items)
        return FLOW_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        path_add(t, "[%zu]", i + 1);
        lua_rawgeti(t->L, table, (lua_Integer)i + 1);
        int status = take_value(t, lua_gettop(t->L), &items[i]);
        lua_pop(t->L, 1);
        if (status < 0) {
            unref_items(items, i);
            return status;
        }
        path_cut(t, here);
    }
    int status = flow_list_create(out, items, count);
    free(items);
    return status;
}

struct members {
    struct flow_member *at;
    size_t count;
};

static void unref_members(struct members *m)
{
    for (size_t i = 0; i < m->count; i++) {
        flow_value_unref(m->at[i].key);
        flow_value_unref(m->at[i].value);
    }
    free(m->at);
}

/* The key and the value at the top of the stack become a member. */
static int take_member(struct take *t, struct members *m)
{
    size_t here = t->path_length, length;
    int value = lua_gettop(t->L);
    const char *text = lua_tolstring(t->L, value - 1, &length);
    struct flow_member member;
    int status = flow_string_create(&member.key, text, length);
    if (status == FLOW_EINVAL)
        return refuse(t, "has a key that is not valid UTF-8: keys are text");
    if (status < 0)
        return status;
    path_add_key(t, text);
    status = take_value(t, value, &member.value);
    if (status < 0) {
        flow_value_unref(member.key);
        return status;
    }
    path_cut(t, here);
    m->at[m->count++] = member;
    return FLOW_OK;
}

static int compare_members(const void *a, const void *b)
{
    size_t a_length, b_length;
    const char *a_text = flow_value_text(((const struct flow_member *)a)->key, &a_length);
    const char *b_text = flow_value_text(((const struct flow_member *)b)->key, &b_length);
    int order = memcmp(a_text, b_text, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Members of a plain table come sorted by key: its own order differs from run to run. */
static int take_plain_members(struct take *t, int table, struct members *m)
{
    lua_pushnil(t->L);
    while (lua_next(t->L, table)) {
        int status = take_member(t, m);
        lua_pop(t->L, 1);
        if (status < 0) {
            lua_pop(t->L, 1);
            return status;
        }
    }
    qsort(m->at, m->count, sizeof *m->at, compare_members);
    return FLOW_OK;
}

static int take_ordered_members(struct take *t, int table, struct members *m)
{
    int status = FLOW_OK;
    script_map_push_order(t->L, table);
    int order = lua_gettop(t->L);
    lua_rawgeti(t->L, order, 0);
    lua_Integer places = lua_tointeger(t->L, -1);
    lua_pop(t->L, 1);
    for (lua_Integer i = 1; i <= places && status >= 0; i++) {
        if (lua_rawgeti(t->L, order, i) == LUA_TSTRING) {
            lua_pushvalue(t->L, -1);
            if (lua_rawget(t->L, table) != LUA_TNIL)
                status = take_member(t, m);
            lua_pop(t->L, 1);
        }
        lua_pop(t->L, 1);
    }
    lua_pop(t->L, 1);
    return status;
}

static int take_map(struct take *t, int table, size_t count, struct flow_value *out)
{
    struct members m = {.at = malloc((count ? count : 1) * sizeof *m.at)};
    if (!m.at)
        return FLOW_ENOMEM;
    int status =
        script_map_test(t->L, table) ? take_ordered_members(t, table, &m) : take_plain_members(t, table, &m);
    if (status < 0) {
        unref_members(&m);
        return status;
    }
    status = flow_map_create(out, m.at, m.count);
    free(m.at);
    return status;
}

static int take_table(struct take *t, int table, struct flow_value *out)
{
    const void *self = lua_topointer(t->L, table);
    for (unsigned i = 0; i < t->depth; i++)
        if (t->chain[i] == self)
            return refuse(
                t, "refers back to %.*s: a value cannot contain itself", (int)t->chain_path[i], t->path);
    if (t->depth == MAX_DEPTH)
        return refuse(t, "is nested deeper than %d levels", MAX_DEPTH);
    if (!lua_checkstack(t->L, 8))
        return FLOW_ENOMEM;
    t->chain[t->depth] = self;
    t->chain_path[t->depth++] = t->path_length;
    struct census c = count_keys(t->L, table);
    int status;
    if (c.strings == c.total && (c.total > 0 || script_map_test(t->L, table)))
        status = take_map(t, table, c.total, out);
    else if (c.integers == c.total && c.largest == (lua_Integer)c.total)
        status = take_list(t, table, c.total, out);
    else
        status = refuse_keys(t, table, &c);
    t->depth--;
    return status;
}

static int take_string(lua_State *L, int idx, struct flow_value *out)
{
    size_t length;
    const char *text = lua_tolstring(L, idx, &length);
    int status = flow_string_create(out, text, length);
    return status == FLOW_EINVAL ? flow_bytes_create(out, text, length) : status;
}

static int take_function(struct take *t, int idx, struct flow_value *out)
{
    char printed[LUA_IDSIZE + 32] = "builtin";
    lua_Debug ar;
    lua_pushvalue(t->L, idx);
    lua_getinfo(t->L, ">S", &ar);
    if (ar.linedefined > 0)
        snprintf(printed, sizeof printed, "%s:%d", ar.short_src, ar.linedefined);
    return flow_opaque_create(
        out, "function", script_text_is_utf8(printed, strlen(printed)) ? printed : "lua");
}

static int take_userdata(struct take *t, int idx, struct flow_value *out)
{
    struct script_box *box = script_box_test(t->L, idx);
    if (box) {
        *out = flow_value_ref(box->value);
        return FLOW_OK;
    }
    if (script_null_test(t->L, idx)) {
        *out = flow_null();
        return FLOW_OK;
    }
    struct script_task *task = script_task_test(t->L, idx);
    if (task)
        return flow_opaque_create(out, "task", task->id ? task->id : task->base);
    const char *type = "userdata";
    int pushed = 0;
    if (lua_getmetatable(t->L, idx)) {
        lua_rawgetp(t->L, LUA_REGISTRYINDEX, &name_key);
        if (lua_rawget(t->L, -2) == LUA_TSTRING)
            type = lua_tostring(t->L, -1);
        pushed = 2;
    }
    int status = flow_opaque_create(out, script_text_is_utf8(type, strlen(type)) ? type : "userdata", "");
    lua_pop(t->L, pushed);
    return status;
}

static int take_value(struct take *t, int idx, struct flow_value *out)
{
    lua_State *L = t->L;
    switch (lua_type(L, idx)) {
    case LUA_TNONE:
    case LUA_TNIL: *out = flow_null(); return FLOW_OK;
    case LUA_TBOOLEAN: *out = flow_bool(lua_toboolean(L, idx)); return FLOW_OK;
    case LUA_TNUMBER:
        *out = lua_isinteger(L, idx) ? flow_int(lua_tointeger(L, idx)) : flow_double(lua_tonumber(L, idx));
        return FLOW_OK;
    case LUA_TSTRING: return take_string(L, idx, out);
    case LUA_TTABLE: return take_table(t, idx, out);
    case LUA_TFUNCTION: return take_function(t, idx, out);
    case LUA_TUSERDATA: return take_userdata(t, idx, out);
    case LUA_TTHREAD: return flow_opaque_create(out, "coroutine", "");
    default: return flow_opaque_create(out, "userdata", "");
    }
}

struct flow_value script_value_take(lua_State *L, int idx, const char *what, const char *root)
{
    struct take t;
    struct flow_value out;
    t.L = L;
    t.depth = 0;
    t.path_length = 0;
    t.why[0] = '\0';
    path_cut(&t, 0);
    path_add(&t, "%s", root);
    luaL_checkstack(L, 8, "converting a value");
    int top = lua_gettop(L);
    int status = take_value(&t, lua_absindex(L, idx), &out);
    lua_settop(L, top);
    if (status == FLOW_ENOMEM)
        luaL_error(L, "%s: not enough memory", what);
    if (status < 0)
        luaL_error(L, "%s: %s %s", what, t.path, t.why[0] ? t.why : flow_status_name(status));
    return out;
}

void script_value_register(lua_State *L)
{
    lua_pushliteral(L, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &name_key);
}
