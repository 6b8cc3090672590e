/* Anything a person, or a cat, may type, click and resize: the screen must stand and go on answering. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/term.h"

enum { ROUNDS = 60, ACTIONS = 40 };

/* xorshift64 (Marsaglia 2003). */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* No q, which quits, and no Ctrl-Z, which stops the program. */
static const char *const keys[] = {"n", "s", "f", "c", "b", "T", "t", "g<Enter>", "a<Enter>", "x<Enter>",
    "X<Enter>", "R", "e", "d", "u", "z", "+", "-", "/", ";", ",", ".", "?", ":", "1", "2", "3", "4", "5", "6",
    "7", "8", "<Up>", "<Down>", "<Left>", "<Right>", "<PageUp>", "<PageDown>", "<Home>", "<End>", "<Enter>",
    "<Tab>", "<S-Tab>", "<Esc>", "<Backspace>", "<Delete>", "<Insert>", "<C-c>", "<C-l>", "<C-r>", "<C-a>",
    "<C-w>", "<F1>", "<F5>", "<F9>", "<F10>", "<F11>", "<S-F5>", "<A-x>", "h", "j", "k", "l", "\xc3\xa9",
    "\xe6\xbc\xa2", "\"", "%", "set a [1, {\"b\": 2}]", "goto ", "break *", "%s%n", "'"};

static const char *const files[] = {"agent.lua", "etl.lua", "state_machine.lua", "page/optimization.lua"};

static void act(struct term *t, uint64_t *random)
{
    uint64_t what = next_random(random) % 100;
    int row = (int)(next_random(random) % (uint64_t)term_rows(t));
    int col = (int)(next_random(random) % (uint64_t)term_cols(t));
    if (what < 80)
        term_keys(t, keys[next_random(random) % (sizeof keys / sizeof *keys)]);
    else if (what < 88 && term_mode(t, 1000))
        term_click(t, row, col);
    else if (what < 92 && term_mode(t, 1000))
        term_wheel(t, (int)(next_random(random) % 7) - 3, row, col);
    else if (what < 97)
        term_resize(t, 1 + (int)(next_random(random) % 100), 1 + (int)(next_random(random) % 300));
    else
        term_paste(t, "goto x\nnext\n\x1b[31m\t");
}

/* However it was left: out of every mode, and a whole frame again. */
static void assert_answers(struct term *t)
{
    term_resize(t, 30, 100);
    for (int i = 0; i < 3; i++)
        term_type(t, "<Esc>");
    term_sync(t);
    assert_screen_has(t, "LIVE");
    assert_screen_has(t, "Graph");
    assert_true(term_alternate(t));
}

static void random_input_never_breaks_the_screen(void **state)
{
    const char *text = getenv("MONKEY_SEED");
    const char *rounds = getenv("MONKEY_ROUNDS");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 1;
    uint64_t last = seed + (rounds ? strtoull(rounds, NULL, 10) : ROUNDS);
    for (; seed < last; seed++) {
        uint64_t random = seed * 0x9e3779b97f4a7c15u + 1;
        char path[128];
        snprintf(path, sizeof path, "plugins/examples/%s", files[seed % (sizeof files / sizeof *files)]);
        struct term *t = term_start(&(struct term_options){
            .argv = TERM_ARGV(term_build_path("tui/flowdbg"), term_source_path(path))});
        term_sync(t); /* the keys before that are the shell's */
        print_message("# MONKEY_SEED=%llu\n", (unsigned long long)seed);
        for (int i = 0; i < ACTIONS; i++)
            act(t, &random);
        assert_answers(t);
        term_signal(t, SIGTERM);
        term_wait_exit(t);
        assert_left_clean(t);
        term_finish(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {term_test(random_input_never_breaks_the_screen)};
    return TERM_RUN_TESTS(tests);
}
