#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"

/* Where plugins are from the folder of the program: once installed (the build knows), and in the build
 * folder. */
#define PLUGIN_FOLDERS FLOWDBG_PLUGIN_FOLDER ":../plugins"

static int add_plugin(struct dbg_session *s, const char *path)
{
    char *copy = mem_strdup(path);
    const char **plugins = mem_array((void *)s->config.plugins, s->config.plugin_count + 2, sizeof *plugins);
    if (plugins)
        s->config.plugins = plugins;
    if (!copy || !plugins || vec_push(&s->texts, copy) < 0) {
        mem_free(copy);
        return FLOW_ENOMEM;
    }
    plugins[s->config.plugin_count++] = copy;
    return FLOW_OK;
}

/* Looks for FOLDER/EXT.so and FOLDER/EXT/EXT.so. */
static int look_in(
    const char *folder, size_t length, const char *program, const char *extension, struct str *path)
{
    bool is_relative = length > 0 && folder[0] != '/' && program;
    for (size_t i = 0; i < 2; i++) {
        str_clear(path);
        str_addf(path, "%s%s%.*s/", is_relative ? program : "", is_relative ? "/" : "", (int)length, folder);
        if (i == 1)
            str_addf(path, "%s/", extension);
        str_addf(path, "%s.so", extension);
        if (!path->failed && access(path->text, R_OK) == 0)
            return FLOW_OK;
    }
    return FLOW_NOT_FOUND;
}

static int look_in_all(const char *folders, const char *program, const char *extension, struct str *path)
{
    while (*folders) {
        size_t length = strcspn(folders, ":");
        if (length > 0 && look_in(folders, length, program, extension, path) == FLOW_OK)
            return FLOW_OK;
        folders += length + (folders[length] == ':');
    }
    return FLOW_NOT_FOUND;
}

/* The folder of the program, "." where the system does not tell. */
static void find_program_folder(char *buffer, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", buffer, size - 1);
    buffer[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(buffer, '/');
    if (slash)
        *slash = '\0';
    else
        memcpy(buffer, ".", 2);
}

static int search(struct dbg_session *s, const char *extension, struct str *path)
{
    char program[4096];
    const char *folders = s->config.plugin_path ? s->config.plugin_path : getenv("FLOWDBG_PLUGIN_PATH");
    if (folders && look_in_all(folders, NULL, extension, path) == FLOW_OK)
        return FLOW_OK;
    find_program_folder(program, sizeof program);
    return look_in_all(PLUGIN_FOLDERS, program, extension, path);
}

/* Paths must mean the same in the inferior, which may be started in another folder. */
static int make_absolute(struct dbg_session *s, const char **path, struct flow_error *err)
{
    char *absolute = realpath(*path, NULL);
    if (!absolute)
        return flow_error_set(
            err, errno == ENOENT ? FLOW_ENOENT : FLOW_EIO, "%s: %s", *path, strerror(errno));
    char *copy = mem_strdup(absolute);
    free(absolute);
    if (!copy || vec_push(&s->texts, copy) < 0) {
        mem_free(copy);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    *path = copy;
    return FLOW_OK;
}

int dbg_plugin_find(struct dbg_session *s, struct flow_error *err)
{
    const char *name = strrchr(s->config.file, '/') ? strrchr(s->config.file, '/') + 1 : s->config.file;
    const char *extension = strrchr(name, '.');
    int status = FLOW_OK;
    if (!extension || !extension[1])
        return flow_error_set(err, FLOW_EINVAL,
            "%s: the name has no ending that tells what kind of workflow it is (.lua, .so)", s->config.file);
    /* dlopen searches the library path for a name without a slash; and --cwd changes what relative means. */
    if (strcmp(extension, ".so") == 0 || s->config.cwd)
        status = make_absolute(s, &s->config.file, err);
    for (size_t i = 0; i < s->config.plugin_count && status == FLOW_OK; i++)
        status = make_absolute(s, (const char **)&s->config.plugins[i], err);
    if (status < 0 || strcmp(extension, ".so") == 0 || s->config.plugin_count > 0)
        return status;
    struct str path = {0};
    if (search(s, extension + 1, &path) == FLOW_OK)
        status = add_plugin(s, path.text) < 0 ? flow_error_set(err, FLOW_ENOMEM, "out of memory") : FLOW_OK;
    else
        status = flow_error_set(err, FLOW_ENOENT,
            "%s: no plugin for '%s' files was found; name one with --plugin PATH or set FLOWDBG_PLUGIN_PATH",
            s->config.file, extension);
    if (status == FLOW_OK)
        status = make_absolute(s, (const char **)&s->config.plugins[s->config.plugin_count - 1], err);
    str_finish(&path);
    return status;
}
