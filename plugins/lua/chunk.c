/* From source text to functions: repairing wiring lines, and require. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static const char modules_key; /* registry: name -> what the module returned; false while it loads */

/* `a >> b` is an expression, and Lua has no expression statements. Where the parser stops at such an
 * operator, the loader looks for the line at which the statement begins and makes it an assignment by putting
 * this in front of it, on the same line, so that no line number changes. */
static const char repair[] = "__wired=";
enum { LOOK_BACK = 100 };

/* Line number in a syntax error "NAME:LINE: ...", 0 if it has none; and whether a wiring operator is to
 * blame. */
static long error_line(const char *message, const char *name, bool *is_wiring)
{
    static const char *const operators[] = {" near '>>'", " near '<<'", " near '|'"};
    size_t message_length = strlen(message), name_length = strlen(name);
    *is_wiring = false;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (message_length >= length && strcmp(message + message_length - length, operators[i]) == 0)
            *is_wiring = true;
    }
    if (strncmp(message, name, name_length) != 0 || message[name_length] != ':')
        return 0;
    return strtol(message + name_length + 1, NULL, 10);
}

/* Compiles; pushes the function or the message. */
static int compile(lua_State *L, const char *text, size_t length, const char *name)
{
    lua_pushfstring(L, "@%s", name);
    int status = luaL_loadbufferx(L, text, length, lua_tostring(L, -1), "t");
    lua_remove(L, -2);
    return status;
}

/* Offset of the line, or of the end of the text. */
static size_t line_offset(const char *text, size_t length, long line)
{
    size_t at = 0;
    for (long n = 1; n < line && at < length; n++) {
        const char *end = memchr(text + at, '\n', length - at);
        at = end ? (size_t)(end - text) + 1 : length;
    }
    return at;
}

/* What the line at `at` says: its first and last character that is neither blank nor comment; 0 for none. */
static void line_ends(const char *text, size_t length, size_t at, char *first, char *last, size_t *next)
{
    const char *end = memchr(text + at, '\n', length - at);
    size_t stop = end ? (size_t)(end - text) : length;
    *next = end ? stop + 1 : length;
    *first = *last = 0;
    for (; at < stop && !(text[at] == '-' && at + 1 < stop && text[at + 1] == '-'); at++) {
        if (strchr(" \t\r", text[at]))
            continue;
        if (!*first)
            *first = text[at];
        *last = text[at];
    }
}

/* In Lua a line that begins with '(' continues the one above it: after a wiring, `(b | c) >> d` would call
 * the last task. Gives the offset of the line if such a one follows the wiring that `line` is part of, else
 * 0. */
static size_t find_parenthesis(const char *text, size_t length, long line)
{
    char first, last, previous;
    size_t at = line_offset(text, length, line), next;
    line_ends(text, length, at, &first, &previous, &next);
    for (at = next; at < length; at = next) {
        line_ends(text, length, at, &first, &last, &next);
        if (first == '(' && !strchr("><|,({=", previous))
            return at;
        if (first && !strchr("><|", first) && !strchr("><|,({=", previous))
            return 0;
        if (last)
            previous = last;
    }
    return 0;
}

/* Pushes the text with the repair at the beginning of the line, and a ';' before a '(' that follows. */
static void push_repaired(lua_State *L, const char *text, size_t length, long at_line, long failed_line)
{
    size_t offset = line_offset(text, length, at_line);
    size_t parenthesis = find_parenthesis(text, length, failed_line);
    luaL_Buffer b;
    offset += strspn(text + offset, " \t;");
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, text, offset);
    luaL_addstring(&b, repair);
    if (parenthesis > offset) {
        luaL_addlstring(&b, text + offset, parenthesis - offset);
        luaL_addchar(&b, ';');
        offset = parenthesis;
    }
    luaL_addlstring(&b, text + offset, length - offset);
    luaL_pushresult(&b);
}

/* Tries the repair at the beginning of the line. On progress replaces the source at idx by the repaired one
 * and pushes the outcome of compiling that; else pushes nothing. */
static bool try_repair(lua_State *L, int idx, const char *name, long at_line, long failed_line, int *status)
{
    size_t length;
    bool is_wiring;
    const char *text = lua_tolstring(L, idx, &length);
    push_repaired(L, text, length, at_line, failed_line);
    const char *repaired = lua_tolstring(L, -1, &length);
    *status = compile(L, repaired, length, name);
    bool is_better = *status == LUA_OK || error_line(lua_tostring(L, -1), name, &is_wiring) > failed_line;
    if (!is_better) {
        lua_pop(L, 2);
        return false;
    }
    lua_insert(L, -2);
    lua_replace(L, idx);
    return true;
}

/* The message at the top of the stack is about a wiring; repairs its statement. */
static bool repair_statement(lua_State *L, int idx, const char *name, long failed_line, int *status)
{
    for (long line = failed_line; line > 0 && line > failed_line - LOOK_BACK; line--)
        if (try_repair(L, idx, name, line, failed_line, status))
            return true;
    return false;
}

int script_chunk_compile(lua_State *L, const char *text, size_t length, const char *name)
{
    lua_pushlstring(L, text, length);
    int idx = lua_gettop(L);
    int status = compile(L, text, length, name);
    while (status == LUA_ERRSYNTAX) {
        bool is_wiring;
        long line = error_line(lua_tostring(L, -1), name, &is_wiring);
        if (!is_wiring)
            break;
        if (!repair_statement(L, idx, name, line, &status)) {
            lua_pushliteral(L, " (a wiring begins its own line; anywhere else write: local _ = a >> b)");
            lua_concat(L, 2);
            break;
        }
        lua_remove(L, idx + 1); /* the message of the attempt before */
    }
    lua_remove(L, idx);
    return status;
}

/* Reads a whole file into a Lua string, which it pushes. */
static void read_file(lua_State *L, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        luaL_error(L, "cannot open '%s': %s", path, strerror(errno));
    luaL_Buffer b;
    size_t count;
    luaL_buffinit(L, &b);
    do {
        char *room = luaL_prepbuffsize(&b, 65536);
        count = fread(room, 1, 65536, file);
        luaL_addsize(&b, count);
    } while (count > 0);
    int failure = ferror(file) ? errno : 0;
    fclose(file);
    if (failure)
        luaL_error(L, "cannot read '%s': %s", path, strerror(failure));
    luaL_pushresult(&b);
}

/* How much of the beginning is no Lua: a byte order mark, a first line with #!. */
static size_t preamble(const char *text, size_t length)
{
    size_t skipped = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (skipped < length && text[skipped] == '#') {
        const char *end = memchr(text + skipped, '\n', length - skipped);
        skipped = end ? (size_t)(end - text) : length;
    }
    return skipped;
}

void script_chunk_load(lua_State *L, const char *name)
{
    const struct script *s = script_of(L);
    size_t length;
    lua_pushfstring(L, "%s%s", s->folder, name);
    read_file(L, lua_tostring(L, -1));
    const char *text = lua_tolstring(L, -1, &length);
    if (flow_loader_source(s->loader, name, text, length) < 0)
        luaL_error(L, "%s: its source cannot be kept: not enough memory", name);
    size_t skipped = preamble(text, length);
    if (script_chunk_compile(L, text + skipped, length - skipped, name) != LUA_OK)
        lua_error(L);
    script_sandbox_push(L);
    lua_setupvalue(L, -2, 1);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Pushes the file name of a module: "lib.util" is lib/util.lua. Only beside the workflow or below. */
static const char *module_file(lua_State *L, const char *module)
{
    bool is_valid = *module && *module != '.' && !strstr(module, "..") && module[strlen(module) - 1] != '.';
    for (const char *c = module; *c && is_valid; c++)
        is_valid = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                   *c == '_' || *c == '-' || *c == '.';
    if (!is_valid)
        luaL_error(L,
            "require '%s': a module is named by letters, digits, _ and -, with dots between folders", module);
    luaL_gsub(L, module, ".", "/");
    return lua_pushfstring(L, "%s.lua", lua_tostring(L, -1));
}

static void push_modules(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
    }
}

int script_require(lua_State *L)
{
    const char *module = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    push_modules(L);
    int type = lua_getfield(L, 2, module);
    if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        return luaL_error(L, "require '%s': the module requires itself", module);
    if (type != LUA_TNIL)
        return 1;
    if (!script_of(L)->is_loading)
        return luaL_error(L,
            "require '%s' inside a task: write it at the top of the file, so that its source is known before "
            "the run begins",
            module);
    const char *name = module_file(L, module);
    lua_pushboolean(L, 0);
    lua_setfield(L, 2, module);
    script_chunk_load(L, name);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, module);
    return 1;
}
