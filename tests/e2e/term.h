/* A real terminal for end-to-end tests: a program on a pseudo-terminal, its screen kept by libvterm.
 *
 *     #include "tests/e2e/term.h"
 *
 *     static void stepping_moves_to_the_next_task(void **state)
 *     {
 *         struct term *t = term_start(&(struct term_options){
 *             .argv = TERM_ARGV(term_build_path("tui/flowdbg"),
 * term_source_path("plugins/examples/page/caching.lua")),
 *         });
 *         term_type(t, "nn:goto validate<Enter>");   (keys, then wait until the program has painted)
 *         assert_screen_has(t, "paused before validate");
 *         assert_golden(t, "caching_after_goto");      (tests/golden/screens/caching_after_goto.txt)
 *         picture_write(t, "caching_80x24");           (only when pictures are asked for: ninja pictures)
 *         term_keys(t, "q");
 *         assert_int_equal(term_wait_exit(t), 0);
 *         assert_left_clean(t);                        (terminal as found, no process behind)
 *     }
 *     int main(void) { const struct CMUnitTest tests[] = {term_test(stepping_...)}; return
 * TERM_RUN_TESTS(tests); }
 *
 * In key texts a space is a key like any other: "nn" is two keys, "n n" three.
 * FLOWDBG_UPDATE_GOLDEN=1 rewrites goldens. A started program that is not ended by the test is killed by the
 * teardown of term_test().
 *
 * Nothing here sleeps. term_sync() writes the query ESC [ ? 7777 n into the terminal, behind the keys; the
 * program, which is run with FLOWDBG_TEST=1, answers ESC ] 7777 ; N BEL (N = 1, 2, ... counts the queries)
 * once it has handled everything before the query, is idle, and has painted. It must look at pending signals
 * (a resize) before it answers. Every wait has a deadline of 20 s, and fails at once when the program ends or
 * stops instead.
 *
 * The program runs as a shell would run it: in its own process group, in the foreground of a session whose
 * leader (a fork of the test) starts it, sees it stop and continues it. The leader never touches the
 * terminal's modes. */
#ifndef TESTS_E2E_TERM_H
#define TESTS_E2E_TERM_H

#include <stdbool.h>
#include <sys/types.h>

#include "flow/error.h"
#include "tests/unit/test.h"

struct term;

/* All zero but argv is valid. Strings are copied. */
struct term_options {
    const char *const *argv; /* ends with NULL; argv[0] is a path, or a name looked up in PATH */
    int rows, cols;          /* 0: 24 and 80 */
    const char *const
        *env; /* "KEY=VALUE" on top of the clean environment, "KEY" removes; ends with NULL; may be NULL */
    const char *cwd; /* NULL: the private folder */
};
#define TERM_ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Absolute path inside the source or the build tree. One of eight static buffers, used in turn. */
const char *term_source_path(const char *relative);
const char *term_build_path(const char *relative);

/* Starts a program on a terminal of its own. The environment is clean: PATH and sanitizer options are handed
 * on; TERM=xterm-256color, LANG=C.UTF-8, TZ=UTC, FLOWDBG_TEST=1; HOME, TMPDIR and the XDG_* folders are in a
 * private folder that term_finish removes. A program that cannot be run shows why on its screen and exits
 * with 127. */
struct term *term_start_(const struct term_options *options);
/* Ends what still runs in the session, with SIGKILL, and frees everything. NULL is fine. */
void term_finish(struct term *t);
const char *term_folder(const struct term *t); /* the private folder, absolute */
pid_t term_pid(const struct term *t);          /* of the program */

/* Every test of a terminal is a term_test(): its teardown finishes the terminals that a failed test left. */
#define term_test(function)   cmocka_unit_test_teardown(function, term_teardown)
#define TERM_RUN_TESTS(tests) RUN_TESTS(tests)
int term_teardown(void **state);

/* ---- Doing what a user does ---- */

/* Types keys. <Enter> <Esc> <Tab> <Backspace> <Space> <lt> <Up> <Down> <Left> <Right> <Home> <End> <PageUp>
 * <PageDown> <Insert> <Delete> <F1>..<F12>; with modifiers <C-c> <A-x> <S-Tab> <S-F5> <C-Left>; everything
 * else is literal UTF-8. Sequences are the ones xterm sends in the mode the program has chosen. */
void term_keys_(struct term *t, const char *keys);
/* Types and waits until the program has painted. After an <Esc> inside the text it also waits, because an Esc
 * and a key that arrive together are Alt and that key. */
void term_type_(struct term *t, const char *keys);
void term_paste_(struct term *t, const char *text); /* bracketed if the program asked for it */
void term_resize_(struct term *t, int rows, int cols);
/* Mouse, zero-based cells. Fails when the program has not asked for the mouse. buttons: 1 left, 2 middle, 3
 * right. */
void term_mouse_(struct term *t, int button, bool pressed, int row, int col);
void term_click_(struct term *t, int row, int col);
void term_wheel_(struct term *t, int clicks, int row, int col); /* clicks > 0: down */
void term_signal_(struct term *t, int signal);                  /* to the program alone, as kill would */
void term_hangup_(struct term *t);                              /* the terminal window is closed */
void term_foreground_(struct term *t);                          /* the shell's fg, after term_wait_stop */

/* ---- Waiting ---- */

void term_sync_(struct term *t);
void term_wait_text_(struct term *t, const char *text);
void term_wait_gone_(struct term *t, const char *text);
/* The exit status, or 128 + signal as shells count. Everything the program has written is on the screen then.
 */
int term_wait_exit_(struct term *t);
void term_wait_stop_(struct term *t);  /* until it is suspended (Ctrl-Z) */
void term_wait_alone_(struct term *t); /* until no process of the session is left */
void term_wait_children_(
    struct term *t, int count); /* until the session holds the program and `count` more */

/* ---- Looking at the screen ---- */

enum { TERM_COLOUR_DEFAULT = -1, TERM_COLOUR_RGB = 0x1000000 };
/* A colour is TERM_COLOUR_DEFAULT, 0..255 of the palette, or TERM_COLOUR_RGB | 0xRRGGBB. */
struct term_cell {
    char
        glyph[32]; /* UTF-8 with combining marks; " " when empty, "" for the right half of a wide character */
    int width;     /* 1, 2, or 0 for the right half */
    int fg, bg;
    bool bold, dim, italic, underline, reverse;
};

int term_rows(const struct term *t);
int term_cols(const struct term *t);
struct term_cell term_cell(const struct term *t, int row, int col);
/* The row without trailing spaces. One of four static buffers, used in turn. */
const char *term_text(const struct term *t, int row);
/* The whole screen, a line feed after each row, trailing empty rows left out. The caller frees with mem_free.
 */
char *term_screen_take(const struct term *t);
/* First occurrence within a row, reading order. Row and column (in cells) may be NULL. */
bool term_find(const struct term *t, const char *text, int *row, int *col);
bool term_cursor(const struct term *t, int *row, int *col); /* false when hidden; both may be NULL */
bool term_alternate(const struct term *t);                  /* the alternate screen is shown */
bool term_mode(const struct term *t, int mode);             /* a private mode (1000, 2004, ...) is on */
const char *term_title(const struct term *t);               /* "" when none was set */
unsigned long term_bytes_read(const struct term *t);        /* everything the program has written so far */

/* ---- What is left behind, and what it costs ---- */

/* NULL when the terminal is as it was before the program: termios, alternate screen, private modes (cursor,
 * mouse, paste), colours. Otherwise one static line that says what is not. */
const char *term_unclean(struct term *t);
/* How many processes of the session live, the program and its children, in any process group; zombies are not
 * counted. Recognised by session and, if they left it, by their private HOME. */
int term_processes(const struct term *t);
/* Memory of all of them in KiB: anonymous, shared (memfd, tmpfs), and the page cache of mapped files, each
 * divided among those that share it. */
struct term_memory {
    long anonymous_kb, shared_kb, file_kb;
};
struct term_memory term_memory(const struct term *t);

/* ---- Assertions: on failure they print the message and the whole screen with row numbers ---- */

void term_assert_has_(struct term *t, const char *text);
void term_assert_lacks_(struct term *t, const char *text);
void term_assert_row_(struct term *t, int row, const char *text);
void term_assert_clean_(struct term *t);
void term_assert_golden_(struct term *t, const char *name);
void term_print(const struct term *t); /* the screen, to stderr */
/* Fails the running test with the screen. t may be NULL. */
_Noreturn void term_fail_(struct term *t, const char *fmt, ...) FLOW_PRINTF(2, 3);

/* Remembers where the test is, so that a failure inside the harness is reported at the test's line. */
void term_here_(const char *file, int line);
#define TERM_AT_(call) (term_here_(__FILE__, __LINE__), call)

#define term_start(...)                          TERM_AT_(term_start_(__VA_ARGS__))
#define term_keys(t, keys)                       TERM_AT_(term_keys_(t, keys))
#define term_type(t, keys)                       TERM_AT_(term_type_(t, keys))
#define term_paste(t, text)                      TERM_AT_(term_paste_(t, text))
#define term_resize(t, rows, cols)               TERM_AT_(term_resize_(t, rows, cols))
#define term_mouse(t, button, pressed, row, col) TERM_AT_(term_mouse_(t, button, pressed, row, col))
#define term_click(t, row, col)                  TERM_AT_(term_click_(t, row, col))
#define term_wheel(t, clicks, row, col)          TERM_AT_(term_wheel_(t, clicks, row, col))
#define term_signal(t, number)                   TERM_AT_(term_signal_(t, number))
#define term_hangup(t)                           TERM_AT_(term_hangup_(t))
#define term_foreground(t)                       TERM_AT_(term_foreground_(t))
#define term_sync(t)                             TERM_AT_(term_sync_(t))
#define term_wait_text(t, text)                  TERM_AT_(term_wait_text_(t, text))
#define term_wait_gone(t, text)                  TERM_AT_(term_wait_gone_(t, text))
#define term_wait_exit(t)                        TERM_AT_(term_wait_exit_(t))
#define term_wait_stop(t)                        TERM_AT_(term_wait_stop_(t))
#define term_wait_alone(t)                       TERM_AT_(term_wait_alone_(t))
#define term_wait_children(t, count)             TERM_AT_(term_wait_children_(t, count))
#define term_fail(...)                           TERM_AT_(term_fail_(__VA_ARGS__))
#define assert_screen_has(t, text)               TERM_AT_(term_assert_has_(t, text))
#define assert_screen_lacks(t, text)             TERM_AT_(term_assert_lacks_(t, text))
#define assert_row(t, row, text)                 TERM_AT_(term_assert_row_(t, row, text))
#define assert_golden(t, name)                   TERM_AT_(term_assert_golden_(t, name))
/* After term_wait_exit: terminal as found, and every process of the session gone within the deadline. */
#define assert_left_clean(t) TERM_AT_(term_assert_clean_(t))

#endif
