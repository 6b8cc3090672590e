/* The pictures of the README, and goldens of the same screens: a goto, an iteration loop, a dynamic task,
 * each alone, and all of them in one graph; the larger examples; help, a crash, a light and a plain terminal.
 */
#include <stdio.h>

#include "tests/e2e/example.h"
#include "tests/e2e/picture.h"

static void examples_look_as_in_the_readme(void **state)
{
    static const struct {
        const char *file, *keys, *name;
        const char *narrow; /* keys more, where the whole graph would not be seen beside the other views */
    } rows[] = {
        {"page/error_handling.lua", ":goto emergency_handler<Enter>", "goto"},
        {"page/optimization.lua", "nnn", "iteration"},
        {"page/enqueue_demo.lua", "n", "dynamic"},
        {"agent.lua", "nnnnnnnn", "agent"},
        {"etl.lua", "nnnnnnn", "etl"},
        {"etl.lua", "nnnnnnn:goto load<Enter>nn", "together", "z"},
        {"state_machine.lua", "nnnnnnnn", "state_machine"},
    };
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < 2; j++) {
            char name[64];
            struct term *t = example_open(.file = rows[i].file, .rows = sizes[j][0], .cols = sizes[j][1]);
            example_type(t, rows[i].keys);
            if (rows[i].narrow && sizes[j][1] == 80)
                example_type(t, rows[i].narrow);
            snprintf(name, sizeof name, "%s_%dx%d", rows[i].name, sizes[j][1], sizes[j][0]);
            assert_golden(t, name);
            picture_write(t, name);
            term_finish(t);
        }
    }
}

static void a_light_terminal_is_readable(void **state)
{
    struct term *t =
        example_open(.file = "agent.lua", .rows = 30, .cols = 100, .env = TERM_ARGV("FLOWDBG_THEME=light"));
    term_type(t, "nnnnnnnn");
    picture_write_light(t, "light_100x30");
}

static void a_plain_terminal_is_readable(void **state)
{
    struct term *t =
        example_open(.file = "agent.lua", .rows = 24, .cols = 80, .env = TERM_ARGV("LANG=C", "TERM=vt100"));
    term_type(t, "nnnnnnnn");
    assert_golden(t, "ascii_80x24");
    picture_write(t, "ascii_80x24");
}

static void help_is_a_key_away(void **state)
{
    struct term *t = example_open(.file = "agent.lua", .rows = 30, .cols = 100);
    term_type(t, "?");
    picture_write(t, "help_100x30");
}

static void a_crash_leaves_the_screen_standing(void **state)
{
    struct term *t =
        example_open(.file = term_build_path("tests/plugins/bad_tasks.so"), .options = "--workflow segfault");
    term_type(t, "c");
    term_wait_text(t, "SIGSEGV");
    term_sync(t);
    picture_write(t, "crash_80x24");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(examples_look_as_in_the_readme),
        term_test(a_light_terminal_is_readable),
        term_test(a_plain_terminal_is_readable),
        term_test(help_is_a_key_away),
        term_test(a_crash_leaves_the_screen_standing),
    };
    return TERM_RUN_TESTS(tests);
}
