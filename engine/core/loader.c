/* The plugin host: shared objects, the files they open, and the workflows that come of them.
 *
 * A plugin is code that nobody here wrote: what it says of itself is checked before it is believed, and an
 * add or open that fails leaves the loader as it was. */
#include <dlfcn.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "flow/plugin.h"

struct loaded_plugin {
    void *handle; /* of dlopen */
    const struct flow_plugin *plugin;
    char *path;
};

struct opened_file {
    const struct flow_host *host;
    void *state;
};

struct source_text {
    char *path;
    char *text;
    size_t length;
};

struct flow_loader {
    struct {
        VEC(struct loaded_plugin);
    } plugins;
    struct {
        VEC(struct opened_file);
    } files;
    struct {
        VEC(struct flow_workflow *);
    } workflows;
    struct {
        VEC(struct source_text);
    } sources;
};

int flow_loader_create(struct flow_loader **out, struct flow_error *err)
{
    struct flow_loader *loader = mem_zalloc(sizeof *loader);
    if (!loader)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory creating a loader");
    *out = loader;
    return FLOW_OK;
}

static void source_finish(struct source_text *source)
{
    mem_free(source->path);
    mem_free(source->text);
}

/* Goes back to that many workflows and sources. */
static void forget_beyond(struct flow_loader *loader, size_t workflows, size_t sources)
{
    while (loader->workflows.count > workflows)
        flow_workflow_destroy(vec_pop(&loader->workflows));
    while (loader->sources.count > sources)
        source_finish(&vec_pop(&loader->sources));
}

static void plugin_finish(struct loaded_plugin *loaded)
{
    if (loaded->plugin && loaded->plugin->unload)
        loaded->plugin->unload();
    dlclose(loaded->handle);
    mem_free(loaded->path);
}

/* Workflows first: their tasks' release functions live in the files' hosts and the plugins. */
void flow_loader_destroy(struct flow_loader *loader)
{
    if (!loader)
        return;
    forget_beyond(loader, 0, 0);
    while (loader->files.count) {
        struct opened_file file = vec_pop(&loader->files);
        if (file.host->close)
            file.host->close(file.state);
    }
    while (loader->plugins.count)
        plugin_finish(&vec_pop(&loader->plugins));
    vec_finish(&loader->plugins);
    vec_finish(&loader->files);
    vec_finish(&loader->workflows);
    vec_finish(&loader->sources);
    mem_free(loader);
}

/* Only what every version has may be read before the version is known to fit. */
static int check_plugin(const struct flow_plugin *plugin, const char *path, struct flow_error *err)
{
    const size_t first_version = offsetof(struct flow_plugin, unload) + sizeof plugin->unload;
    if (plugin->abi_major != FLOW_ABI_MAJOR || plugin->abi_minor > FLOW_ABI_MINOR)
        return flow_error_set(err, FLOW_EVERSION,
            "plugin '%s' was made for ABI %u.%u, this library has %u.%u: compile it for this version", path,
            plugin->abi_major, plugin->abi_minor, FLOW_ABI_MAJOR, FLOW_ABI_MINOR);
    if (plugin->size < first_version)
        return flow_error_set(err, FLOW_EFORMAT,
            "plugin '%s': flow_plugin says it has %zu bytes, it needs %zu: begin it with FLOW_PLUGIN_HEADER",
            path, plugin->size, first_version);
    if (!plugin->name || !*plugin->name)
        return flow_error_set(err, FLOW_EFORMAT, "plugin '%s': flow_plugin has no name", path);
    if (!plugin->load && !plugin->host)
        return flow_error_set(
            err, FLOW_EFORMAT, "plugin '%s' has neither load nor host: it brings nothing", path);
    if (plugin->host &&
        (plugin->host->size < sizeof(struct flow_host) || !plugin->host->extensions || !plugin->host->open))
        return flow_error_set(
            err, FLOW_EFORMAT, "plugin '%s': its host needs a size, extensions and an open function", path);
    return FLOW_OK;
}

/* dlopen searches for a name without a slash; we never do. NULL: out of memory. */
static char *explicit_path(const char *path)
{
    struct str s = {0};
    str_addf(&s, "%s%s", strchr(path, '/') ? "" : "./", path);
    return str_take(&s);
}

/* What dlopen said, without the path in front, which the caller tells too. */
static const char *why_not_opened(const char *path)
{
    const char *text = dlerror();
    size_t length = strlen(path);
    bool has_path = strncmp(text, path, length) == 0 && strncmp(text + length, ": ", 2) == 0;
    return has_path ? text + length + 2 : text;
}

static int open_plugin(struct loaded_plugin *loaded, const char *path, struct flow_error *err)
{
    loaded->path = explicit_path(path);
    if (!loaded->path)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory loading plugin '%s'", path);
    loaded->handle = dlopen(loaded->path, RTLD_NOW | RTLD_LOCAL);
    if (!loaded->handle)
        return flow_error_set(
            err, FLOW_EIO, "cannot load plugin '%s': %s", path, why_not_opened(loaded->path));
    const struct flow_plugin *plugin = dlsym(loaded->handle, "flow_plugin");
    if (!plugin)
        return flow_error_set(
            err, FLOW_EFORMAT, "'%s' is no flow plugin: it exports no symbol flow_plugin", path);
    int status = check_plugin(plugin, path, err);
    if (status == FLOW_OK)
        loaded->plugin = plugin;
    return status;
}

static bool is_loaded(const struct flow_loader *loader, void *handle)
{
    vec_foreach (struct loaded_plugin, loaded, &loader->plugins)
        if (loaded->handle == handle)
            return true;
    return false;
}

int flow_loader_add_plugin(struct flow_loader *loader, const char *path, struct flow_error *err)
{
    struct loaded_plugin loaded = {0};
    size_t workflows = loader->workflows.count, sources = loader->sources.count;
    int status = open_plugin(&loaded, path, err);
    if (status < 0)
        goto fail;
    if (is_loaded(loader, loaded.handle)) { /* the same file again: nothing to add */
        loaded.plugin = NULL;
        goto fail;
    }
    if (vec_push(&loader->plugins, loaded) < 0) {
        status = flow_error_set(err, FLOW_ENOMEM, "out of memory loading plugin '%s'", path);
        loaded.plugin = NULL;
        goto fail;
    }
    if (loaded.plugin->load)
        status = loaded.plugin->load(loader, err);
    if (status >= 0)
        return FLOW_OK;
    if (err && err->code == FLOW_OK)
        flow_error_set(err, status, "its load function failed without a word (%s)", flow_status_name(status));
    flow_error_prefix(err, "loading plugin '%s'", path);
    forget_beyond(loader, workflows, sources);
    loader->plugins.count--;
fail:
    if (loaded.handle)
        plugin_finish(&loaded);
    else
        mem_free(loaded.path);
    return status;
}

/* Is `extension` one of the comma-separated ones? */
static bool list_has(const char *list, const char *extension)
{
    size_t length = strlen(extension);
    for (; *list; list += strspn(list, ",")) {
        size_t each = strcspn(list, ",");
        if (each == length && memcmp(list, extension, length) == 0)
            return true;
        list += each;
    }
    return false;
}

static const struct flow_host *find_host(const struct flow_loader *loader, const char *extension)
{
    vec_foreach (struct loaded_plugin, loaded, &loader->plugins)
        if (loaded->plugin->host && list_has(loaded->plugin->host->extensions, extension))
            return loaded->plugin->host;
    return NULL;
}

static int say_no_host(const struct flow_loader *loader, const char *path, struct flow_error *err)
{
    struct str known = {0};
    vec_foreach (struct loaded_plugin, loaded, &loader->plugins)
        if (loaded->plugin->host)
            str_addf(&known, "%s%s", known.length ? "," : "", loaded->plugin->host->extensions);
    if (known.length)
        flow_error_set(
            err, FLOW_ENOENT, "no loaded plugin opens '%s'; known extensions: %s", path, known.text);
    else
        flow_error_set(err, FLOW_ENOENT, "no loaded plugin opens '%s': load one that does", path);
    str_finish(&known);
    return FLOW_ENOENT;
}

int flow_loader_open(
    struct flow_loader *loader, const struct flow_host_request *request, struct flow_error *err)
{
    size_t workflows = loader->workflows.count, sources = loader->sources.count;
    const char *slash = strrchr(request->path, '/');
    const char *dot = strrchr(slash ? slash : request->path, '.');
    const struct flow_host *host = find_host(loader, dot ? dot + 1 : "");
    if (!host)
        return say_no_host(loader, request->path, err);
    if (vec_reserve(&loader->files, 1) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory opening '%s'", request->path);
    struct opened_file file = {.host = host};
    int status = host->open(loader, request, &file.state, err);
    if (status < 0) {
        forget_beyond(loader, workflows, sources);
        return status;
    }
    return vec_push(&loader->files, file);
}

int flow_loader_workflow(
    struct flow_loader *loader, const char *name, struct flow_workflow **out, struct flow_error *err)
{
    struct flow_workflow *wf = NULL;
    if (name && flow_loader_find(loader, name))
        return flow_error_set(err, FLOW_EEXIST, "there are two workflows named '%s'", name);
    int status = flow_workflow_create(&wf, name, err);
    if (status < 0)
        return status;
    if (vec_push(&loader->workflows, wf) < 0) {
        flow_workflow_destroy(wf);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory creating workflow '%s'", name);
    }
    *out = wf;
    return FLOW_OK;
}

int flow_loader_source(struct flow_loader *loader, const char *path, const char *text, size_t length)
{
    struct source_text source = {mem_strdup(path), mem_strndup(text, length), length};
    if (source.path && source.text && vec_push(&loader->sources, source) == FLOW_OK)
        return FLOW_OK;
    source_finish(&source);
    return FLOW_ENOMEM;
}

size_t flow_loader_workflow_count(const struct flow_loader *loader)
{
    return loader->workflows.count;
}

struct flow_workflow *flow_loader_workflow_at(const struct flow_loader *loader, size_t index)
{
    return index < loader->workflows.count ? loader->workflows.at[index] : NULL;
}

struct flow_workflow *flow_loader_find(const struct flow_loader *loader, const char *name)
{
    for (size_t i = 0; i < loader->workflows.count; i++)
        if (strcmp(flow_workflow_name(loader->workflows.at[i]), name) == 0)
            return loader->workflows.at[i];
    return NULL;
}

int flow_loader_source_at(
    const struct flow_loader *loader, size_t index, const char **path, const char **text, size_t *length)
{
    if (index >= loader->sources.count)
        return FLOW_END;
    *path = loader->sources.at[index].path;
    *text = loader->sources.at[index].text;
    *length = loader->sources.at[index].length;
    return FLOW_OK;
}

int flow_loader_plugin_at(const struct flow_loader *loader, size_t index, const char **name,
    const char **version, const char **path)
{
    if (index >= loader->plugins.count)
        return FLOW_END;
    const struct loaded_plugin *loaded = &loader->plugins.at[index];
    *name = loaded->plugin->name;
    *version = loaded->plugin->version ? loaded->plugin->version : "";
    *path = loaded->path;
    return FLOW_OK;
}
