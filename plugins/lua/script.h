/* The Lua host: everything that belongs to one opened .lua file.
 *
 * A script owns one Lua state. It lives from `open` until `close` was called and the last of its tasks was
 * released, whichever comes last: workflows and runs hold nodes, nodes hold the script.
 *
 * The rule for C functions of this plugin: those that take a lua_State and have no `struct flow_error *` may
 * raise a Lua error (out of memory included), so they run under a protected call, and what they hold in
 * malloc'ed memory while calling Lua must not be lost by a jump. */
#ifndef LUA_SCRIPT_H
#define LUA_SCRIPT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "flow/flow.h"

/* What a script may touch beyond its sandbox, from --allow. */
enum script_allow {
    SCRIPT_ALLOW_IO = 1 << 0,
    SCRIPT_ALLOW_OS = 1 << 1,
    SCRIPT_ALLOW_CLOCK = 1 << 2,
};

/* The two slots at the bottom of the main thread's stack: what every step needs, without a table access. */
enum {
    SCRIPT_SLOT_HANDLER = 1, /* the message handler of bodies */
    SCRIPT_SLOT_CTX = 2,     /* the context object */
};

/* A workflow of the file. The Lua side of it (scope, start) is in the tables of workflow.c. */
struct script_workflow {
    char *name;
    struct flow_workflow *flow; /* NULL until the file is loaded; the loader's */
    struct script_node **nodes; /* by flow_task: those that were there before any run */
    size_t node_count;
    size_t node_capacity;
};

struct script {
    lua_State *L;
    unsigned refs;
    struct flow_loader *loader;
    struct flow_ctx *ctx;        /* of the body that runs now, or NULL */
    struct script_node *running; /* its node, or NULL */
    unsigned allow;              /* enum script_allow */
    bool is_loading;
    bool is_watching_lines;
    bool is_output_redirected; /* io.output(file) was called */
    bool has_own_seed; /* the file called math.randomseed with a number: no more numbers from the host */
    char *folder;      /* where the file is, with a final '/'; "" for the current one */
    char *name;        /* of the file, without its folder: how every message names it */
    size_t current;    /* the workflow whose body is being executed, counted from 1; 0: the file itself */
    struct script_workflow **workflows;
    size_t workflow_count;
    size_t workflow_capacity;
    uint64_t object_count; /* numbers that tostring gave to tables and functions */
    const void *box_metatables[FLOW_TYPE_COUNT];
    const void *map_metatable;  /* of tables made by flow.map */
    const void *task_metatable; /* of struct script_task */
};

/* One task of a workflow or a run: what the engine holds of it. */
struct script_node {
    struct script *script;
    struct script_workflow *workflow;
    struct script_task *task;
    flow_task handle; /* of a task added while running; static ones stand in workflow->nodes */
    int fn_ref;       /* the function, in the registry */
    int task_ref;     /* keeps `task` alive */
    unsigned param_count;
    bool wants_ctx;
};

static inline struct script *script_of(lua_State *L)
{
    return *(struct script **)lua_getextraspace(L);
}

/* script.c */
int script_open(struct flow_loader *loader, const struct flow_host_request *request, void **state,
    struct flow_error *err);
void script_close(void *state);
void script_ref(struct script *s);
void script_unref(struct script *s);
/* The context of the body that runs; raises "WHAT is called outside of a task" when none does. */
struct flow_ctx *script_ctx(lua_State *L, const char *what);
/* Raises the words of the last failed call on the context, with file and line. */
int script_raise(lua_State *L, struct flow_ctx *ctx);

/* chunk.c: source text to functions. */
/* Compiles text as NAME, making `a >> b` on a line of its own a statement. Pushes the function and returns
 * LUA_OK, or pushes the message. */
int script_chunk_compile(lua_State *L, const char *text, size_t length, const char *name);
/* Reads FOLDER/NAME, tells the loader its source, compiles it, gives it the file's environment. Pushes the
 * function; raises otherwise. */
void script_chunk_load(lua_State *L, const char *name);
int script_require(lua_State *L);

/* body.c: what the engine calls. */
int script_body_run(struct flow_ctx *ctx, void *user, struct flow_value *result);
int script_body_handler(lua_State *L); /* the message handler of bodies */
int script_load_handler(lua_State *L); /* and of loading: makes any error a text */

/* context.c */
void script_context_register(lua_State *L); /* pushes the context object */

/* sandbox.c and lib_*.c: the environment. */
void script_sandbox_create(lua_State *L, const struct flow_host_request *request); /* pushes it */
void script_sandbox_push(lua_State *L);
/* Puts a function into the table at the top that says which --allow word it needs. */
void script_sandbox_block(lua_State *L, const char *library, const char *name, const char *word);
void script_lib_base(lua_State *L);
void script_lib_io(lua_State *L);
void script_lib_os(lua_State *L);
void script_lib_math(lua_State *L);
void script_lib_table(lua_State *L);
void script_lib_flow(lua_State *L);
/* Prints through the host while a body runs, to the real stream while the file loads. */
void script_print(lua_State *L, int stream, const char *bytes, size_t length);

/* text.c */
/* Pushes the printed form of the value at idx: as tostring, but the same in every run. */
const char *script_tostring(lua_State *L, int idx, size_t *length);
/* The same as UTF-8 without NUL: other bytes become \xNN. What names, messages and errors need. */
const char *script_text(lua_State *L, int idx);
bool script_text_is_utf8(const char *text, size_t length);

#endif
