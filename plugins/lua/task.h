/* Task objects: what `task.NAME = function` makes, and what wiring and the context calls take. */
#ifndef LUA_TASK_H
#define LUA_TASK_H

#include "script.h"

/* A full userdata with user value 1 = the function, 2 = the id as a Lua string. Names of parameters point
 * into the function's debug information, which the function keeps alive. */
struct script_task {
    const char *id; /* NULL: gets one when it joins a graph, BASE_1, BASE_2, ... */
    char *base;     /* of an id that is not chosen yet */
    const char *file;
    uint32_t line;
    enum flow_join join;
    uint32_t max_cycles;
    uint32_t max_retries;
    bool wants_ctx;
    bool is_reference; /* names a task of the graph, has no function of its own */
    bool is_template;  /* was called with bound arguments */
    bool is_wired;
    struct script_node *node; /* where it joined a graph while running */
    size_t param_count;
    struct flow_param params[];
};

void script_task_register(lua_State *L);
/* Pushes a namespace (`task`) whose definitions are named in the table at `scope`. */
void script_task_push_namespace(lua_State *L, int scope);
struct script_task *script_task_test(lua_State *L, int idx); /* or NULL */
/* Pushes an object that stands for a task of the graph. */
void script_task_push_reference(lua_State *L, const char *id);
/* Gives the task at idx its id if it has none yet; is_taken says which ids are. */
const char *script_task_name(lua_State *L, int idx, bool (*is_taken)(void *user, const char *id), void *user);
/* The definition to hand to the engine. Its node comes with it; the engine releases it. Raises when out of
 * memory. */
struct flow_task_def script_task_define(lua_State *L, int idx, struct script_workflow *workflow);
/* The handle of the task at idx (a task object or an id) in the running graph; FLOW_TASK_NONE when it is not
 * there yet, which only a task with a function may be. Raises for everything else, naming `what`. */
flow_task script_task_resolve(lua_State *L, int idx, const char *what);
/* The same, adding it if it is not there. */
flow_task script_task_join_graph(lua_State *L, int idx, const char *what);
void script_node_release(void *user);

/* wire.c */
void script_wire_register(lua_State *L); /* into the task metatable at the top of the stack */
bool script_wire_test(lua_State *L, int idx);

#endif
