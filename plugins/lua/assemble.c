#include <stdlib.h>
#include <string.h>

#include "task.h"
#include "workflow.h"

/* Where the lists are on the stack while workflows are made of them. */
struct lists {
    int mentions, edges, starts;
};

static bool is_taken(void *user, const char *id)
{
    return flow_workflow_find(user, id) != FLOW_TASK_NONE;
}

/* A task that is only a mould for others is no node. */
static bool is_node(const struct script_task *t)
{
    return t->is_wired || !t->is_template;
}

static bool is_member(const struct script_workflow *w, const struct script_task *t)
{
    flow_task handle = t->id ? flow_workflow_find(w->flow, t->id) : FLOW_TASK_NONE;
    return handle != FLOW_TASK_NONE && w->nodes[handle]->task == t;
}

/* Adds the task at the top of the stack. */
static void add_task(lua_State *L, struct script_workflow *w)
{
    struct flow_error err = FLOW_ERROR_INIT;
    if (w->node_count == w->node_capacity) {
        size_t capacity = w->node_capacity ? w->node_capacity * 2 : 16;
        struct script_node **grown = realloc(w->nodes, capacity * sizeof(struct script_node *));
        if (!grown)
            luaL_error(L, "not enough memory");
        w->nodes = grown;
        w->node_capacity = capacity;
    }
    script_task_name(L, lua_gettop(L), is_taken, w->flow);
    struct flow_task_def def = script_task_define(L, lua_gettop(L), w);
    if (flow_workflow_add_task(w->flow, &def, NULL, &err) < 0)
        luaL_error(L, "%s", err.text);
    w->nodes[w->node_count++] = def.user;
}

/* number: of the workflow; is_only: what stands outside of all bodies is its own too. */
static void add_tasks(lua_State *L, const struct lists *lists, size_t number, bool is_only)
{
    struct script_workflow *w = script_of(L)->workflows[number - 1];
    lua_Integer length = (lua_Integer)lua_rawlen(L, lists->mentions);
    for (lua_Integer i = 1; i <= length; i += SCRIPT_MENTION_SIZE) {
        lua_rawgeti(L, lists->mentions, i);
        size_t owner = (size_t)lua_tointeger(L, -1);
        lua_rawgeti(L, lists->mentions, i + 1);
        const struct script_task *t = lua_touserdata(L, -1);
        bool is_ours = owner == number || (is_only && owner == 0);
        if (is_ours && is_node(t) && !is_member(w, t))
            add_task(L, w);
        lua_pop(L, 2);
    }
    if (w->node_count == 0)
        luaL_error(
            L, "workflow '%s' has no tasks: define one with task.NAME = function(ctx) ... end", w->name);
}

static void add_edges(lua_State *L, const struct lists *lists, size_t number, bool is_only)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct script_workflow *w = script_of(L)->workflows[number - 1];
    lua_Integer length = (lua_Integer)lua_rawlen(L, lists->edges);
    for (lua_Integer i = 1; i <= length; i += SCRIPT_EDGE_SIZE) {
        for (lua_Integer field = 0; field < SCRIPT_EDGE_SIZE; field++)
            lua_rawgeti(L, lists->edges, i + field);
        size_t owner = (size_t)lua_tointeger(L, -4);
        if (owner == 0 && !is_only)
            luaL_error(L,
                "%swiring outside of a workflow's body: this file has several workflows, so wire inside the "
                "body of one",
                lua_tostring(L, -1));
        const struct script_task *from = lua_touserdata(L, -3), *to = lua_touserdata(L, -2);
        bool is_ours = owner == number || owner == 0;
        if (is_ours && flow_workflow_add_edge(w->flow, flow_workflow_find(w->flow, from->id),
                           flow_workflow_find(w->flow, to->id), &err) < 0)
            luaL_error(L, "%s%s", lua_tostring(L, -1), err.text);
        lua_pop(L, SCRIPT_EDGE_SIZE);
    }
}

static void set_start(lua_State *L, const struct lists *lists, size_t number)
{
    struct flow_error err = FLOW_ERROR_INIT;
    const struct script_workflow *w = script_of(L)->workflows[number - 1];
    if (lua_rawgeti(L, lists->starts, (lua_Integer)number) != LUA_TNIL) {
        const struct script_task *t = script_task_test(L, -1);
        const char *id = t ? t->id : lua_tostring(L, -1);
        flow_task start = id ? flow_workflow_find(w->flow, id) : FLOW_TASK_NONE;
        if (start == FLOW_TASK_NONE)
            luaL_error(
                L, "workflow '%s' is to start at '%s', which is no task of it", w->name, id ? id : "?");
        if (flow_workflow_set_start(w->flow, start, &err) < 0)
            luaL_error(L, "%s", err.text);
    }
    lua_pop(L, 1);
}

/* A file without any `workflow` is one, named as the file. */
static void add_implicit_workflow(lua_State *L, const struct lists *lists)
{
    const struct script *s = script_of(L);
    if (lua_rawlen(L, lists->mentions) == 0)
        luaL_error(L, "%s defines no task: define one with task.NAME = function(ctx) ... end", s->name);
    const char *dot = strrchr(s->name, '.');
    lua_pushlstring(L, s->name, dot && dot > s->name ? (size_t)(dot - s->name) : strlen(s->name));
    script_workflow_add(L, script_text(L, -1));
}

void script_workflow_assemble(lua_State *L)
{
    struct script *s = script_of(L);
    struct lists lists;
    script_workflow_push_lists(L);
    lists.mentions = lua_gettop(L) - 2;
    lists.edges = lua_gettop(L) - 1;
    lists.starts = lua_gettop(L);
    if (s->workflow_count == 0)
        add_implicit_workflow(L, &lists);
    for (size_t i = 0; i < s->workflow_count; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct script_workflow *w = s->workflows[i];
        if (flow_loader_workflow(s->loader, w->name, &w->flow, &err) < 0)
            luaL_error(L, "%s", err.text);
        bool is_only = s->workflow_count == 1;
        add_tasks(L, &lists, i + 1, is_only);
        add_edges(L, &lists, i + 1, is_only);
        set_start(L, &lists, i + 1);
    }
}
