/* Recorded against observed, with the differences in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/play.h"

static size_t differ(const char *label, const char *what, const json_t *expected, const json_t *got)
{
    char *wanted = expected ? json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    char *seen = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    printf(
        "%s: %s: expected %s, got %s\n", label, what, wanted ? wanted : "nothing", seen ? seen : "nothing");
    free(wanted);
    free(seen);
    return 1;
}

/* The recorded events that have a counterpart here, without what is only of the recorded program. */
static json_t *comparable_events(json_t *recorded)
{
    json_t *events = json_array();
    size_t i;
    json_t *event;
    json_array_foreach(recorded, i, event)
    {
        const char *ev = json_string_value(json_object_get(event, "ev"));
        if (!ev || strncmp(ev, "wf_", 3) == 0)
            continue;
        json_t *copy = json_copy(event);
        json_object_del(copy, "branch");
        json_array_append_new(events, copy);
    }
    return events;
}

/* Everything after the first difference follows from it: one line is enough. */
static size_t compare_events(const char *label, json_t *recorded, json_t *got)
{
    json_t *expected = comparable_events(recorded);
    size_t count =
        json_array_size(expected) > json_array_size(got) ? json_array_size(expected) : json_array_size(got);
    size_t differences = 0;
    for (size_t i = 0; i < count && differences == 0; i++) {
        json_t *a = json_array_get(expected, i);
        json_t *b = json_array_get(got, i);
        char what[64];
        snprintf(what, sizeof what, "event %zu of %zu", i + 1, json_array_size(expected));
        if (!a || !b || !json_equal(a, b))
            differences += differ(label, what, a, b);
    }
    json_decref(expected);
    return differences;
}

size_t compare_traces(const char *label, json_t *expected, json_t *got)
{
    static const char *const members[] = {
        "steps", "completed", "queue_left", "channel", "cycle_counts", "retry_counts", "nodes", "edges"};
    size_t differences =
        compare_events(label, json_object_get(expected, "events"), json_object_get(got, "events"));

    json_t *error = json_object_get(expected, "error");
    json_t *wanted = json_is_array(error) ? json_array_get(error, 0) : error;
    if (!json_equal(wanted, json_object_get(got, "error")))
        differences += differ(label, "error", wanted, json_object_get(got, "error"));

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *a = json_object_get(json_object_get(expected, "final"), members[i]);
        json_t *b = json_object_get(json_object_get(got, "final"), members[i]);
        char what[64];
        snprintf(what, sizeof what, "final %s", members[i]);
        if (!a || !b || !json_equal(a, b))
            differences += differ(label, what, a, b);
    }
    return differences;
}
