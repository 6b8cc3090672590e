/* Which tasks and edges a file defines, and for which workflow. */
#ifndef LUA_WORKFLOW_H
#define LUA_WORKFLOW_H

#include "script.h"

/* Puts `workflow` into the environment at the top of the stack. */
void script_workflow_register(lua_State *L);
struct script_workflow *script_workflow_add(lua_State *L, const char *name);
/* The task at idx is named in the workflow whose body runs, or in the file outside of all. */
void script_workflow_mention(lua_State *L, int idx);
void script_workflow_edge(lua_State *L, int from, int to);

/* Pushes three lists. Mentions: owner, task, owner, task, ...; the owner is a workflow from 1, or 0 for the
 * file outside of all bodies. Edges: owner, from, to, where, ... Starts: [workflow] = task or id. */
enum { SCRIPT_MENTION_SIZE = 2, SCRIPT_EDGE_SIZE = 4 };
void script_workflow_push_lists(lua_State *L);

/* assemble.c: makes flow workflows of all that was said; raises with the reason. */
void script_workflow_assemble(lua_State *L);

#endif
