/* Drawings as people see them: tests/golden/graph/NAME.edges against NAME.txt. FLOWDBG_UPDATE_GOLDEN=1
 * rewrites. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/error.h"
#include "tests/unit/tui/graph_build.h"

static const char *directory;

static const struct {
    const char *title;
    enum graph_zoom zoom;
    enum graph_direction direction;
    enum graph_glyphs glyphs;
} looks[] = {
    {"boxes", GRAPH_BOX, GRAPH_DOWN, GRAPH_UNICODE},
    {"lines", GRAPH_LINE, GRAPH_DOWN, GRAPH_UNICODE},
    {"lines, ASCII", GRAPH_LINE, GRAPH_DOWN, GRAPH_ASCII},
    {"dots", GRAPH_DOT, GRAPH_DOWN, GRAPH_UNICODE},
    {"to the right", GRAPH_LINE, GRAPH_RIGHT, GRAPH_UNICODE},
};

static void draw_looks(const char *name, struct str *out)
{
    char path[512];
    struct graph_layout *g = graph_build("", looks[0].zoom, looks[0].direction);
    snprintf(path, sizeof path, "%s/%s.edges", directory, name);
    graph_build_add_file(g, path);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        assert_int_equal(graph_layout_set_zoom(g, looks[i].zoom), FLOW_OK);
        assert_int_equal(graph_layout_set_direction(g, looks[i].direction), FLOW_OK);
        str_addf(out, "--- %s ---\n", looks[i].title);
        graph_build_text(g, looks[i].glyphs, out);
    }
    graph_layout_destroy(g);
}

static void read_file(const char *path, struct str *out)
{
    char bytes[4096];
    size_t count;
    FILE *in = fopen(path, "r");
    if (!in)
        fail_msg("there is no golden %s; FLOWDBG_UPDATE_GOLDEN=1 writes it", path);
    while ((count = fread(bytes, 1, sizeof bytes, in)) > 0)
        str_add_bytes(out, bytes, count);
    fclose(in);
}

static void check(const char *name)
{
    struct str drawn = {0}, golden = {0};
    char path[512];
    const char *update = getenv("FLOWDBG_UPDATE_GOLDEN");
    draw_looks(name, &drawn);
    snprintf(path, sizeof path, "%s/%s.txt", directory, name);
    if (update && *update && strcmp(update, "0") != 0) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(str_text(&drawn), file);
        fclose(file);
    }
    read_file(path, &golden);
    if (strcmp(str_text(&drawn), str_text(&golden)) != 0)
        fail_msg("%s.txt differs; now it is drawn as\n%s", name, str_text(&drawn));
    str_finish(&drawn);
    str_finish(&golden);
}

static void an_order_flow_looks_as_it_did(void **state)
{
    (void)state;
    check("order_flow");
}

static void an_agent_loop_looks_as_it_did(void **state)
{
    (void)state;
    check("agent");
}

static void a_state_machine_looks_as_it_did(void **state)
{
    (void)state;
    check("machine");
}

static void several_parts_look_as_they_did(void **state)
{
    (void)state;
    check("parts");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_flow_looks_as_it_did),
        cmocka_unit_test(an_agent_loop_looks_as_it_did),
        cmocka_unit_test(a_state_machine_looks_as_it_did),
        cmocka_unit_test(several_parts_look_as_they_did),
    };
    if (argc < 2)
        return 2;
    directory = argv[1];
    return RUN_TESTS(tests);
}
