#include "tui/view/list.h"

void list_set_count(struct list *list, size_t count)
{
    list->count = count;
    if (count == 0)
        list->selected = 0;
    else if (list->is_following || list->selected >= count)
        list->selected = count - 1;
}

void list_select(struct list *list, size_t row)
{
    list->selected = row < list->count ? row : list->count ? list->count - 1 : 0;
}

bool list_navigate(struct list *list, enum view_navigation where)
{
    size_t page = list->rows > 1 ? (size_t)list->rows - 1 : 1;
    size_t last = list->count ? list->count - 1 : 0, to = list->selected;
    switch (where) {
    case VIEW_UP: to = to ? to - 1 : 0; break;
    case VIEW_DOWN: to++; break;
    case VIEW_PAGE_UP: to = to > page ? to - page : 0; break;
    case VIEW_PAGE_DOWN: to += page; break;
    case VIEW_HOME: to = 0; break;
    case VIEW_END: to = last; break;
    case VIEW_LEFT:
    case VIEW_RIGHT:
    case VIEW_TOGGLE:
    case VIEW_FOLLOW:
    case VIEW_TIDY: return false;
    }
    list->selected = to > last ? last : to;
    return true;
}

bool list_navigate_text(struct list *list, enum view_navigation where)
{
    enum { PAN_STEP = 8 };
    if (where == VIEW_LEFT)
        list->pan = list->pan > PAN_STEP ? list->pan - PAN_STEP : 0;
    else if (where == VIEW_RIGHT)
        list->pan += list->widest > 0 ? PAN_STEP : 0;
    else
        return list_navigate(list, where);
    return true;
}

void list_put_text(
    struct list *list, struct win w, int y, int x, unsigned style, const char *text, size_t length)
{
    int room = w.cols - x, left = text_colsn(text, length, w.grid->ascii) - list->pan - room;
    struct win cut = win_sub(w, y, x, 1, room);
    if (left > list->widest)
        list->widest = left;
    win_putn(win_panned(cut, 0, list->pan), 0, 0, style, text, length);
    if (left > 0)
        win_char(cut, 0, room - 1, style, MARK_ELLIPSIS);
}

int list_row_at(const struct list *list, int y, size_t *row)
{
    size_t at = list->top + (size_t)y;
    if (y < 0 || at >= list->count)
        return FLOW_NOT_FOUND;
    *row = at;
    return FLOW_OK;
}

bool list_click(struct list *list, int y)
{
    size_t row;
    if (list_row_at(list, y, &row) != FLOW_OK)
        return false;
    list_select(list, row);
    return true;
}

size_t list_layout(struct list *list, int rows)
{
    list->rows = rows;
    list->widest = 0;
    size_t room = rows > 0 ? (size_t)rows : 0;
    if (list->selected < list->top)
        list->top = list->selected;
    if (room && list->selected >= list->top + room)
        list->top = list->selected - room + 1;
    if (list->top + room > list->count)
        list->top = list->count > room ? list->count - room : 0;
    size_t left = list->count - list->top;
    return left < room ? left : room;
}

bool list_search(struct list *list, int direction, bool (*matches)(void *user, size_t row), void *user)
{
    for (size_t i = 1; i <= list->count; i++) {
        size_t step = direction < 0 ? list->count - i : i;
        size_t row = (list->selected + step) % list->count;
        if (matches(user, row)) {
            list->selected = row;
            return true;
        }
    }
    return false;
}
