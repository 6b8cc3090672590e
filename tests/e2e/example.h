/* Opens flowdbg on a workflow, and waits until it stands before the first task. */
#ifndef TESTS_E2E_EXAMPLE_H
#define TESTS_E2E_EXAMPLE_H

#include "tests/e2e/term.h"

/* All zero but the file is valid. */
struct example {
    const char *file;    /* under plugins/examples, or absolute */
    const char *options; /* further ones, separated by blanks */
    const char *seed;    /* NULL: 1 */
    int rows, cols;
    const char *const *env;
};

struct term *example_open_(const struct example *example);
/* plugins/examples/page/NAME.lua, 80 by 24. */
struct term *example_open_page_(const char *name);
/* tests/e2e/workflows/NAME.lua, 80 by 24. */
struct term *example_open_workflow_(const char *name, const char *options);
/* Types, and says yes if that is asked. */
void example_type_(struct term *t, const char *keys);

#define example_open(...)                    TERM_AT_(example_open_(&(struct example){__VA_ARGS__}))
#define example_open_page(name)              TERM_AT_(example_open_page_(name))
#define example_open_workflow(name, options) TERM_AT_(example_open_workflow_(name, options))
#define example_type(t, keys)                TERM_AT_(example_type_(t, keys))

#endif
