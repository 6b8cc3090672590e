#include "tui/graph/edge_list.h"

#include <string.h>

#include "base/map.h"
#include "base/str.h"

struct edge_list {
    struct graph_layout *g;
    struct map names; /* label -> node */
    size_t line;
};

/* A part of the text. */
struct word {
    const char *at;
    size_t length;
};

static struct map_name node_name(const void *user, uint32_t index)
{
    const struct edge_list *list = user;
    const char *label = graph_layout_node_label(list->g, index);
    return (struct map_name){label, strlen(label)};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word off the line; false at its end. */
static bool next_word(struct word *line, struct word *out)
{
    size_t start = 0, end;
    while (start < line->length && is_blank(line->at[start]))
        start++;
    for (end = start; end < line->length && !is_blank(line->at[end]);)
        end++;
    if (end == start || line->at[start] == '#')
        return false;
    *out = (struct word){line->at + start, end - start};
    *line = (struct word){line->at + end, line->length - end};
    return true;
}

/* What follows must be safe to print: names with control characters are refused, not shown. */
static int check_name(const struct edge_list *list, const struct word *name, struct flow_error *err)
{
    if (name->length > EDGE_LIST_NAME_MAX)
        return flow_error_set(err, FLOW_ELIMIT, "line %zu: a name of %zu bytes; the most is %u", list->line,
            name->length, EDGE_LIST_NAME_MAX);
    for (size_t i = 0, size; i < name->length; i += size) {
        unsigned c;
        size = utf8_decode(name->at + i, name->length - i, &c);
        if (size == 0)
            return flow_error_set(err, FLOW_EFORMAT, "line %zu: byte 0x%02x is not valid UTF-8", list->line,
                (unsigned char)name->at[i]);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return flow_error_set(
                err, FLOW_EFORMAT, "line %zu: control character 0x%02x in a name", list->line, c);
    }
    return FLOW_OK;
}

static int add_task(struct edge_list *list, const struct word *name, uint32_t *id, struct flow_error *err)
{
    char label[EDGE_LIST_NAME_MAX + 1];
    int status = check_name(list, name, err);
    if (status < 0)
        return status;
    *id = map_find(&list->names, name->at, name->length);
    if (*id != MAP_NONE)
        return FLOW_OK;
    if (graph_layout_node_count(list->g) >= EDGE_LIST_TASKS_MAX)
        return flow_error_set(
            err, FLOW_ELIMIT, "line %zu: more than %u tasks", list->line, EDGE_LIST_TASKS_MAX);
    memcpy(label, name->at, name->length);
    label[name->length] = '\0';
    status = graph_layout_add_node(list->g, label, id);
    if (status == FLOW_OK)
        status = map_add(&list->names, name->at, name->length, *id);
    return status < 0 ? flow_error_set(err, status, "out of memory") : FLOW_OK;
}

static int read_line(struct edge_list *list, struct word line, struct flow_error *err)
{
    struct word name;
    uint32_t ends[2];
    int count = 0, status;
    while (next_word(&line, &name)) {
        if (count == 2)
            return flow_error_set(err, FLOW_EFORMAT,
                "line %zu: more than two names; a line is TASK or FROM TO, and names have no blanks",
                list->line);
        if ((status = add_task(list, &name, &ends[count++], err)) < 0)
            return status;
    }
    if (count < 2)
        return FLOW_OK;
    if (graph_layout_edge_count(list->g) >= EDGE_LIST_EDGES_MAX)
        return flow_error_set(
            err, FLOW_ELIMIT, "line %zu: more than %u edges", list->line, EDGE_LIST_EDGES_MAX);
    status = graph_layout_add_edge(list->g, ends[0], ends[1], GRAPH_STATIC, NULL);
    return status < 0 ? flow_error_set(err, status, "out of memory") : FLOW_OK;
}

int graph_edge_list_read(struct graph_layout *g, const char *text, size_t length, struct flow_error *err)
{
    struct edge_list list = {.g = g, .names = {.name_of = node_name}};
    int status = FLOW_OK;
    list.names.user = &list;
    for (uint32_t i = 0; i < graph_layout_node_count(g) && status >= 0; i++) {
        struct map_name name = node_name(&list, i);
        if (map_find(&list.names, name.text, name.length) == MAP_NONE &&
            (status = map_add(&list.names, name.text, name.length, i)) < 0)
            flow_error_set(err, status, "out of memory");
    }
    for (size_t at = 0; at < length && status >= 0;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline ? (size_t)(newline - text) : length;
        list.line++;
        status = read_line(&list, (struct word){text + at, end - at}, err);
        at = end + 1;
    }
    map_finish(&list.names);
    return status;
}
