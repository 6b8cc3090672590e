/* The plugin ABI: what a shared object exports so that libflow can load workflows from it.
 *
 * A plugin exports exactly one symbol, a constant named flow_plugin:
 *
 *     const struct flow_plugin flow_plugin = {
 *         FLOW_PLUGIN_HEADER, .name = "pages", .version = "1.0", .load = load,
 *     };
 *
 * It may bring workflows of its own (`load`), or be a host that loads files of another kind (`host`), or
 * both. It calls libflow's public functions directly and links with libflow.
 *
 * Versions: a plugin made for another major version, or for a newer minor version than the library's, is
 * refused, with both versions in the message. Structs carry their size and grow only at their end. */
#ifndef FLOW_PLUGIN_H
#define FLOW_PLUGIN_H

#include "flow/task.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_ABI_MAJOR 1
#define FLOW_ABI_MINOR 0

struct flow_loader;

/* How a host is asked to load a file. */
struct flow_host_request {
    size_t size;
    const char *path;        /* as the user gave it */
    const char *const *args; /* what followed `--`, arg_count of them */
    size_t arg_count;
    uint64_t seed;     /* for randomness while loading */
    const char *allow; /* comma-separated capabilities: "io,os,clock"; never NULL */
};

struct flow_host {
    size_t size;
    const char *extensions; /* "lua" or "lua,luac": without the dot */
    /* Loads the file: adds its workflows with flow_loader_workflow. *state is handed to close. FLOW_OK or a
     * failure with words: file, line, what to do. */
    int (*open)(struct flow_loader *loader, const struct flow_host_request *request, void **state,
        struct flow_error *err);
    /* After the workflows of the file are destroyed. May be NULL. */
    void (*close)(void *state);
};

struct flow_plugin {
    uint32_t abi_major;
    uint32_t abi_minor;
    size_t size;      /* sizeof(struct flow_plugin) where the plugin was compiled */
    const char *name; /* not empty */
    const char *version;
    const char *description; /* one line, may be NULL */
    /* Adds the plugin's workflows. May be NULL for a pure host. */
    int (*load)(struct flow_loader *loader, struct flow_error *err);
    const struct flow_host *host; /* may be NULL */
    void (*unload)(void);         /* before it is closed; may be NULL */
};

#define FLOW_PLUGIN_HEADER                                                                                   \
    .abi_major = FLOW_ABI_MAJOR, .abi_minor = FLOW_ABI_MINOR, .size = sizeof(struct flow_plugin)

/* A loader holds plugins, the files they opened, and the workflows that came of it. */
FLOW_PUBLIC int flow_loader_create(struct flow_loader **out, struct flow_error *err);
FLOW_PUBLIC void flow_loader_destroy(
    struct flow_loader *loader); /* destroys its workflows, closes files, unloads plugins */
/* Loads a shared object from an explicit path (never searched for). FLOW_EIO: dlopen failed; FLOW_EFORMAT: no
 * flow_plugin in it, or a malformed one; FLOW_EVERSION: made for another ABI; or what its load returned. */
FLOW_PUBLIC int flow_loader_add_plugin(struct flow_loader *loader, const char *path, struct flow_error *err);
/* Opens a file with the loaded host that knows its extension. FLOW_ENOENT: no host does. */
FLOW_PUBLIC int flow_loader_open(
    struct flow_loader *loader, const struct flow_host_request *request, struct flow_error *err);
/* For plugins: creates a workflow owned by the loader. FLOW_EEXIST: the name is taken. */
FLOW_PUBLIC int flow_loader_workflow(
    struct flow_loader *loader, const char *name, struct flow_workflow **out, struct flow_error *err);
/* For hosts: the text of a source file, so that it can be shown and recorded. path as in task definitions;
 * copied. */
FLOW_PUBLIC int flow_loader_source(
    struct flow_loader *loader, const char *path, const char *text, size_t length);

FLOW_PUBLIC size_t flow_loader_workflow_count(const struct flow_loader *loader);
FLOW_PUBLIC struct flow_workflow *flow_loader_workflow_at(const struct flow_loader *loader, size_t index);
FLOW_PUBLIC struct flow_workflow *flow_loader_find(
    const struct flow_loader *loader, const char *name); /* or NULL */
/* The index-th source: FLOW_OK or FLOW_END. Borrowed. */
FLOW_PUBLIC int flow_loader_source_at(
    const struct flow_loader *loader, size_t index, const char **path, const char **text, size_t *length);
/* Name and version of the index-th plugin: FLOW_OK or FLOW_END. Borrowed. */
FLOW_PUBLIC int flow_loader_plugin_at(const struct flow_loader *loader, size_t index, const char **name,
    const char **version, const char **path);

#ifdef __cplusplus
}
#endif

#endif
