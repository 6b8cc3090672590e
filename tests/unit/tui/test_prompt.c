#include "tests/unit/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/prompt/prompt.h"
#include "tui/screen/screen.h"

/* The user's settings of whoever runs the tests must not matter. */
static char home[] = "/tmp/flowdbg-prompt-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const char *const words[] = {"break", "branch", "breakpoints", "continue", "länge", "länder", NULL};

/* Completes the word before the cursor from `words`; a word after "file " is a folder. */
static int complete_word(void *user, const char *line, size_t cursor, struct prompt_candidates *out)
{
    size_t from = cursor;
    while (from > 0 && line[from - 1] != ' ')
        from--;
    out->from = from;
    if (strncmp(line, "file ", 5) == 0) {
        out->no_space = true;
        return prompt_candidates_add(out, "src/", NULL);
    }
    for (size_t i = 0; words[i]; i++)
        if (strncmp(words[i], line + from, cursor - from) == 0)
            prompt_candidates_add(out, words[i], "a word");
    return FLOW_OK;
}

static struct prompt *make(const char *history_file)
{
    struct prompt_options options = {.history_file = history_file, .complete = complete_word};
    struct prompt *p = NULL;
    struct flow_error err = FLOW_ERROR_INIT;
    if (prompt_create(&options, &p, &err) < 0)
        print_error("%s\n", err.text);
    assert_non_null(p);
    return p;
}

/* Keys: plain characters are typed, <Name> is a key by its name. Returns the last result. */
static enum prompt_result type(struct prompt *p, const char *keys)
{
    enum prompt_result result = PROMPT_EDITING;
    while (*keys) {
        struct event e = {.kind = EVENT_KEY};
        size_t size;
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
        if (end) {
            char name[32] = {0};
            memcpy(name, keys + 1, (size_t)(end - keys) - 1);
            assert_int_equal(event_key_parse(name, &e.key, &e.mods), FLOW_OK);
            size = (size_t)(end - keys) + 1;
        } else {
            unsigned code;
            size = utf8_decode(keys, strlen(keys), &code);
            assert_true(size > 0);
            e.key = code;
        }
        result = prompt_feed(p, &e);
        keys += size;
    }
    return result;
}

/* The text with the cursor as a bar. */
static const char *shown(const struct prompt *p)
{
    static char text[8192];
    const char *line = prompt_text(p);
    size_t cursor = prompt_cursor(p);
    assert_true(cursor <= strlen(line));
    snprintf(text, sizeof text, "%.*s|%s", (int)cursor, line, line + cursor);
    return text;
}

struct row {
    const char *name, *keys, *shown;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct prompt *p = make(NULL);
        prompt_history_add(p, "continue");
        prompt_history_add(p, "break train");
        prompt_history_add(p, "print länge");
        type(p, rows[i].keys);
        if (strcmp(shown(p), rows[i].shown) != 0)
            print_error("row '%s'\n", rows[i].name);
        assert_string_equal(shown(p), rows[i].shown);
        prompt_destroy(p);
    }
}

static void keys_edit_the_line_as_emacs_does(void **state)
{
    static const struct row rows[] = {
        {"nothing", "", "|"},
        {"typing", "step 3", "step 3|"},
        {"backspace", "stepp<Backspace>", "step|"},
        {"wide characters", "a日本é", "a日本é|"},
        {"deleting wide characters", "a日本<Backspace><Left><Del>", "a|"},
        {"arrows", "abc<Left><Left>x", "ax|bc"},
        {"home and end", "bc<Home>a<End>d", "abcd|"},
        {"C-a C-e", "bc<C-a>a<C-e>d", "abcd|"},
        {"C-b C-f C-d", "abc<C-b><C-b><C-f><C-d>", "ab|"},
        {"C-k", "one two<C-a><C-f><C-k>", "o|"},
        {"C-u", "one two<C-u>", "|"},
        {"C-w", "one two<C-w>", "one |"},
        {"yank", "one two<C-w><C-y><C-y>", "one twotwo|"},
        {"word keys", "one two<M-b>x", "one x|two"},
        {"M-d", "one two<M-b><M-d>", "one |"},
        {"C-Left", "one two<C-Left>x", "one x|two"},
        {"M-Right", "one two<Home><M-Right>x", "onex| two"},
        {"C-t", "ab<C-t>", "ba|"},
        {"Delete at the end", "ab<Del>", "ab|"},
        {"M-Backspace", "one two<M-Backspace>", "one |"},
        {"up", "<Up>", "print länge|"},
        {"up and down", "new<Up><Up><Down><Down>", "new|"},
        {"C-p C-n", "<C-p><C-p><C-p><C-n>", "break train|"},
        {"up beyond the oldest", "<Up><Up><Up><Up><Up>", "continue|"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void keys_edit_the_line_as_vi_does_when_editrc_says_so(void **state)
{
    static const struct row rows[] = {
        {"typing", "step 3", "step 3|"},
        {"escape and insert", "bc<Esc>0ia", "a|bc"},
        {"append", "bc<Esc>Ad", "bcd|"},
        {"words", "one two<Esc>bdw", "one| "},
        {"delete to the end", "one two<Esc>0D", "|"},
        {"replace", "abc<Esc>0rx", "|xbc"},
        {"find", "abcdef<Esc>0fdx", "abc|ef"},
        {"count", "abcdef<Esc>03x", "|def"},
        {"history", "<Esc>kk", "|break train"},
        {"arrows while inserting", "abc<Left><Left>x", "ax|bc"},
        {"arrows while commanding", "abc<Esc><Home>x", "|bc"},
        {"undo", "abc<Esc>xu", "ab|c"},
        {"what crashed: colon quote", "<Esc>:\"<Enter>", "|"},
        {"what gave cursor -1: dollar on nothing", "<Esc>$x", "|"},
        {"what hung: dot", "abc<Esc>0cwx<Esc>..", "|x"},
        {"what started vi: v", "abc<Esc>v", "ab|c"},
        {"a movement where a character is asked for", "abc<Esc>r<Left>ix", NULL},
        {"slash searches", "<Esc>/brea", "|break train"},
    };
    write_file(".editrc", "bind -v\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].shown) {
            check_rows(&rows[i], 1);
            continue;
        }
        struct prompt *p = make(NULL);
        assert_true(prompt_is_vi(p));
        type(p, rows[i].keys);
        for (const char *c = prompt_text(p); *c; c++)
            assert_in_range((unsigned char)*c, ' ', 0x7e);
        prompt_destroy(p);
    }
    write_file(".editrc", "");
}

static void bindings_of_editrc_count(void **state)
{
    write_file(".editrc", "bind ^X ed-delete-prev-word\nedit off\nflowdbg:bind ^O ed-move-to-beg\n");
    static const struct row rows[] = {
        {"own word deletion", "one two<C-x>", "one |"},
        {"only for flowdbg", "two<C-o>x", "x|two"},
    };
    check_rows(rows, 2);
    write_file(".editrc", "");
}

static void enter_gives_the_line_and_empties_the_prompt(void **state)
{
    struct prompt *p = make(NULL);
    assert_int_equal(type(p, "goto länge<Left><Enter>"), PROMPT_ACCEPTED);
    assert_string_equal(prompt_line(p), "goto länge");
    assert_string_equal(shown(p), "|");
    assert_int_equal(type(p, "<Enter>"), PROMPT_ACCEPTED);
    assert_string_equal(prompt_line(p), "");
    type(p, "<Up>");
    assert_string_equal(shown(p), "goto länge|");
    prompt_destroy(p);
}

static void the_prompt_is_left_in_every_usual_way(void **state)
{
    static const char *const ways[] = {
        "<Esc>", "text<Esc>", "text<C-c>", "text<C-g>", "<C-d>", "<Backspace>"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct prompt *p = make(NULL);
        assert_int_equal(type(p, ways[i]), PROMPT_CANCELLED);
        assert_string_equal(shown(p), "|");
        assert_int_equal(type(p, "a<Up>"), PROMPT_EDITING);
        assert_string_equal(shown(p), "a|"); /* cancelled lines are not remembered */
        prompt_destroy(p);
    }
}

static void escape_in_vi_commands_first_and_leaves_when_empty(void **state)
{
    write_file(".editrc", "bind -v\n");
    struct prompt *p = make(NULL);
    assert_int_equal(type(p, "ab<Esc>"), PROMPT_EDITING);
    assert_int_equal(type(p, "<Esc>"), PROMPT_EDITING);
    assert_int_equal(type(p, "<C-c>"), PROMPT_CANCELLED);
    assert_int_equal(type(p, "x"), PROMPT_EDITING);
    assert_string_equal(shown(p), "x|"); /* inserting again */
    assert_int_equal(type(p, "<C-u><Esc><Esc>"), PROMPT_CANCELLED);
    prompt_destroy(p);
    write_file(".editrc", "");
}

static void keys_that_are_not_for_a_line_are_left_to_the_program(void **state)
{
    static const char *const keys[] = {"<F5>", "<S-F5>", "<PgUp>", "<C-z>", "<C-l>", "<Ins>"};
    struct prompt *p = make(NULL);
    type(p, "ab");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(type(p, keys[i]), PROMPT_IGNORED);
    struct event mouse = {.kind = EVENT_MOUSE};
    assert_int_equal(prompt_feed(p, &mouse), PROMPT_IGNORED);
    assert_string_equal(shown(p), "ab|");
    prompt_destroy(p);
}

static void paste_is_text_and_never_a_command(void **state)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"hello", "<hello|>"},
        {"one\ntwo\n\n", "<one two|>"},
        {"\033[31mred\001\177", "<[31mred|>"},
        {"日本\té\xff", "<日本 é|>"},
        {"", "<|>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prompt *p = make(NULL);
        prompt_set_text(p, "<>");
        type(p, "<Left>");
        struct event e = {.kind = EVENT_PASTE, .text = rows[i].text, .length = strlen(rows[i].text)};
        assert_int_equal(prompt_feed(p, &e), PROMPT_EDITING);
        assert_string_equal(shown(p), rows[i].shown);
        prompt_destroy(p);
    }
}

static void a_line_has_an_end(void **state)
{
    struct prompt *p = make(NULL);
    char *text = malloc(100000);
    memset(text, 'x', 100000);
    struct event e = {.kind = EVENT_PASTE, .text = text, .length = 100000};
    for (int i = 0; i < 3; i++)
        prompt_feed(p, &e);
    assert_int_equal(strlen(prompt_text(p)), 4096);
    type(p, "<M-9><M-9><M-9><M-9><M-9>y");
    assert_int_equal(strlen(prompt_text(p)), 4096);
    type(p, "<C-a><C-k>");
    assert_string_equal(shown(p), "|");
    free(text);
    prompt_destroy(p);
}

static void tab_completes_one_and_lists_several(void **state)
{
    static const struct {
        const char *keys, *shown;
        int listed, selected;
    } rows[] = {
        {"co<Tab>", "continue |", 0, -1},
        {"b<Tab>", "br|", 3, -1},
        {"brea<Tab>", "break|", 2, -1},
        {"b<Tab><Tab>", "break|", 3, 0},
        {"b<Tab><Tab><Tab>", "branch|", 3, 1},
        {"b<Tab><S-Tab>", "breakpoints|", 3, 2},
        {"b<Tab><Tab><Tab><Tab><Tab>", "break|", 3, 0},
        {"b<Tab>e", "bre|", 2, -1},
        {"b<Tab>ez", "brez|", 0, -1},
        {"b<Tab><Tab> x", "break x|", 0, -1},
        {"b<Tab><Esc>", "br|", 0, -1},
        {"zzz<Tab>", "zzz|", 0, -1},
        {"l<Tab>", "län|", 2, -1},
        {"x co y<Left><Left><Tab>", "x continue| y", 0, -1},
        {"file <Tab>", "file src/|", 0, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prompt *p = make(NULL);
        type(p, rows[i].keys);
        int selected = -1;
        const struct prompt_candidates *list = prompt_list(p, &selected);
        assert_string_equal(shown(p), rows[i].shown);
        assert_int_equal(list ? list->count : 0, rows[i].listed);
        assert_int_equal(list ? selected : -1, rows[i].selected);
        prompt_destroy(p);
    }
}

static void ctrl_r_searches_backwards(void **state)
{
    static const struct row rows[] = {
        {"first match", "<C-r>tra", "break |train"},
        {"case does not matter", "<C-r>TRA", "break |train"},
        {"older match", "<C-r>n<C-r>", "break trai|n"},
        {"newer match", "<C-r>n<C-r><C-s>", "pri|nt länge"},
        {"nothing found keeps the last", "<C-r>train!", "break train|"},
        {"shorter pattern", "<C-r>trainx<Backspace>", "break |train"},
        {"wide pattern", "<C-r>ä", "print l|änge"},
        {"escape keeps it for editing", "<C-r>tra<Esc><End>!", "break train!|"},
        {"movement keeps it for editing", "<C-r>tra<C-a>", "|break train"},
        {"abort gives the line back", "mine<C-r>tra<C-g>", "mine|"},
        {"C-c aborts only the search", "mine<C-r>tra<C-c>", "mine|"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
    struct prompt *p = make(NULL);
    prompt_history_add(p, "break train");
    type(p, "<C-r>zz");
    assert_string_equal(prompt_search_label(p), "failing reverse-search 'zz'");
    assert_int_equal(type(p, "<Backspace><Backspace>trai<Enter>"), PROMPT_ACCEPTED);
    assert_string_equal(prompt_line(p), "break train");
    assert_null(prompt_search_label(p));
    prompt_destroy(p);
}

static void history_lives_on_in_its_file(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s/new/folder/history", home);
    struct prompt *one = make(path), *other = make(path);
    type(one, "first<Enter>first<Enter>  <Enter>länge<Enter>");
    type(other, "second<Enter>");
    prompt_destroy(one);
    assert_null(prompt_history_error(other));
    prompt_destroy(other);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct prompt *p = make(path);
    static const char *const newest_first[] = {"second|", "länge|", "first|", "first|"};
    for (size_t i = 0; i < 4; i++) {
        type(p, "<Up>");
        assert_string_equal(shown(p), newest_first[i]);
    }
    prompt_destroy(p);
}

static void a_history_that_cannot_be_kept_is_no_error(void **state)
{
    char path[256];
    write_file("file", "");
    snprintf(path, sizeof path, "%s/file/history", home);
    struct prompt *p = make(path);
    assert_int_equal(type(p, "step<Enter>"), PROMPT_ACCEPTED);
    assert_non_null(strstr(prompt_history_error(p), "Not a directory"));
    type(p, "<Up>");
    assert_string_equal(shown(p), "step|");
    prompt_destroy(p);
}

static void a_long_history_file_is_cut_to_its_newest_lines(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s/long", home);
    FILE *f = fopen(path, "w");
    for (int i = 0; i < 5000; i++)
        fprintf(f, "line %d\n", i);
    fclose(f);
    struct prompt *p = make(path);
    type(p, "<Up>");
    assert_string_equal(shown(p), "line 4999|");
    prompt_destroy(p);
    f = fopen(path, "r");
    char first[64] = "";
    int lines = fgets(first, sizeof first, f) ? 1 : 0;
    for (char line[64]; fgets(line, sizeof line, f);)
        lines++;
    fclose(f);
    assert_int_equal(lines, 2000);
    assert_string_equal(first, "line 3000\n");
}

static void the_history_path_follows_the_environment(void **state)
{
    static const struct {
        const char *state, *home, *path;
    } rows[] = {
        {"/s", "/h", "/s/flowdbg/history"},
        {NULL, "/h", "/h/.local/state/flowdbg/history"},
        {"relative", "/h", "/h/.local/state/flowdbg/history"},
        {NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsetenv("XDG_STATE_HOME");
        unsetenv("HOME");
        if (rows[i].state)
            setenv("XDG_STATE_HOME", rows[i].state, 1);
        if (rows[i].home)
            setenv("HOME", rows[i].home, 1);
        char *path = NULL;
        assert_int_equal(prompt_history_path(&path), rows[i].path ? FLOW_OK : FLOW_NOT_FOUND);
        if (rows[i].path)
            assert_string_equal(path, rows[i].path);
        mem_free(path);
    }
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", home, 1);
}

static void assert_grid_row(const struct grid *g, int y, const char *wanted)
{
    struct str text = {0};
    grid_row_text(g, y, &text);
    assert_string_equal(str_text(&text), wanted);
    str_finish(&text);
}

static void the_drawn_line_scrolls_with_its_cursor(void **state)
{
    static const struct {
        const char *keys, *drawn;
        int cursor;
    } rows[] = {
        {"", ":", 1},
        {"abc", ":abc", 4},
        {"abcdefghi", ":‹cdefghi", 9},
        {"abcdefghijkl<Left><Left>", ":‹defghijk", 9},
        {"abcdefghijkl<Home>", ":abcdefghi", 1},
        {"日本語日本語", ":‹ 日本語", 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prompt *p = make(NULL);
        struct grid g = {0};
        grid_resize(&g, 1, 10);
        type(p, rows[i].keys);
        int cursor = prompt_draw(p, win_whole(&g), ":");
        assert_int_equal(cursor, rows[i].cursor);
        assert_grid_row(&g, 0, rows[i].drawn);
        grid_finish(&g);
        prompt_destroy(p);
    }
}

static void the_list_is_drawn_above_with_help(void **state)
{
    struct prompt *p = make(NULL);
    struct grid g = {0};
    grid_resize(&g, 6, 30);
    assert_int_equal(prompt_draw_list(p, win_whole(&g)), 0);
    type(p, "b<Tab><Tab>");
    assert_int_equal(prompt_draw_list(p, win_whole(&g)), 3);
    assert_grid_row(&g, 2, "");
    assert_grid_row(&g, 3, " break        a word");
    assert_grid_row(&g, 5, " breakpoints  a word");
    assert_true(grid_cell(&g, 3, 0)->style & STYLE_SELECTED);
    assert_false(grid_cell(&g, 4, 0)->style & STYLE_SELECTED);
    grid_resize(&g, 4, 30);
    type(p, "<S-Tab>");
    assert_int_equal(prompt_draw_list(p, win_whole(&g)), 2);
    assert_grid_row(&g, 3, " breakpoints  a word   3 of 3");
    grid_finish(&g);
    prompt_destroy(p);
}

/* Any key, in any order, in both modes: nothing crashes, hangs, or leaves a line that is not text. */
static void random_keys_do_no_harm(void **state)
{
    static const uint32_t named[] = {K_ENTER, K_TAB, K_BACKSPACE, K_ESCAPE, K_UP, K_DOWN, K_LEFT, K_RIGHT,
        K_HOME, K_END, K_DELETE, K_PAGE_UP, K_F5};
    const char *rounds = getenv("FLOWDBG_FUZZ_ROUNDS");
    unsigned count = rounds ? (unsigned)atoi(rounds) : 200;
    for (unsigned seed = 1; seed <= count; seed++) {
        write_file(".editrc", seed & 1 ? "bind -v\n" : "");
        struct prompt *p = make(NULL);
        unsigned random = seed;
        for (int i = 0; i < 300; i++) {
            random = random * 1103515245u + 12345u;
            unsigned r = random >> 8;
            struct event e = {.kind = EVENT_KEY, .key = ' ' + r / 16 % 95};
            switch (r % 16) {
            case 0:
            case 1:
            case 2:
            case 3: e.key = named[r / 16 % (sizeof named / sizeof *named)]; break;
            case 4:
            case 5:
                e.key = '@' + r / 16 % 64;
                e.mods = MOD_CTRL;
                break;
            case 6: e.mods = MOD_ALT; break;
            case 7:
                e.key = '@' + r / 16 % 64;
                e.mods = MOD_CTRL | MOD_ALT;
                break;
            case 8: e.key = 0x65e5; break;
            case 9: e.key = 0xe9; break;
            case 10: e.key = '0' + r / 16 % 10; break;
            default: break;
            }
            prompt_feed(p, &e);
            const char *text = prompt_text(p);
            assert_true(utf8_is_valid(text, strlen(text)));
            for (const char *c = text; *c; c++)
                assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
            assert_true(prompt_cursor(p) <= strlen(text));
        }
        prompt_destroy(p);
    }
    write_file(".editrc", "");
}

static void *fail_once(void *user, void *ptr, size_t size)
{
    int *left = user;
    if (size > 0 && (*left)-- == 0)
        return NULL;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

/* Each allocation fails in its turn: a key may be lost then, nothing else. */
static void a_prompt_survives_any_lack_of_memory(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s/lack", home);
    struct prompt_options options = {.history_file = path, .complete = complete_word};
    int made = 0;
    for (int failing = 0; failing < 120; failing++) {
        int left = failing;
        struct prompt *p = NULL;
        struct flow_error err = FLOW_ERROR_INIT;
        mem_set_allocator(fail_once, &left);
        if (prompt_create(&options, &p, &err) < 0) {
            assert_int_equal(err.code, FLOW_ENOMEM);
        } else {
            made++;
            type(p, "goto tr<Tab>b<Tab><Tab><Esc><C-r>goto<C-r><Esc><Up>x日<Backspace>");
            struct event e = {.kind = EVENT_PASTE, .text = "pasted", .length = 6};
            prompt_feed(p, &e);
            type(p, "<Enter>");
            assert_true(prompt_cursor(p) <= strlen(prompt_text(p)));
        }
        prompt_destroy(p);
        mem_set_allocator(NULL, NULL);
    }
    assert_true(made > 50);
}

static void lines_are_read_from_a_pipe(void **state)
{
    int fds[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(fds), 0);
    static const char text[] = "step\r\n\nbreak x\nlast";
    assert_int_equal(write(fds[1], text, sizeof text - 1), sizeof text - 1);
    close(fds[1]);
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
    struct prompt_options options = {0};
    struct prompt_reader *r = NULL;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(prompt_reader_create(&options, &r, &err), FLOW_OK);
    assert_false(prompt_reader_is_tty(r));
    static const char *const lines[] = {"step", "", "break x", "last"};
    const char *line;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(prompt_reader_line(r, "> ", &line, &err), FLOW_OK);
        assert_string_equal(line, lines[i]);
    }
    assert_int_equal(prompt_reader_line(r, "> ", &line, &err), FLOW_END);
    prompt_reader_destroy(r);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static int set_up(void **state)
{
    if (!setlocale(LC_ALL, "C.UTF-8") || !mkdtemp(home))
        return -1;
    setenv("HOME", home, 1);
    setenv("TERM", "xterm", 1);
    unsetenv("EDITRC");
    unsetenv("XDG_STATE_HOME");
    return 0;
}

static int clean_up(void **state)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", home);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_edit_the_line_as_emacs_does),
        cmocka_unit_test(keys_edit_the_line_as_vi_does_when_editrc_says_so),
        cmocka_unit_test(bindings_of_editrc_count),
        cmocka_unit_test(enter_gives_the_line_and_empties_the_prompt),
        cmocka_unit_test(the_prompt_is_left_in_every_usual_way),
        cmocka_unit_test(escape_in_vi_commands_first_and_leaves_when_empty),
        cmocka_unit_test(keys_that_are_not_for_a_line_are_left_to_the_program),
        cmocka_unit_test(paste_is_text_and_never_a_command),
        cmocka_unit_test(a_line_has_an_end),
        cmocka_unit_test(tab_completes_one_and_lists_several),
        cmocka_unit_test(ctrl_r_searches_backwards),
        cmocka_unit_test(history_lives_on_in_its_file),
        cmocka_unit_test(a_history_that_cannot_be_kept_is_no_error),
        cmocka_unit_test(a_long_history_file_is_cut_to_its_newest_lines),
        cmocka_unit_test(the_history_path_follows_the_environment),
        cmocka_unit_test(the_drawn_line_scrolls_with_its_cursor),
        cmocka_unit_test(the_list_is_drawn_above_with_help),
        cmocka_unit_test(random_keys_do_no_harm),
        cmocka_unit_test(a_prompt_survives_any_lack_of_memory),
        cmocka_unit_test(lines_are_read_from_a_pipe),
    };
    return !!cmocka_run_group_tests(tests, set_up, clean_up);
}
