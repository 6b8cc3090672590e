#include "tui/prompt/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/prompt/prompt.h"
#include "tui/prompt/wide.h"

#define LINE_MAX_BYTES 8192

int prompt_history_path(char **out)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct str path = {0};
    if (state && state[0] == '/')
        str_addf(&path, "%s/flowdbg/history", state);
    else if (home && home[0] == '/')
        str_addf(&path, "%s/.local/state/flowdbg/history", home);
    else
        return FLOW_NOT_FOUND;
    char *text = str_take(&path);
    if (!text)
        return FLOW_ENOMEM;
    *out = text;
    return FLOW_OK;
}

static void complain(struct line_history *h, const char *what)
{
    if (h->error.length == 0)
        str_addf(&h->error, "history is not kept: %s '%s': %s", what, h->path, strerror(errno));
}

/* Into memory only. */
static int remember(struct line_history *h, const char *line)
{
    char *copy = mem_strdup(line);
    wchar_t *wide = wide_from_utf8(line);
    if (!copy || !wide || vec_reserve(&h->lines, 1) < 0) {
        mem_free(copy);
        mem_free(wide);
        return FLOW_ENOMEM;
    }
    if (h->lines.count >= HISTORY_MAX) {
        mem_free(h->lines.at[0]);
        vec_remove(&h->lines, 0);
    }
    h->lines.at[h->lines.count++] = copy;
    HistEventW event;
    history_w(h->edit, &event, H_ENTER, wide);
    mem_free(wide);
    return FLOW_OK;
}

static bool is_worth_keeping(const struct line_history *h, const char *line)
{
    if (line[strspn(line, " \t")] == '\0' || strlen(line) > LINE_MAX_BYTES)
        return false;
    return h->lines.count == 0 || strcmp(vec_last(&h->lines), line) != 0;
}

/* Brings a file that has grown back to what fits, in one step that another session cannot see half of. */
static void rewrite(struct line_history *h)
{
    struct str name = {0};
    str_addf(&name, "%s.%ld", h->path, (long)getpid());
    int fd = name.failed ? -1 : open(str_text(&name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (f) {
        for (size_t i = 0; i < h->lines.count; i++)
            fprintf(f, "%s\n", h->lines.at[i]);
        bool whole = !ferror(f);
        if (fclose(f) != 0 || !whole || rename(str_text(&name), h->path) < 0)
            unlink(str_text(&name));
    } else if (fd >= 0) {
        close(fd);
    }
    str_finish(&name);
}

static int load(struct line_history *h)
{
    FILE *f = fopen(h->path, "re");
    if (!f) {
        if (errno != ENOENT)
            complain(h, "reading");
        return FLOW_OK;
    }
    char *line = NULL;
    size_t size = 0, count = 0;
    int status = FLOW_OK;
    for (ssize_t n; status == FLOW_OK && (n = getline(&line, &size, f)) >= 0; count++) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        if (strlen(line) == (size_t)n && is_worth_keeping(h, line))
            status = remember(h, line);
    }
    if (ferror(f))
        complain(h, "reading");
    free(line);
    fclose(f);
    if (status == FLOW_OK && count > (size_t)2 * HISTORY_MAX)
        rewrite(h);
    return status;
}

int line_history_init(struct line_history *h, const char *path)
{
    h->edit = history_winit();
    HistEventW event;
    if (!h->edit || history_w(h->edit, &event, H_SETSIZE, HISTORY_MAX) < 0)
        return FLOW_ENOMEM;
    if (!path)
        return FLOW_OK;
    h->path = mem_strdup(path);
    return h->path ? load(h) : FLOW_ENOMEM;
}

void line_history_finish(struct line_history *h)
{
    for (size_t i = 0; i < h->lines.count; i++)
        mem_free(h->lines.at[i]);
    vec_finish(&h->lines);
    if (h->edit)
        history_wend(h->edit);
    h->edit = NULL;
    mem_free(h->path);
    h->path = NULL;
    str_finish(&h->error);
}

/* Makes the folders above the file. */
static void make_folders(const char *path)
{
    char *copy = mem_strdup(path);
    for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700); /* if it fails, opening the file says why */
        *slash = '/';
    }
    mem_free(copy);
}

static int open_to_append(const char *path)
{
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    int fd = open(path, flags, 0600);
    if (fd < 0 && errno == ENOENT) {
        make_folders(path);
        fd = open(path, flags, 0600);
    }
    return fd;
}

/* One write a line: lines of sessions that share the file do not mix. */
static void save(struct line_history *h, const char *line)
{
    struct str text = {0};
    str_addf(&text, "%s\n", line);
    int fd = open_to_append(h->path);
    if (fd < 0 || text.failed || write(fd, text.text, text.length) != (ssize_t)text.length)
        complain(h, "writing");
    if (fd >= 0)
        close(fd);
    str_finish(&text);
}

int line_history_add(struct line_history *h, const char *line)
{
    if (!is_worth_keeping(h, line))
        return FLOW_OK;
    int status = remember(h, line);
    if (status == FLOW_OK && h->path)
        save(h, line);
    return status;
}
