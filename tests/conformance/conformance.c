/* conformance FILE...: runs recorded workflows (one JSON object a line) in the `package` profile and compares
 * what happens with the recording. Prints each difference; the last line is "N passed, N failed". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/play.h"

static int play(struct cast *cast, json_t *spec, json_t **report, struct flow_error *err)
{
    const char *mode = json_string_value(json_object_get(spec, "mode"));
    bool is_closed = mode && strcmp(mode, "outside") == 0;
    struct observation seen;
    struct flow_run *run = NULL;

    int status = observation_init(&seen, is_closed);
    if (status < 0)
        goto done;
    struct flow_run_options options = {
        .size = sizeof options,
        .profile = FLOW_PROFILE_PACKAGE,
        .start = json_string_value(json_object_get(spec, "start")),
        .max_steps = (uint64_t)json_integer_value(json_object_get(spec, "max_steps")),
        .hooks = observation_hooks(&seen),
        .is_closed = is_closed,
    };
    status = flow_run_create(&run, cast->workflow, &options, err);
    if (status == FLOW_OK)
        status = flow_run_start(run, err);
    while (status == FLOW_OK)
        status = flow_run_step(run, err);
    if (status == FLOW_END) {
        *report = observation_report(&seen, run);
        status = *report ? FLOW_OK : flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
done:
    flow_run_destroy(run);
    observation_finish(&seen);
    return status;
}

/* Returns the number of differences; a case that cannot be run is one. */
static size_t check_line(const char *label, const char *line)
{
    json_error_t where;
    struct flow_error err = FLOW_ERROR_INIT;
    struct cast cast = {0};
    json_t *report = NULL;
    size_t differences = 1;

    json_t *recorded = json_loads(line, JSON_REJECT_DUPLICATES, &where);
    if (!recorded) {
        printf("%s: not a case: %s\n", label, where.text);
        return 1;
    }
    json_t *spec = json_object_get(recorded, "spec");
    int status = cast_init(&cast, spec, &err);
    if (status == FLOW_OK)
        status = play(&cast, spec, &report, &err);
    if (status == FLOW_OK)
        differences = compare_traces(label, json_object_get(recorded, "trace"), report);
    else
        printf("%s: cannot be run: %s\n", label, err.text);

    json_decref(report);
    cast_finish(&cast);
    json_decref(recorded);
    return differences;
}

static int check_file(const char *path, size_t *passed, size_t *failed)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    if (!file) {
        fprintf(stderr, "conformance: cannot open %s: %s\n", path, strerror(errno));
        return 2;
    }
    for (size_t number = 1; getline(&line, &capacity, file) >= 0; number++) {
        char label[64];
        if (line[strspn(line, " \t\r\n")] == '\0')
            continue;
        snprintf(label, sizeof label, "case %zu", number);
        if (check_line(label, line) == 0)
            ++*passed;
        else
            ++*failed;
    }
    free(line);
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    size_t passed = 0, failed = 0;
    int status = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: conformance FILE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        status |= check_file(argv[i], &passed, &failed);
    printf("%zu passed, %zu failed\n", passed, failed);
    return status ? status : passed == 0 || failed > 0;
}
