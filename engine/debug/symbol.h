/* Names for addresses, out of the symbol table of an ELF file: static functions too, which dladdr cannot
 * name.
 */
#ifndef DEBUG_SYMBOL_H
#define DEBUG_SYMBOL_H

#include <stdint.h>

#include "base/str.h"

/* The function that covers the file offset of a code address. FLOW_OK: its name is appended and *distance is
 * how far into it; FLOW_NOT_FOUND: no such file, not ELF for this machine, stripped, damaged. */
int dbg_symbol_find(const char *path, uint64_t file_offset, struct str *name, uint64_t *distance);

#endif
