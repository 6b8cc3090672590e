#include "tui/screen/decode.h"

#include <string.h>
#include <wchar.h>

#define PASTE_MAX ((size_t)1 << 20)
#define ESC       '\033'

/* What looking at the front of the input found. */
enum found {
    FOUND_EVENT,
    FOUND_NOTHING, /* bytes were used up without an event */
    FOUND_PART,    /* more bytes are needed to know */
};

struct view {
    const char *bytes;
    size_t length;
    size_t used; /* set together with FOUND_EVENT and FOUND_NOTHING */
    bool expired;
};

void decoder_finish(struct decoder *d)
{
    vec_finish(&d->extra);
    str_finish(&d->input);
    str_finish(&d->paste);
}

void decoder_add_key(struct decoder *d, const char *bytes, uint32_t key, unsigned mods)
{
    struct decoder_key k = {.key = key, .mods = mods};
    /* Single characters are read by rules of their own; terminfo gives (char *)-1 for what is not a string.
     */
    if (!bytes || bytes == (const char *)-1 || bytes[0] != ESC || !bytes[1] ||
        strlen(bytes) >= sizeof k.bytes)
        return;
    strcpy(k.bytes, bytes);
    if (vec_push(&d->extra, k) < 0)
        return; /* one key fewer */
}

int decoder_feed(struct decoder *d, const char *bytes, size_t length, int64_t now_ms)
{
    if (d->taken == d->input.length) {
        str_clear(&d->input);
        d->taken = 0;
    }
    d->last_input_ms = now_ms;
    return str_add_bytes(&d->input, bytes, length);
}

static enum found found_key(struct view *v, size_t used, struct event *out, uint32_t key, unsigned mods)
{
    v->used = used;
    if (key == 0)
        return FOUND_NOTHING;
    *out = (struct event){.kind = EVENT_KEY, .key = key, .mods = mods};
    return FOUND_EVENT;
}

static enum found skip(struct view *v, size_t used)
{
    v->used = used;
    return FOUND_NOTHING;
}

/* The number before `~`, as VT220, xterm, rxvt and the Linux console send it. */
static uint32_t tilde_key(int number, unsigned *mods)
{
    static const uint16_t by_number[] = {
        [1] = K_HOME - K_NONE,
        [2] = K_INSERT - K_NONE,
        [3] = K_DELETE - K_NONE,
        [4] = K_END - K_NONE,
        [5] = K_PAGE_UP - K_NONE,
        [6] = K_PAGE_DOWN - K_NONE,
        [7] = K_HOME - K_NONE,
        [8] = K_END - K_NONE,
        [11] = K_F1 - K_NONE,
        [12] = K_F2 - K_NONE,
        [13] = K_F3 - K_NONE,
        [14] = K_F4 - K_NONE,
        [15] = K_F5 - K_NONE,
        [17] = K_F6 - K_NONE,
        [18] = K_F7 - K_NONE,
        [19] = K_F8 - K_NONE,
        [20] = K_F9 - K_NONE,
        [21] = K_F10 - K_NONE,
        [23] = K_F11 - K_NONE,
        [24] = K_F12 - K_NONE,
        /* F13 to F20 are the shifted ones */
        [25] = K_F1 - K_NONE,
        [26] = K_F2 - K_NONE,
        [28] = K_F3 - K_NONE,
        [29] = K_F4 - K_NONE,
        [31] = K_F5 - K_NONE,
        [32] = K_F6 - K_NONE,
        [33] = K_F7 - K_NONE,
        [34] = K_F8 - K_NONE,
    };
    if (number < 0 || (size_t)number >= sizeof by_number / sizeof *by_number || by_number[number] == 0)
        return 0;
    if (number >= 25)
        *mods |= MOD_SHIFT;
    return K_NONE + by_number[number];
}

static uint32_t letter_key(char final)
{
    switch (final) {
    case 'A': return K_UP;
    case 'B': return K_DOWN;
    case 'C': return K_RIGHT;
    case 'D': return K_LEFT;
    case 'H': return K_HOME;
    case 'F': return K_END;
    case 'P': return K_F1;
    case 'Q': return K_F2;
    case 'R': return K_F3;
    case 'S': return K_F4;
    case 'Z': return K_TAB;
    default: return 0;
    }
}

/* xterm's parameter is 1 plus a bit set; its fourth bit, Meta, is another Alt. */
static unsigned mods_of_param(int param)
{
    unsigned bits = param > 1 ? (unsigned)param - 1 : 0;
    return (bits & 7) | (bits & 8 ? MOD_ALT : 0);
}

/* A key given as a number (CSI u, modifyOtherKeys), brought to the form that event.h promises. */
static enum found found_code(struct view *v, size_t used, struct event *out, int code, unsigned mods)
{
    switch (code) {
    case '\r':
    case '\n': return found_key(v, used, out, K_ENTER, mods);
    case '\t': return found_key(v, used, out, K_TAB, mods);
    case 8:
    case 127: return found_key(v, used, out, K_BACKSPACE, mods);
    case ESC: return found_key(v, used, out, K_ESCAPE, mods);
    default: break;
    }
    if (code < ' ' || (code >= 0x7f && code < 0xa0) || code >= K_NONE)
        return skip(v, used);
    if (code >= 'A' && code <= 'Z' && (mods & MOD_CTRL))
        code += 'a' - 'A';
    return found_key(v, used, out, (uint32_t)code, mods & ~(unsigned)MOD_SHIFT);
}

static enum found mouse_event(
    struct decoder *d, struct view *v, size_t used, int button, int x, int y, struct event *out)
{
    v->used = used;
    *out = (struct event){.kind = EVENT_MOUSE, .y = y, .x = x};
    out->mods = (button & 4 ? MOD_SHIFT : 0u) | (button & 8 ? MOD_ALT : 0u) | (button & 16 ? MOD_CTRL : 0u);
    if (x < 0 || y < 0 || (button & 32))
        return FOUND_NOTHING;
    switch (button & ~28) {
    case 0: break;
    case 1: out->mouse = MOUSE_MIDDLE_CLICK; return FOUND_EVENT;
    case 2: out->mouse = MOUSE_RIGHT_CLICK; return FOUND_EVENT;
    case 64: out->mouse = MOUSE_WHEEL_UP; return FOUND_EVENT;
    case 65: out->mouse = MOUSE_WHEEL_DOWN; return FOUND_EVENT;
    default: return FOUND_NOTHING; /* releases, wheels to the side */
    }
    bool again = d->last_click_ms > 0 && d->last_input_ms - d->last_click_ms <= DECODER_DOUBLE_MS &&
                 d->last_click_y == y && d->last_click_x == x;
    out->mouse = again ? MOUSE_DOUBLE_CLICK : MOUSE_CLICK;
    d->last_click_ms = again ? -1 : d->last_input_ms;
    d->last_click_y = y;
    d->last_click_x = x;
    return FOUND_EVENT;
}

/* ESC [ prefix params intermediates final */
struct csi {
    char prefix; /* one of <=>? or 0 */
    int params[4];
    int count;
    char final;
    size_t length;
};

static enum found read_csi(struct view *v, struct csi *out)
{
    size_t at = 2;
    *out = (struct csi){0};
    if (at < v->length && v->bytes[at] >= '<' && v->bytes[at] <= '?')
        out->prefix = v->bytes[at++];
    bool digits = false;
    for (; at < v->length; at++) {
        unsigned char c = (unsigned char)v->bytes[at];
        if (c >= '0' && c <= '9') {
            int *param = &out->params[out->count < 4 ? out->count : 3];
            if (*param < 100000000)
                *param = *param * 10 + (c - '0');
            digits = true;
        } else if (c == ';' || c == ':') {
            if (out->count < 3)
                out->params[++out->count] = 0;
        } else if ((c >= 0x40 && c <= 0x7e) || (c == '$' && digits && !out->prefix && out->count == 0)) {
            out->final = (char)c; /* rxvt ends shifted keys with `$` */
            out->length = at + 1;
            out->count++;
            return FOUND_EVENT;
        } else if (c < 0x20 || c >= 0x7f) {
            return skip(v, at); /* broken off: what is here is read on its own */
        }
    }
    return FOUND_PART;
}

static enum found csi_mouse(struct decoder *d, struct view *v, const struct csi *csi, struct event *out)
{
    if (csi->prefix == '<')
        return csi->final == 'M' ? mouse_event(d, v, csi->length, csi->params[0], csi->params[1] - 1,
                                       csi->params[2] - 1, out)
                                 : skip(v, csi->length);
    /* The old form: three bytes of value + 32. */
    if (v->length < csi->length + 3)
        return FOUND_PART;
    const unsigned char *b = (const unsigned char *)v->bytes + csi->length;
    return mouse_event(d, v, csi->length + 3, b[0] - 32, b[1] - 33, b[2] - 33, out);
}

static enum found csi_tilde(struct decoder *d, struct view *v, const struct csi *csi, struct event *out)
{
    unsigned mods = csi->count > 1 ? mods_of_param(csi->params[1]) : 0;
    if (csi->params[0] == 27 && csi->count == 3)
        return found_code(v, csi->length, out, csi->params[2], mods);
    if (csi->params[0] == 200) {
        d->in_paste = true;
        str_clear(&d->paste);
        return skip(v, csi->length);
    }
    if (csi->final == '^' || csi->final == '@')
        mods |= MOD_CTRL;
    if (csi->final == '$' || csi->final == '@')
        mods |= MOD_SHIFT;
    uint32_t key = tilde_key(csi->params[0], &mods);
    return found_key(v, csi->length, out, key, mods);
}

static enum found decode_csi(struct decoder *d, struct view *v, struct event *out)
{
    if (v->length >= 3 && v->bytes[2] == '[') { /* Linux console: ESC [ [ A is F1 */
        if (v->length < 4)
            return FOUND_PART;
        bool known = v->bytes[3] >= 'A' && v->bytes[3] <= 'E';
        return found_key(v, 4, out, known ? K_F1 + (uint32_t)(v->bytes[3] - 'A') : 0, 0);
    }
    struct csi csi;
    enum found found = read_csi(v, &csi);
    if (found != FOUND_EVENT)
        return found;
    if (csi.final == 'M' || csi.final == 'm')
        return csi_mouse(d, v, &csi, out);
    if (csi.prefix == '?' && csi.final == 'n' && csi.params[0] == 7777 && d->test_protocol) {
        v->used = csi.length;
        *out = (struct event){.kind = EVENT_SYNC};
        return FOUND_EVENT;
    }
    if (csi.prefix)
        return skip(v, csi.length);
    unsigned mods = csi.count > 1 ? mods_of_param(csi.params[1]) : 0;
    if (csi.final == 'u')
        return found_code(v, csi.length, out, csi.params[0], mods);
    if (strchr("~^$@", csi.final))
        return csi_tilde(d, v, &csi, out);
    if (csi.final >= 'a' && csi.final <= 'd') /* rxvt: shifted arrows */
        return found_key(v, csi.length, out, letter_key((char)(csi.final - 32)), MOD_SHIFT);
    if (csi.final == 'Z')
        mods |= MOD_SHIFT;
    return found_key(v, csi.length, out, letter_key(csi.final), mods);
}

/* ESC O x: keypads and the first function keys. */
static enum found decode_ss3(struct view *v, struct event *out)
{
    size_t at = 2;
    int param = 0;
    while (at < v->length && v->bytes[at] >= '0' && v->bytes[at] <= '9')
        param = (param * 10 + (v->bytes[at++] - '0')) % 1000;
    if (at >= v->length)
        return FOUND_PART;
    char c = v->bytes[at];
    unsigned mods = mods_of_param(param);
    if (c >= 'a' && c <= 'd') /* rxvt: arrows with Ctrl */
        return found_key(v, at + 1, out, letter_key((char)(c - 32)), MOD_CTRL);
    if (c == 'M')
        return found_key(v, at + 1, out, K_ENTER, mods);
    if (c == 'X')
        return found_key(v, at + 1, out, '=', 0);
    if (c >= 'j' && c <= 'y')
        return found_key(v, at + 1, out, (uint32_t)(c - 'j' + '*'), 0);
    if (c < 0x20 || c >= 0x7f)
        return skip(v, at);
    return found_key(v, at + 1, out, c == 'Z' ? 0 : letter_key(c), mods);
}

/* ESC ] ... BEL, ESC P ... ESC \: answers that nobody asked for. */
static enum found skip_string(struct view *v)
{
    for (size_t at = 2; at < v->length; at++) {
        if (v->bytes[at] == '\a')
            return skip(v, at + 1);
        if (v->bytes[at] == ESC && at + 1 < v->length)
            return skip(v, v->bytes[at + 1] == '\\' ? at + 2 : at);
    }
    return FOUND_PART;
}

static enum found decode_extra(const struct decoder *d, struct view *v, struct event *out)
{
    bool part = false;
    const struct decoder_key *best = NULL;
    size_t best_length = 0;
    vec_foreach (const struct decoder_key, k, &d->extra) {
        size_t length = strlen(k->bytes);
        if (length > v->length)
            part = part || memcmp(k->bytes, v->bytes, v->length) == 0;
        else if (length > best_length && memcmp(k->bytes, v->bytes, length) == 0) {
            best = k;
            best_length = length;
        }
    }
    if (best)
        return found_key(v, best_length, out, best->key, best->mods);
    return part ? FOUND_PART : FOUND_NOTHING;
}

static enum found decode_char(const struct decoder *d, struct view *v, struct event *out)
{
    unsigned char c = (unsigned char)v->bytes[0];
    switch (c) {
    case 0: return found_key(v, 1, out, ' ', MOD_CTRL);
    case '\t': return found_key(v, 1, out, K_TAB, 0);
    case '\r':
    case '\n': return found_key(v, 1, out, K_ENTER, 0);
    case 8:
    case 0x7f: return found_key(v, 1, out, K_BACKSPACE, 0);
    default: break;
    }
    if (c < 0x1b)
        return found_key(v, 1, out, (uint32_t)(c - 1 + 'a'), MOD_CTRL);
    if (c < 0x20)
        return found_key(v, 1, out, (uint32_t)(c - 0x1b + '['), MOD_CTRL);
    if (c < 0x80)
        return found_key(v, 1, out, c, 0);
    if (!d->utf8) {
        wint_t wide = btowc(c);
        return found_key(v, 1, out, wide == WEOF || wide < 0xa0 ? 0 : (uint32_t)wide, 0);
    }
    unsigned code;
    size_t size = utf8_decode(v->bytes, v->length, &code);
    if (size > 0)
        return found_key(v, size, out, code < 0xa0 ? 0 : code, 0); /* C1 controls are not typed */
    size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
    return v->length < wanted && !v->expired ? FOUND_PART : skip(v, 1);
}

/* ESC and something that is no sequence: the key with Alt. */
static enum found decode_alt(const struct decoder *d, struct view *v, struct event *out)
{
    struct view rest = {.bytes = v->bytes + 1, .length = v->length - 1, .expired = v->expired};
    enum found found = decode_char(d, &rest, out);
    v->used = rest.used + 1;
    if (found == FOUND_EVENT)
        out->mods |= MOD_ALT;
    return found;
}

/* How long the front of the input may wait for its rest. */
static int patience_ms(const struct decoder *d)
{
    if (d->in_paste)
        return DECODER_PASTE_MS;
    const char *b = d->input.text + d->taken;
    size_t length = d->input.length - d->taken;
    if (b[0] != ESC || length < 2 || (length == 2 && strchr("[O]PX_^\033", b[1])))
        return DECODER_ESCAPE_MS;
    return DECODER_SEQUENCE_MS;
}

static enum found decode_sequence(struct decoder *d, struct view *v, struct event *out)
{
    switch (v->bytes[1]) {
    case '[': return decode_csi(d, v, out);
    case 'O': return v->length == 2 ? FOUND_PART : decode_ss3(v, out);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_': return skip_string(v);
    default: return decode_alt(d, v, out);
    }
}

/* rxvt: Alt and an arrow are ESC ESC [ A. Otherwise the first ESC is a key of its own, whatever comes behind
 * it. */
static enum found decode_two_escapes(struct decoder *d, struct view *v, struct event *out)
{
    bool maybe = v->length < 3 || v->bytes[2] == '[' || v->bytes[2] == 'O';
    if (maybe && v->length < 4 && !v->expired)
        return FOUND_PART;
    if (!maybe || v->length < 4 || !v->bytes[3] || !strchr("ABCDabcd", v->bytes[3]))
        return found_key(v, 1, out, K_ESCAPE, 0);
    struct view rest = {.bytes = v->bytes + 1, .length = v->length - 1, .expired = v->expired};
    enum found found = decode_sequence(d, &rest, out);
    v->used = rest.used + 1;
    if (found == FOUND_EVENT)
        out->mods |= MOD_ALT;
    return found;
}

static enum found decode_escape(struct decoder *d, struct view *v, struct event *out)
{
    if (v->length == 1)
        return v->expired ? found_key(v, 1, out, K_ESCAPE, 0) : FOUND_PART;
    if (v->bytes[1] == ESC)
        return decode_two_escapes(d, v, out);
    enum found found = decode_extra(d, v, out);
    if (found == FOUND_EVENT)
        return found;
    bool maybe_extra = found == FOUND_PART && !v->expired;
    found = decode_sequence(d, v, out);
    if (maybe_extra && found != FOUND_EVENT)
        return FOUND_PART;
    if (found != FOUND_PART || !v->expired)
        return found;
    /* Too late for the rest. Two bytes were a key with Alt, more were half a sequence: not to be typed. */
    return v->length == 2 ? decode_alt(d, v, out) : skip(v, v->length);
}

static void add_pasted(struct decoder *d, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && d->paste.length < PASTE_MAX; i++) {
        if (bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r')
            continue;
        str_add_char(&d->paste, bytes[i] == '\r' ? '\n' : bytes[i]);
    }
}

static enum found decode_paste(struct decoder *d, struct view *v, struct event *out)
{
    static const char end[] = "\033[201~";
    const char *at = memmem(v->bytes, v->length, end, sizeof end - 1);
    if (!at && !v->expired) {
        if (v->length < PASTE_MAX)
            return FOUND_PART;
        /* more than anybody pastes into a line: keep the beginning, wait for the end */
        add_pasted(d, v->bytes, v->length - sizeof end);
        return skip(v, v->length - sizeof end);
    }
    size_t length = at ? (size_t)(at - v->bytes) : v->length;
    add_pasted(d, v->bytes, length);
    v->used = length + (at ? sizeof end - 1 : 0);
    d->in_paste = false;
    d->gave_paste = true;
    *out = (struct event){.kind = EVENT_PASTE, .text = str_text(&d->paste), .length = d->paste.length};
    return FOUND_EVENT;
}

int decoder_next(struct decoder *d, int64_t now_ms, struct event *out)
{
    if (d->gave_paste) {
        d->gave_paste = false;
        str_finish(&d->paste);
    }
    while (d->taken < d->input.length || d->in_paste) {
        struct view v = {.bytes = str_text(&d->input) + d->taken, .length = d->input.length - d->taken};
        v.expired = v.length == 0 ? now_ms - d->last_input_ms >= DECODER_PASTE_MS
                                  : now_ms - d->last_input_ms >= patience_ms(d);
        enum found found = d->in_paste         ? decode_paste(d, &v, out)
                           : v.bytes[0] == ESC ? decode_escape(d, &v, out)
                                               : decode_char(d, &v, out);
        if (found == FOUND_PART)
            return FLOW_AGAIN;
        d->taken += v.used;
        if (found == FOUND_EVENT)
            return FLOW_OK;
    }
    return FLOW_AGAIN;
}

int decoder_wait_ms(const struct decoder *d, int64_t now_ms)
{
    if (d->taken >= d->input.length && !d->in_paste)
        return -1;
    int64_t patience = d->taken < d->input.length ? patience_ms(d) : DECODER_PASTE_MS;
    int64_t left = d->last_input_ms + patience - now_ms;
    return left < 0 ? 0 : (int)left;
}
