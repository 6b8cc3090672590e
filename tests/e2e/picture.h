/* Pictures of a terminal's screen, for the README and the manual. */
#ifndef TESTS_E2E_PICTURE_H
#define TESTS_E2E_PICTURE_H

#include "base/str.h"
#include "tests/e2e/term.h"

/* Of the terminal's window; the program is told by FLOWDBG_THEME. */
enum picture_theme {
    PICTURE_DARK,
    PICTURE_LIGHT,
};

/* Writes NAME.png into the folder that the environment variable FLOWDBG_PICTURES names, with rsvg-convert.
 * Does nothing when the variable is not set. Fails the test when the picture cannot be made. */
void picture_write_(struct term *t, enum picture_theme theme, const char *name);
#define picture_write(t, name)       TERM_AT_(picture_write_(t, PICTURE_DARK, name))
#define picture_write_light(t, name) TERM_AT_(picture_write_(t, PICTURE_LIGHT, name))

/* The picture as SVG, in a thin window frame. One cell is 10 x 20 units. */
void picture_svg(const struct term *t, enum picture_theme theme, struct str *out);

#endif
