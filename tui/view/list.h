/* A scrolling list with a selected row: what most views are. It knows rows by number only. */
#ifndef TUI_VIEW_LIST_H
#define TUI_VIEW_LIST_H

#include "tui/view/view.h"

/* All-zero is an empty list that does not follow its end. */
struct list {
    size_t count;
    size_t selected;   /* < count, or 0 */
    size_t top;        /* first row shown */
    int rows;          /* of the window drawn last */
    bool is_following; /* the selection stays on the last row as the list grows */
    int pan;           /* of rows of text: columns scrolled off to the left */
    int widest;        /* columns that the widest row drawn last still goes on for, to the right */
};

void list_set_count(struct list *list, size_t count);
void list_select(struct list *list, size_t row);
/* Up, down, pages, ends. True if it was one of those. */
bool list_navigate(struct list *list, enum view_navigation where);
/* The same for rows of text in which nothing unfolds: left and right scroll them. */
bool list_navigate_text(struct list *list, enum view_navigation where);
/* Draws a row's text in the columns from x on, scrolled, an ellipsis where it is cut. */
void list_put_text(
    struct list *list, struct win w, int y, int x, unsigned style, const char *text, size_t length);
/* The row at line y of the window drawn last: FLOW_OK, or FLOW_NOT_FOUND below the end. */
int list_row_at(const struct list *list, int y, size_t *row);
/* A click on line y selects its row; false below the end. */
bool list_click(struct list *list, int y);
/* Scrolls so that the selection is visible in `rows` lines, and returns how many rows to draw from list->top.
 */
size_t list_layout(struct list *list, int rows);
/* The next row after the selected one, going round, for which matches() is true; selects it. */
bool list_search(struct list *list, int direction, bool (*matches)(void *user, size_t row), void *user);

#endif
