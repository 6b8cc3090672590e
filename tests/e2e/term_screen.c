#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "tests/e2e/term_private.h"

/* ---- Cells and text ---- */

int term_rows(const struct term *t)
{
    int rows, cols;
    vterm_get_size(t->vterm, &rows, &cols);
    return rows;
}

int term_cols(const struct term *t)
{
    int rows, cols;
    vterm_get_size(t->vterm, &rows, &cols);
    return cols;
}

static int colour(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return TERM_COLOUR_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return TERM_COLOUR_RGB | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

struct term_cell term_cell(const struct term *t, int row, int col)
{
    VTermScreenCell from;
    struct term_cell cell = {0};
    size_t length = 0;
    if (!vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = col}, &from))
        return cell;
    if (from.chars[0] != (uint32_t)-1) {
        cell.width = from.width;
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && from.chars[i]; i++)
            length += utf8_encode(from.chars[i], cell.glyph + length);
        if (length == 0)
            cell.glyph[0] = ' ';
    }
    cell.fg = colour(&from.fg);
    cell.bg = colour(&from.bg);
    cell.bold = from.attrs.bold;
    cell.dim = from.attrs.font == TERM_STREAM_DIM_FONT;
    cell.italic = from.attrs.italic;
    cell.underline = from.attrs.underline != VTERM_UNDERLINE_OFF;
    cell.reverse = from.attrs.reverse;
    return cell;
}

/* The row as text; when `columns` is given, the column of each byte. */
static void row_text(const struct term *t, int row, struct str *text, int *columns, size_t max)
{
    size_t used = text->length; /* without trailing spaces */
    int cols = term_cols(t);
    for (int col = 0; col < cols; col++) {
        struct term_cell cell = term_cell(t, row, col);
        for (size_t i = text->length; columns && i < text->length + strlen(cell.glyph) && i < max; i++)
            columns[i] = col;
        str_add(text, cell.glyph);
        if (strcmp(cell.glyph, " ") != 0)
            used = text->length;
    }
    if (text->length > used) {
        text->length = used;
        text->text[used] = '\0';
    }
}

const char *term_text(const struct term *t, int row)
{
    static char buffers[4][8192];
    static unsigned next;
    char *buffer = buffers[next++ % 4];
    struct str text = {0};
    row_text(t, row, &text, NULL, 0);
    snprintf(buffer, sizeof buffers[0], "%s", str_text(&text));
    str_finish(&text);
    return buffer;
}

char *term_screen_take(const struct term *t)
{
    struct str text = {0};
    size_t used = 0;
    for (int row = 0; row < term_rows(t); row++) {
        size_t before = text.length;
        row_text(t, row, &text, NULL, 0);
        bool empty = text.length == before;
        str_add_char(&text, '\n');
        if (!empty)
            used = text.length;
    }
    text.length = used;
    text.text[used] = '\0';
    return str_take(&text);
}

bool term_find(const struct term *t, const char *text, int *row, int *col)
{
    static int columns[32768];
    for (int r = 0; r < term_rows(t); r++) {
        struct str line = {0};
        row_text(t, r, &line, columns, sizeof columns / sizeof *columns);
        const char *found = strstr(str_text(&line), text);
        if (found && row)
            *row = r;
        if (found && col)
            *col = columns[found - line.text];
        str_finish(&line);
        if (found)
            return true;
    }
    return false;
}

bool term_cursor(const struct term *t, int *row, int *col)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(t->vterm), &at);
    if (row)
        *row = at.row;
    if (col)
        *col = at.col;
    return t->cursor_visible;
}

bool term_alternate(const struct term *t)
{
    return t->alternate;
}

bool term_mode(const struct term *t, int mode)
{
    return term_stream_mode(&t->stream, mode);
}

const char *term_title(const struct term *t)
{
    return t->title;
}

unsigned long term_bytes_read(const struct term *t)
{
    return t->bytes_read;
}

/* ---- Failing ---- */

static const char *here_file = __FILE__;
static int here_line;

void term_here_(const char *file, int line)
{
    here_file = file;
    here_line = line;
}

void term_print(const struct term *t)
{
    struct str out = {0};
    int row, col;
    bool visible = term_cursor(t, &row, &col);
    int rows = term_rows(t), cols = term_cols(t);
    str_addf(&out, "# screen %dx%d, %s screen, cursor at row %d column %d%s, title '%s'\n", cols, rows,
        t->alternate ? "alternate" : "normal", row, col, visible ? "" : " (hidden)", t->title);
    for (row = 0; row < rows; row++) {
        str_addf(&out, "# %3d |", row);
        row_text(t, row, &out, NULL, 0);
        str_add_char(&out, '\n');
    }
    fflush(stdout);
    fputs(str_text(&out), stderr);
    str_finish(&out);
}

void term_fail_(struct term *t, const char *fmt, ...)
{
    struct str out = {0};
    va_list args;
    va_start(args, fmt);
    str_add(&out, "# ");
    str_addv(&out, fmt, args);
    va_end(args);
    fflush(stdout);
    fprintf(stderr, "%s\n", str_text(&out));
    str_finish(&out);
    if (t)
        term_print(t);
    _fail(here_file, here_line);
    abort(); /* _fail jumps */
}

/* ---- Assertions ---- */

void term_assert_has_(struct term *t, const char *text)
{
    if (!term_find(t, text, NULL, NULL))
        term_fail_(t, "'%s' is not on the screen", text);
}

void term_assert_lacks_(struct term *t, const char *text)
{
    int row, col;
    if (term_find(t, text, &row, &col))
        term_fail_(t, "'%s' is on the screen, at row %d column %d", text, row, col);
}

void term_assert_row_(struct term *t, int row, const char *text)
{
    if (strcmp(term_text(t, row), text) != 0)
        term_fail_(t, "row %d is not '%s'", row, text);
}

static bool pen_is_plain(const struct term *t)
{
    const VTermState *state = vterm_obtain_state(t->vterm);
    VTermValue bold, reverse, underline, fg, bg;
    vterm_state_get_penattr(state, VTERM_ATTR_BOLD, &bold);
    vterm_state_get_penattr(state, VTERM_ATTR_REVERSE, &reverse);
    vterm_state_get_penattr(state, VTERM_ATTR_UNDERLINE, &underline);
    vterm_state_get_penattr(state, VTERM_ATTR_FOREGROUND, &fg);
    vterm_state_get_penattr(state, VTERM_ATTR_BACKGROUND, &bg);
    return !bold.boolean && !reverse.boolean && !underline.number && VTERM_COLOR_IS_DEFAULT_FG(&fg.color) &&
           VTERM_COLOR_IS_DEFAULT_BG(&bg.color);
}

const char *term_unclean(struct term *t)
{
    static char text[128];
    struct termios now;
    if (t->alternate)
        return "the alternate screen is still shown";
    if (!t->cursor_visible)
        return "the cursor is hidden";
    for (size_t i = 0; i < t->stream.mode_count; i++) {
        int mode = t->stream.modes[i];
        if (mode != 7 && mode != 25) { /* wrapping and the cursor are on in a fresh terminal */
            snprintf(text, sizeof text, "private mode %d is still on", mode);
            return text;
        }
    }
    if (!pen_is_plain(t))
        return "colours or attributes are still on";
    if (t->master < 0)
        return NULL;
    tcgetattr(t->master, &now);
    if (now.c_iflag != t->modes_found.c_iflag || now.c_oflag != t->modes_found.c_oflag ||
        now.c_cflag != t->modes_found.c_cflag || now.c_lflag != t->modes_found.c_lflag ||
        memcmp(now.c_cc, t->modes_found.c_cc, sizeof now.c_cc) != 0) {
        snprintf(text, sizeof text,
            "terminal modes differ (input %o/%o, output %o/%o, local %o/%o, now/found)", now.c_iflag,
            t->modes_found.c_iflag, now.c_oflag, t->modes_found.c_oflag, now.c_lflag, t->modes_found.c_lflag);
        return text;
    }
    return NULL;
}

void term_assert_clean_(struct term *t)
{
    if (t->state != TERM_ENDED)
        term_fail_(t, "the program has not ended yet");
    const char *unclean = term_unclean(t);
    if (unclean)
        term_fail_(t, "the terminal is not as it was: %s", unclean);
    term_wait_alone_(t);
}

/* ---- Goldens ---- */

static char *file_take(const char *path)
{
    struct str text = {0};
    char part[4096];
    size_t count;
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    while ((count = fread(part, 1, sizeof part, file)) > 0)
        str_add_bytes(&text, part, count);
    fclose(file);
    str_add(&text, "");
    return str_take(&text);
}

static void file_write(struct term *t, const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        term_fail_(t, "cannot write %s: %s", path, strerror(errno));
}

static void print_differences(const char *expected, const char *actual)
{
    for (int row = 0; *expected || *actual; row++) {
        size_t e = strcspn(expected, "\n"), a = strcspn(actual, "\n");
        if (e != a || strncmp(expected, actual, e) != 0)
            fprintf(stderr, "# %3d -|%.*s\n#     +|%.*s\n", row, (int)e, expected, (int)a, actual);
        expected += e + (expected[e] == '\n');
        actual += a + (actual[a] == '\n');
    }
}

void term_assert_golden_(struct term *t, const char *name)
{
    char path[PATH_MAX];
    const char *update = getenv("FLOWDBG_UPDATE_GOLDEN");
    snprintf(path, sizeof path, "%s/%s.txt", term_source_path("tests/golden/screens"), name);
    char *actual = term_screen_take(t);
    if (update && strcmp(update, "1") == 0) {
        file_write(t, path, actual);
        mem_free(actual);
        return;
    }
    char *expected = file_take(path);
    bool same = expected && strcmp(expected, actual) == 0;
    if (expected && !same)
        print_differences(expected, actual);
    bool missing = !expected;
    mem_free(expected);
    mem_free(actual);
    if (missing)
        term_fail_(
            t, "there is no golden tests/golden/screens/%s.txt; FLOWDBG_UPDATE_GOLDEN=1 writes it", name);
    if (!same)
        term_fail_(t,
            "the screen is not tests/golden/screens/%s.txt (- golden, + screen); if it is right now, "
            "FLOWDBG_UPDATE_GOLDEN=1 rewrites it",
            name);
}
