/* What the loader refuses, and in which words: each names the file, what is wrong with it, and what to do. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "flow/flow.h"

static const char *plugin_dir;

/* Tries to load a plugin of tests/plugins; fails the test if it loads. */
static int refusal_of(const char *file, char *path, size_t size, struct flow_error *err)
{
    struct flow_loader *loader = NULL;
    snprintf(path, size, "%s/%s", plugin_dir, file);
    assert_int_equal(flow_loader_create(&loader, err), FLOW_OK);
    int status = flow_loader_add_plugin(loader, path, err);
    if (status >= 0)
        fail_msg("%s was loaded", file);
    assert_int_equal(flow_loader_workflow_count(loader), 0);
    assert_int_equal(flow_loader_plugin_at(loader, 0, NULL, NULL, NULL), FLOW_END);
    flow_loader_destroy(loader);
    assert_int_equal(err->code, status);
    return status;
}

/* {path} in the expected message stands for the path that was asked for. */
static void assert_message(const char *file, const char *path, const char *expected, const char *got)
{
    static const char mark[] = "{path}";
    char wanted[1020] = "";
    size_t length = 0;
    for (const char *c = expected; *c && length < sizeof wanted;) {
        bool is_mark = strncmp(c, mark, sizeof mark - 1) == 0;
        length += (size_t)snprintf(
            wanted + length, sizeof wanted - length, "%.*s", is_mark ? 4096 : 1, is_mark ? path : c);
        c += is_mark ? sizeof mark - 1 : 1;
    }
    if (strcmp(wanted, got) != 0)
        fail_msg("%s:\n  expected: %s\n       got: %s", file, wanted, got);
}

/* Several plugins in one loader: what one brought stays when the next is refused. */
static void a_refused_plugin_leaves_the_others_as_they_were(void **state)
{
    (void)state;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_loader *loader = NULL;
    char path[4096];
    assert_int_equal(flow_loader_create(&loader, &err), FLOW_OK);
    snprintf(path, sizeof path, "%s/bad_tasks.so", plugin_dir);
    assert_int_equal(flow_loader_add_plugin(loader, path, &err), FLOW_OK);
    size_t count = flow_loader_workflow_count(loader);
    snprintf(path, sizeof path, "%s/same_task_twice.so", plugin_dir);
    assert_int_equal(flow_loader_add_plugin(loader, path, &err), FLOW_EEXIST);
    assert_int_equal(flow_loader_workflow_count(loader), count);
    assert_non_null(flow_loader_find(loader, "segfault"));
    assert_null(flow_loader_find(loader, "etl"));
    flow_loader_destroy(loader);
}

static void each_refusal_names_the_file_the_reason_and_the_way_out(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int status;
        const char *message;
    } rows[] = {
        {"no_symbol.so", FLOW_EFORMAT, "'{path}' is no flow plugin: it exports no symbol flow_plugin"},
        {"wrong_major.so", FLOW_EVERSION,
            "plugin '{path}' was made for ABI 2.0, this library has 1.0: compile it for this version"},
        {"newer_minor.so", FLOW_EVERSION,
            "plugin '{path}' was made for ABI 1.1, this library has 1.0: compile it for this version"},
        {"too_small.so", FLOW_EFORMAT,
            "plugin '{path}': flow_plugin says it has 16 bytes, it needs 64: begin it with "
            "FLOW_PLUGIN_HEADER"},
        {"no_name.so", FLOW_EFORMAT, "plugin '{path}': flow_plugin has no name"},
        {"empty_name.so", FLOW_EFORMAT, "plugin '{path}': flow_plugin has no name"},
        {"brings_nothing.so", FLOW_EFORMAT, "plugin '{path}' has neither load nor host: it brings nothing"},
        {"half_a_host.so", FLOW_EFORMAT,
            "plugin '{path}': its host needs a size, extensions and an open function"},
        {"fails_with_words.so", FLOW_EIO,
            "loading plugin '{path}': reading models.db: no such file: set MODELS to its folder"},
        {"fails_silently.so", FLOW_EINVAL,
            "loading plugin '{path}': its load function failed without a word (not valid)"},
        {"same_task_twice.so", FLOW_EEXIST,
            "loading plugin '{path}': task 'fetch' is defined at a.c:1 and again at b.c:2: ids are unique in "
            "a workflow"},
        {"same_workflow_twice.so", FLOW_EEXIST,
            "loading plugin '{path}': there are two workflows named 'etl'"},
        {"not_a_plugin.so", FLOW_EIO, "cannot load plugin '{path}': invalid ELF header"},
        {"needs_missing.so", FLOW_EIO,
            "cannot load plugin '{path}': libnot-on-this-machine.so.9: cannot open shared object file: No "
            "such "
            "file or directory"},
        {"not_there.so", FLOW_EIO,
            "cannot load plugin '{path}': cannot open shared object file: No such file or directory"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        char path[4096];
        assert_int_equal(refusal_of(rows[i].file, path, sizeof path, &err), rows[i].status);
        assert_message(rows[i].file, path, rows[i].message, err.text);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_names_the_file_the_reason_and_the_way_out),
        cmocka_unit_test(a_refused_plugin_leaves_the_others_as_they_were),
    };
    if (argc != 2)
        return 2;
    plugin_dir = argv[1];
    return RUN_TESTS(tests);
}
