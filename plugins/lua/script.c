/* Opening and closing a file, and the plugin's entry point. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "workflow.h"

void script_ref(struct script *s)
{
    s->refs++;
}

void script_unref(struct script *s)
{
    if (!s || --s->refs > 0)
        return;
    if (s->L)
        lua_close(s->L);
    for (size_t i = 0; i < s->workflow_count; i++) {
        free(s->workflows[i]->name);
        free(s->workflows[i]->nodes);
        free(s->workflows[i]);
    }
    free(s->workflows);
    free(s->folder);
    free(s->name);
    free(s);
}

static int parse_allow(const char *words, unsigned *allow, struct flow_error *err)
{
    static const struct {
        const char *word;
        unsigned bit;
    } known[] = {{"io", SCRIPT_ALLOW_IO}, {"os", SCRIPT_ALLOW_OS}, {"clock", SCRIPT_ALLOW_CLOCK}};
    while (words && *words) {
        size_t length = strcspn(words, ",");
        bool is_known = length == 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            if (strlen(known[i].word) == length && strncmp(words, known[i].word, length) == 0) {
                *allow |= known[i].bit;
                is_known = true;
            }
        }
        if (!is_known)
            return flow_error_set(
                err, FLOW_EINVAL, "--allow %.*s: a Lua workflow knows io, os and clock", (int)length, words);
        words += length + (words[length] == ',');
    }
    return FLOW_OK;
}

static struct script *create(struct flow_loader *loader, const char *path)
{
    struct script *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->refs = 1;
    s->loader = loader;
    s->is_loading = true;
    const char *slash = strrchr(path, '/');
    s->folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("");
    s->name = strdup(slash ? slash + 1 : path);
    s->L = luaL_newstate();
    if (!s->folder || !s->name || !s->L) {
        script_unref(s);
        return NULL;
    }
    *(struct script **)lua_getextraspace(s->L) = s;
    return s;
}

/* Everything that may raise while a file is opened. Argument: the request. Leaves the context object. */
static int load(lua_State *L)
{
    const struct flow_host_request *request = lua_touserdata(L, 1);
    script_sandbox_create(L, request);
    script_chunk_load(L, script_of(L)->name);
    for (size_t i = 0; i < request->arg_count; i++) {
        luaL_checkstack(L, 4, "too many arguments");
        lua_pushstring(L, request->args[i]);
    }
    lua_call(L, (int)request->arg_count, 0);
    script_workflow_assemble(L);
    script_context_register(L);
    return 1;
}

int script_open(
    struct flow_loader *loader, const struct flow_host_request *request, void **state, struct flow_error *err)
{
    unsigned allow = 0;
    int status = parse_allow(request->allow, &allow, err);
    if (status < 0)
        return status;
    struct script *s = create(loader, request->path);
    if (!s)
        return flow_error_set(err, FLOW_ENOMEM, "not enough memory for Lua");
    s->allow = allow;
    lua_pushcfunction(s->L, script_body_handler);
    lua_pushcfunction(s->L, load);
    lua_pushlightuserdata(s->L, (void *)request);
    lua_pushcfunction(s->L, script_load_handler);
    lua_insert(s->L, SCRIPT_SLOT_CTX);
    if (lua_pcall(s->L, 1, 1, SCRIPT_SLOT_CTX) != LUA_OK) {
        const char *message = lua_tostring(s->L, -1);
        status = flow_error_set(err, FLOW_EINVAL, "%s", message ? message : "an error that is no text");
        s->is_loading = false;
        script_unref(s);
        return status;
    }
    lua_remove(s->L, SCRIPT_SLOT_CTX); /* the handler makes room for the context */
    s->is_loading = false;
    *state = s;
    return FLOW_OK;
}

void script_close(void *state)
{
    script_unref(state);
}

static const struct flow_host host = {
    .size = sizeof(struct flow_host),
    .extensions = "lua",
    .open = script_open,
    .close = script_close,
};

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "lua",
    .version = FLOWDBG_VERSION,
    .description = "runs workflows written in Lua 5.4",
    .host = &host,
};
