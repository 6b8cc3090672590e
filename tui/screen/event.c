#include "tui/screen/event.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const char *const names[] = {
#define X(name, text) [K_##name - K_NONE] = text,
    KEYS(X)
#undef X
};

const char *event_key_name(uint32_t key, unsigned mods, char out[KEY_NAME_MAX])
{
    char plain[16] = "?";
    if (key > K_NONE && key < K_LAST) {
        snprintf(plain, sizeof plain, "%s", names[key - K_NONE]);
    } else if (key == ' ') {
        snprintf(plain, sizeof plain, "Space");
    } else if (key > ' ') {
        char bytes[4];
        size_t size = utf8_encode(key, bytes);
        memcpy(plain, bytes, size);
        plain[size] = '\0';
    }
    snprintf(out, KEY_NAME_MAX, "%s%s%s%s", mods & MOD_CTRL ? "C-" : "", mods & MOD_ALT ? "M-" : "",
        mods & MOD_SHIFT ? "S-" : "", plain);
    return out;
}

static unsigned mod_of(char letter)
{
    return letter == 'C' ? MOD_CTRL : letter == 'M' ? MOD_ALT : letter == 'S' ? MOD_SHIFT : 0;
}

int event_key_parse(const char *name, uint32_t *key, unsigned *mods)
{
    unsigned found = 0;
    while (name[0] && name[1] == '-' && name[2] && mod_of(name[0])) {
        found |= mod_of(name[0]);
        name += 2;
    }
    uint32_t code = 0;
    if (strcmp(name, "Space") == 0)
        code = ' ';
    for (uint32_t i = 1; i < sizeof names / sizeof *names && !code; i++)
        if (strcmp(names[i], name) == 0)
            code = K_NONE + i;
    if (!code) {
        unsigned one;
        size_t length = strlen(name);
        if (length == 0 || utf8_decode(name, length, &one) != length)
            return FLOW_NOT_FOUND;
        code = one;
    }
    *key = code;
    *mods = found;
    return FLOW_OK;
}
