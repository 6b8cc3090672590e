#include <string.h>

#include "tui/prompt/prompt_impl.h"

/* The first byte to draw so that `cursor` is visible in `cols` columns, with what comes before it as far as
 * it fits. */
static size_t first_visible(const char *text, size_t cursor, int cols, bool ascii)
{
    size_t first = 0;
    while (first < cursor && text_colsn(text + first, cursor - first, ascii) >= cols) {
        first++;
        while (((unsigned char)text[first] & 0xc0) == 0x80)
            first++;
    }
    return first;
}

int prompt_draw(const struct prompt *p, struct win w, const char *label)
{
    struct win row = win_sub(w, w.pan_y, w.pan_x, 1, w.cols);
    bool ascii = row.grid->ascii;
    win_fill(row, ROLE_NORMAL, ' ');
    int x = win_put(row, 0, 0, ROLE_PROMPT, label);
    const char *search = prompt_search_label(p);
    if (search) {
        x = win_put(row, 0, x, p->failing ? ROLE_WARNING : ROLE_DIM, search);
        x = win_put(row, 0, x, ROLE_DIM, ": ");
    }
    if (x > row.cols / 2 && row.cols < 20) /* hardly any room: the text matters more */
        x = 0;
    const char *text = prompt_text(p);
    size_t cursor = prompt_cursor(p);
    size_t first = first_visible(text, cursor, row.cols - x, ascii);
    win_put(row, 0, x, ROLE_NORMAL, text + first);
    if (first > 0)
        win_char(row, 0, x, ROLE_DIM, ascii ? '<' : 0x2039);
    int col = x + text_colsn(text + first, cursor - first, ascii);
    return col < row.cols ? col : row.cols > 0 ? row.cols - 1 : 0;
}

static int widest(const struct prompt_candidates *list, int limit, bool ascii)
{
    int cols = 0;
    vec_foreach (const struct prompt_candidate, one, list) {
        int width = text_cols(one->text, ascii);
        cols = width > cols ? width : cols;
    }
    return cols < limit ? cols : limit;
}

int prompt_draw_list(const struct prompt *p, struct win w)
{
    int selected;
    const struct prompt_candidates *list = prompt_list(p, &selected);
    int rows = w.rows / 2;
    if (!list || rows < 1)
        return 0;
    int count = (int)list->count;
    rows = rows < count ? rows : count;
    int first = selected >= rows ? selected - rows + 1 : 0;
    struct win area = win_sub(w, w.pan_y + w.rows - rows, w.pan_x, rows, w.cols);
    win_fill(area, ROLE_POPUP, ' ');
    int name_cols = widest(list, area.cols / 2, area.grid->ascii);
    for (int i = 0; i < rows; i++) {
        const struct prompt_candidate *one = &list->at[first + i];
        win_fit(area, i, 1, name_cols, ROLE_POPUP | STYLE_STRONG, one->text, FIT_MIDDLE);
        if (one->help)
            win_fit(area, i, name_cols + 3, area.cols - name_cols - 4, ROLE_POPUP, one->help, FIT_END);
        if (first + i == selected)
            win_flag(area, i, 0, area.cols, STYLE_SELECTED);
    }
    if (rows < count) {
        char more[32];
        snprintf(more, sizeof more, " %d of %d ", first + rows, count);
        win_fit_right(area, rows - 1, 0, area.cols, ROLE_POPUP, more);
    }
    return rows;
}
