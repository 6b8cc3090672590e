/* Characters that are drawn, not written: lines, blocks and triangles must meet their neighbours exactly,
 * which no font promises. */
#ifndef TESTS_E2E_PICTURE_GLYPHS_H
#define TESTS_E2E_PICTURE_GLYPHS_H

#include <stdbool.h>

#include "base/str.h"

enum { GLYPH_WIDTH = 10, GLYPH_HEIGHT = 20 }; /* of a cell, in SVG units; half units fall on pixels */

enum glyph_side { GLYPH_UP, GLYPH_RIGHT, GLYPH_DOWN, GLYPH_LEFT };

/* Does the character have a line that reaches this side of its cell? */
bool glyph_reaches(unsigned code_point, enum glyph_side side);
/* The side at the base of a triangle, where the line comes from that it ends; -1 for other characters. */
int glyph_base(unsigned code_point);

/* Appends SVG that draws the character into the cell whose corner is x, y, and returns true; returns false
 * for characters that have to be written. `joined`: the neighbour at a triangle's base reaches this cell. */
bool glyph_draw(struct str *out, unsigned code_point, double x, double y, const char *colour, bool joined);

#endif
