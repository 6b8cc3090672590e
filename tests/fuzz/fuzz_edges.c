/* libFuzzer target: any bytes as an edge list, laid out and printed where it is small. The first byte chooses
 * zoom and direction. See fuzz_reader.c for how to build it.
 *
 *     build-fuzz/tests/fuzz/fuzz_edges -max_len=2000 corpus/ */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tui/graph/edge_list.h"
#include "tui/graph/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TASKS_MOST 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct graph_layout_options options = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    struct graph_layout *g;
    if (size < 1)
        return 0;
    options.zoom = (enum graph_zoom)(data[0] % 3);
    options.direction = data[0] & 4 ? GRAPH_RIGHT : GRAPH_DOWN;
    options.spare_rows = data[0] >> 3 & 1;
    int status = graph_layout_create(&g, &options);
    assert(status == FLOW_OK);
    /* In two pieces: what the second one adds is inserted. */
    size_t half = (size - 1) / 2;
    for (int i = 0; i < 2; i++) {
        const char *text = (const char *)data + 1 + (i ? half : 0);
        status = graph_edge_list_read(g, text, i ? size - 1 - half : half, &err);
        assert(status == FLOW_OK || strncmp(err.text, "line ", 5) == 0);
        if (graph_layout_node_count(g) > TASKS_MOST)
            break;
        status = graph_layout_update(g);
        assert(status == FLOW_OK);
    }
    FILE *out = graph_layout_node_count(g) <= TASKS_MOST ? fopen("/dev/null", "w") : NULL;
    if (out) {
        graph_print_text(g, data[0] & 16 ? GRAPH_ASCII : GRAPH_UNICODE, data[0] & 32, out);
        graph_print_json(g, "fuzz", out);
        fclose(out);
    }
    graph_layout_destroy(g);
    return 0;
}
