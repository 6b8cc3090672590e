#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/term_private.h"

static size_t read_file(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length;
}

/* State letter and session of a process; false when it has gone. The name may hold spaces and brackets. */
static bool read_stat(pid_t pid, char *state, pid_t *session)
{
    char text[512];
    if (read_file(pid, "stat", text, sizeof text) == 0)
        return false;
    const char *after_name = strrchr(text, ')');
    int parent, group, id;
    if (!after_name || sscanf(after_name + 1, " %c %d %d %d", state, &parent, &group, &id) != 4)
        return false;
    *session = id;
    return true;
}

/* A process that made a session of its own still has our HOME. */
static bool has_our_home(const struct term *t, pid_t pid)
{
    static char text[65536];
    char wanted[PATH_MAX + 16];
    size_t length = read_file(pid, "environ", text, sizeof text);
    snprintf(wanted, sizeof wanted, "HOME=%s", t->folder);
    for (size_t at = 0; at < length; at += strlen(text + at) + 1) {
        if (strcmp(text + at, wanted) == 0)
            return true;
    }
    return false;
}

int term_list_processes(const struct term *t, pid_t *pids, int max)
{
    int count = 0;
    DIR *folder = opendir("/proc");
    if (!folder)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        pid_t pid = atoi(entry->d_name);
        pid_t session;
        char state;
        if (pid <= 0 || pid == t->leader || !read_stat(pid, &state, &session) || strchr("ZXx", state))
            continue;
        if (session != t->leader && !has_our_home(t, pid))
            continue;
        if (count++ < max)
            pids[count - 1] = pid;
    }
    closedir(folder);
    return count;
}

int term_processes(const struct term *t)
{
    return term_list_processes(t, NULL, 0);
}

static long smaps_value(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? atol(line + strlen(name)) : 0;
}

struct term_memory term_memory(const struct term *t)
{
    struct term_memory sum = {0};
    char text[4096];
    pid_t pids[256];
    int count = term_list_processes(t, pids, 256);
    for (int i = 0; i < count && i < 256; i++) {
        if (read_file(pids[i], "smaps_rollup", text, sizeof text) == 0)
            continue;
        sum.anonymous_kb += smaps_value(text, "Pss_Anon:");
        sum.shared_kb += smaps_value(text, "Pss_Shmem:");
        sum.file_kb += smaps_value(text, "Pss_File:");
    }
    return sum;
}
