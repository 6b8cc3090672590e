/* Whether the file that was named can be opened, and if not, which one may have been meant. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug/session_private.h"

/* How far a name is from the one that was typed: 0 when only the ending is missing; above `limit` when it is
 * another name. */
static unsigned distance_of(const char *name, const char *typed, unsigned limit)
{
    const char *ending = strrchr(name, '.');
    size_t length = strlen(typed);
    if (name[0] == '.')
        return limit + 1;
    if (ending && (size_t)(ending - name) == length && memcmp(name, typed, length) == 0)
        return 0;
    return edit_distance(typed, name, limit);
}

/* Adds the path of the nearest name in the same folder; nothing where none is near. */
static void guess(const char *path, struct str *out)
{
    const char *slash = strrchr(path, '/');
    const char *typed = slash ? slash + 1 : path;
    unsigned limit = (unsigned)strlen(typed) / 4 + 1, best = limit + 1;
    struct str folder = {0};
    str_addf(&folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    DIR *dir = folder.failed ? NULL : opendir(folder.text);
    for (const struct dirent *entry; dir && *typed && (entry = readdir(dir));) {
        unsigned distance = distance_of(entry->d_name, typed, limit);
        if (distance >= best)
            continue;
        best = distance;
        str_clear(out);
        str_addf(out, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, entry->d_name);
    }
    if (dir)
        closedir(dir);
    str_finish(&folder);
}

int dbg_workflow_file_check(const char *path, struct flow_error *err)
{
    struct stat about;
    if (!*path)
        return flow_error_set(err, FLOW_EINVAL, "the name of the workflow file is empty");
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return flow_error_set(err, FLOW_EINVAL, "%s is a folder; a workflow is a file", path);
    if (access(path, R_OK) == 0)
        return FLOW_OK;
    int error = errno;
    struct str meant = {0};
    if (error == ENOENT)
        guess(path, &meant);
    int status = flow_error_set(err, error == ENOENT ? FLOW_ENOENT : FLOW_EIO, "%s: %s%s%s%s", path,
        strerror(error), meant.length ? "; did you mean " : "", str_text(&meant), meant.length ? "?" : "");
    str_finish(&meant);
    return status;
}
