#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tests/e2e/term_private.h"

static const struct {
    const char *name;
    int key;           /* VTERM_KEY_..., or NONE for a literal */
    const char *bytes; /* for a literal */
} named_keys[] = {
    {"Enter", VTERM_KEY_ENTER, NULL},
    {"Esc", VTERM_KEY_ESCAPE, NULL},
    {"Tab", VTERM_KEY_TAB, NULL},
    {"Backspace", VTERM_KEY_BACKSPACE, NULL},
    {"Up", VTERM_KEY_UP, NULL},
    {"Down", VTERM_KEY_DOWN, NULL},
    {"Left", VTERM_KEY_LEFT, NULL},
    {"Right", VTERM_KEY_RIGHT, NULL},
    {"Home", VTERM_KEY_HOME, NULL},
    {"End", VTERM_KEY_END, NULL},
    {"PageUp", VTERM_KEY_PAGEUP, NULL},
    {"PageDown", VTERM_KEY_PAGEDOWN, NULL},
    {"Insert", VTERM_KEY_INS, NULL},
    {"Delete", VTERM_KEY_DEL, NULL},
    {"Space", VTERM_KEY_NONE, " "},
    {"lt", VTERM_KEY_NONE, "<"},
};

/* Control characters are made here: libvterm would send some of them as CSI u. */
static bool type_literal(struct term *t, const char *bytes, size_t length, int modifiers)
{
    if ((modifiers & VTERM_MOD_CTRL) && length != 1)
        return false;
    if (modifiers & VTERM_MOD_ALT)
        str_add_char(&t->typed, '\033');
    if (modifiers & VTERM_MOD_CTRL)
        str_add_char(&t->typed, *bytes == '?' ? 0x7f : (char)(*bytes & 0x1f));
    else
        str_add_bytes(&t->typed, bytes, length);
    return true;
}

/* The name inside < and >, with its modifiers. False when there is no such key. */
static bool type_named(struct term *t, const char *name)
{
    int modifiers = 0;
    for (; *name && name[1] == '-' && name[2]; name += 2) {
        if (*name == 'C')
            modifiers |= VTERM_MOD_CTRL;
        else if (*name == 'A')
            modifiers |= VTERM_MOD_ALT;
        else if (*name == 'S')
            modifiers |= VTERM_MOD_SHIFT;
        else
            return false;
    }
    for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++) {
        if (strcmp(name, named_keys[i].name) != 0)
            continue;
        if (named_keys[i].bytes)
            return type_literal(t, named_keys[i].bytes, 1, modifiers);
        vterm_keyboard_key(t->vterm, (VTermKey)named_keys[i].key, (VTermModifier)modifiers);
        return true;
    }
    int function = *name == 'F' ? atoi(name + 1) : 0;
    if (function >= 1 && function <= 12) {
        vterm_keyboard_key(t->vterm, (VTermKey)VTERM_KEY_FUNCTION(function), (VTermModifier)modifiers);
        return true;
    }
    return modifiers != 0 && type_literal(t, name, strlen(name), modifiers);
}

static void type_keys(struct term *t, const char *keys, bool wait_after_escape)
{
    while (*keys) {
        char name[32];
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
        if (!end) {
            if (*keys == '<')
                term_fail_(t, "keys: a '<' without '>' (write <lt>) in '%s'", keys);
            size_t length = strcspn(keys, "<");
            str_add_bytes(&t->typed, keys, length);
            keys += length;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)(end - keys - 1), keys + 1);
        if (!type_named(t, name))
            term_fail_(t, "keys: there is no key <%s>", name);
        keys = end + 1;
        if (wait_after_escape && *keys && strcmp(name, "Esc") == 0)
            term_sync_(t);
    }
    term_flush(t);
}

void term_keys_(struct term *t, const char *keys)
{
    type_keys(t, keys, false);
}

void term_type_(struct term *t, const char *keys)
{
    type_keys(t, keys, true);
    term_sync_(t);
}

void term_paste_(struct term *t, const char *text)
{
    bool bracketed = term_mode(t, 2004);
    str_addf(&t->typed, "%s%s%s", bracketed ? "\033[200~" : "", text, bracketed ? "\033[201~" : "");
    term_flush(t);
}

void term_resize_(struct term *t, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    while (term_pump(t, term_now_ms() - 1)) /* what was written for the old size belongs on the old size */
        continue;
    vterm_set_size(t->vterm, rows, cols);
    if (ioctl(t->master, TIOCSWINSZ, &size) < 0)
        term_fail_(t, "resizing to %dx%d: %s", cols, rows, strerror(errno));
}

void term_mouse_(struct term *t, int button, bool pressed, int row, int col)
{
    if (t->mouse == VTERM_PROP_MOUSE_NONE)
        term_fail_(t, "the program has not asked for the mouse");
    vterm_mouse_move(t->vterm, row, col, VTERM_MOD_NONE);
    vterm_mouse_button(t->vterm, button, pressed, VTERM_MOD_NONE);
    term_flush(t);
}

void term_click_(struct term *t, int row, int col)
{
    term_mouse_(t, 1, true, row, col);
    term_mouse_(t, 1, false, row, col);
}

void term_wheel_(struct term *t, int clicks, int row, int col)
{
    for (int i = 0; i < abs(clicks); i++)
        term_mouse_(t, clicks > 0 ? 5 : 4, true, row, col);
}
