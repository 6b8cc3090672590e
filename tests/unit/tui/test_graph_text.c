/* Edge lists in, drawings and JSON out. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "flow/error.h"
#include "tui/graph/edge_list.h"
#include "tui/graph/print.h"

/* A row's text, with its length because of NULs. */
#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *text;
    size_t length;
    uint32_t tasks, edges;
} good[] = {
    {TEXT(""), 0, 0},
    {TEXT("a b"), 2, 1},
    {TEXT("a b\n"), 2, 1},
    {TEXT("a b\r\nb c\r\n"), 3, 2},
    {TEXT("\n\n  \t\na\tb\n"), 2, 1},
    {TEXT("a"), 1, 0},
    {TEXT("a a"), 1, 1},
    {TEXT("a b\na b\n"), 2, 1},
    {TEXT("# only a comment\n#\n"), 0, 0},
    {TEXT("a b # c d\na #b\n"), 2, 1},
    {TEXT("a#1 a#2\n"), 2, 1}, /* a # inside of a name is one of its characters */
    {TEXT("取得 学習\n"), 2, 1},
};

static const struct {
    const char *text;
    size_t length;
    int status;
    const char *words;
} bad[] = {
    {TEXT("a b c\n"), FLOW_EFORMAT, "line 1: more than two names"},
    {TEXT("a b\n\n# x\na -> b\n"), FLOW_EFORMAT, "line 4: more than two names"},
    {TEXT("a b\n\xff\xfe z\n"), FLOW_EFORMAT, "line 2: byte 0xff is not valid UTF-8"},
    {TEXT("a b\nc \xe2\x94"), FLOW_EFORMAT, "line 2: byte 0xe2 is not valid UTF-8"},
    {TEXT("\x7f"
          "ELF\n"),
        FLOW_EFORMAT, "line 1: control character 0x7f"},
    {TEXT("a \0b\n"), FLOW_EFORMAT, "line 1: control character 0x00"},
    {TEXT("a \x1b[2Jb\n"), FLOW_EFORMAT, "line 1: control character 0x1b"},
    {TEXT("a \xc2\x9b\n"), FLOW_EFORMAT, "line 1: control character 0x9b"},
};

static void good_lists_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct graph_layout *g;
        assert_int_equal(graph_layout_create(&g, NULL), FLOW_OK);
        int status = graph_edge_list_read(g, good[i].text, good[i].length, &err);
        if (status != FLOW_OK || graph_layout_node_count(g) != good[i].tasks ||
            graph_layout_edge_count(g) != good[i].edges)
            fail_msg("row %zu: status %d '%s', %u tasks, %u edges", i, status, err.text,
                graph_layout_node_count(g), graph_layout_edge_count(g));
        graph_layout_destroy(g);
    }
}

static void bad_lists_are_refused_with_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct graph_layout *g;
        assert_int_equal(graph_layout_create(&g, NULL), FLOW_OK);
        int status = graph_edge_list_read(g, bad[i].text, bad[i].length, &err);
        if (status != bad[i].status || !strstr(err.text, bad[i].words))
            fail_msg("row %zu: status %d '%s'", i, status, err.text);
        graph_layout_destroy(g);
    }
}

static void a_name_without_end_is_refused(void **state)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct graph_layout *g;
    struct str text = {0};
    (void)state;
    str_add(&text, "a b\n");
    for (unsigned i = 0; i <= EDGE_LIST_NAME_MAX; i++)
        str_add_char(&text, 'x');
    assert_int_equal(graph_layout_create(&g, NULL), FLOW_OK);
    assert_int_equal(graph_edge_list_read(g, text.text, text.length - 1, &err), FLOW_OK);
    assert_int_equal(graph_layout_node_count(g), 3);
    assert_int_equal(graph_edge_list_read(g, text.text, text.length, &err), FLOW_ELIMIT);
    assert_non_null(strstr(err.text, "line 2: a name of 1001 bytes"));
    graph_layout_destroy(g);
    str_finish(&text);
}

static void lists_can_be_read_on_top_of_each_other(void **state)
{
    struct graph_layout *g;
    (void)state;
    assert_int_equal(graph_layout_create(&g, NULL), FLOW_OK);
    assert_int_equal(graph_edge_list_read(g, "a b\n", 4, NULL), FLOW_OK);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    assert_int_equal(graph_edge_list_read(g, "a b\nb c\n", 8, NULL), FLOW_OK);
    assert_int_equal(graph_layout_node_count(g), 3);
    assert_int_equal(graph_layout_edge_count(g), 2);
    graph_layout_destroy(g);
}

static char *printed(const struct graph_layout *g, bool is_json, bool is_utf8)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    int status = is_json ? graph_print_json(g, "x.edges", out)
                         : graph_print_text(g, is_utf8 ? GRAPH_UNICODE : GRAPH_ASCII, is_utf8, out);
    assert_int_equal(status, FLOW_OK);
    fclose(out);
    return text;
}

static void without_utf_8_names_are_question_marks(void **state)
{
    struct graph_layout *g;
    (void)state;
    assert_int_equal(graph_layout_create(&g, &(struct graph_layout_options){.zoom = GRAPH_LINE}), FLOW_OK);
    assert_int_equal(graph_edge_list_read(g, "a é\n", 5, NULL), FLOW_OK);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    char *text = printed(g, false, false);
    assert_string_equal(text, "[a]\n |\n v\n[?]\n");
    free(text);
    graph_layout_destroy(g);
}

static void json_escapes_names(void **state)
{
    struct graph_layout *g;
    uint32_t a, b;
    (void)state;
    assert_int_equal(graph_layout_create(&g, &(struct graph_layout_options){.zoom = GRAPH_LINE}), FLOW_OK);
    assert_int_equal(graph_layout_add_node(g, "\"\\", &a), FLOW_OK);
    assert_int_equal(graph_layout_add_node(g, "\x1b\xff", &b), FLOW_OK);
    assert_int_equal(graph_layout_add_edge(g, a, b, GRAPH_GOTO, NULL), FLOW_OK);
    assert_int_equal(graph_layout_add_edge(g, b, b, GRAPH_ITERATION, NULL), FLOW_OK);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    char *text = printed(g, true, true);
    assert_non_null(strstr(text, "{\"id\":\"\\\"\\\\\","));
    assert_non_null(strstr(text, "{\"id\":\"\\u001b\\ufffd\","));
    assert_non_null(strstr(text, "\"type\":\"goto\",\"kind\":\"fwd\",\"points\":[["));
    assert_non_null(strstr(text, "\"type\":\"iteration\",\"kind\":\"self\",\"points\":[]"));
    free(text);
    graph_layout_destroy(g);
}

/* More rows than are drawn at a time. */
static void a_long_chain_is_printed_whole(void **state)
{
    struct graph_layout *g;
    struct str list = {0};
    unsigned boxes = 0;
    (void)state;
    for (int i = 0; i < 99; i++)
        str_addf(&list, "t%d t%d\n", i, i + 1);
    assert_int_equal(graph_layout_create(&g, &(struct graph_layout_options){.zoom = GRAPH_LINE}), FLOW_OK);
    assert_int_equal(graph_edge_list_read(g, str_text(&list), list.length, NULL), FLOW_OK);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    char *text = printed(g, false, true);
    for (const char *at = text; (at = strchr(at, '[')); at++)
        boxes++;
    assert_int_equal(boxes, 100);
    assert_non_null(strstr(text, "[t99]\n"));
    free(text);
    str_finish(&list);
    graph_layout_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lists_are_read),
        cmocka_unit_test(bad_lists_are_refused_with_the_line),
        cmocka_unit_test(a_name_without_end_is_refused),
        cmocka_unit_test(lists_can_be_read_on_top_of_each_other),
        cmocka_unit_test(without_utf_8_names_are_question_marks),
        cmocka_unit_test(json_escapes_names),
        cmocka_unit_test(a_long_chain_is_printed_whole),
    };
    return RUN_TESTS(tests);
}
