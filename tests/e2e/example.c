#include "tests/e2e/example.h"

#include <stdio.h>
#include <string.h>

struct term *example_open_(const struct example *example)
{
    enum { MOST = 12 };
    char options[200];
    const char *argv[MOST] = {term_build_path("tui/flowdbg"), "--seed", example->seed ? example->seed : "1"};
    size_t count = 3;
    snprintf(options, sizeof options, "%s", example->options ? example->options : "");
    for (char *word = strtok(options, " "); word && count < MOST - 2; word = strtok(NULL, " "))
        argv[count++] = word;
    argv[count] = example->file;
    struct term *t = term_start_(&(struct term_options){
        .argv = argv,
        .rows = example->rows,
        .cols = example->cols,
        .env = example->env,
        .cwd = term_source_path("plugins/examples"),
    });
    term_sync_(t);
    term_wait_text_(t, "paused");
    term_sync_(t);
    return t;
}

struct term *example_open_page_(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "page/%s.lua", name);
    return example_open_(&(struct example){.file = file});
}

struct term *example_open_workflow_(const char *name, const char *options)
{
    char file[64];
    snprintf(file, sizeof file, "tests/e2e/workflows/%s.lua", name);
    return example_open_(&(struct example){.file = term_source_path(file), .options = options});
}

void example_type_(struct term *t, const char *keys)
{
    term_type_(t, keys);
    if (term_find(t, " yes ", NULL, NULL))
        term_type_(t, "y");
}
