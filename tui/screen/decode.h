/* From the bytes that a terminal sends to events. Pure: no terminal, no clock, no locale but `utf8`.
 *
 * It knows the sequences of xterm and its many descendants, of the Linux console and of rxvt, and whatever
 * else the terminal's description adds. A sequence that it does not know is swallowed whole, never typed. */
#ifndef TUI_SCREEN_DECODE_H
#define TUI_SCREEN_DECODE_H

#include "base/str.h"
#include "base/vec.h"
#include "tui/screen/event.h"

/* A sequence from the terminal's description. */
struct decoder_key {
    char bytes[16];
    uint32_t key;
    unsigned mods;
};

struct decoder {
    bool utf8;
    bool test_protocol; /* ESC [ ? 7777 n is EVENT_SYNC */
    struct {
        VEC(struct decoder_key);
    } extra;

    struct str input; /* what is not decoded yet */
    size_t taken;     /* of it */
    bool in_paste;
    bool gave_paste; /* `paste` is lent to the caller until the next call */
    struct str paste;
    int64_t last_input_ms;
    int64_t last_click_ms; /* -1: the next click is a first one */
    int last_click_y, last_click_x;
};

/* How long half a sequence may wait for its rest. */
#define DECODER_ESCAPE_MS   25   /* a lone ESC is the Escape key after this */
#define DECODER_SEQUENCE_MS 500  /* what has clearly begun as a sequence */
#define DECODER_PASTE_MS    2000 /* a paste whose end never comes */
#define DECODER_DOUBLE_MS   400  /* between the clicks of a double click */

void decoder_finish(struct decoder *d);
/* Adds a key of the terminal's description; NULL, short and long sequences are ignored. */
void decoder_add_key(struct decoder *d, const char *bytes, uint32_t key, unsigned mods);
/* FLOW_OK or FLOW_ENOMEM. */
int decoder_feed(struct decoder *d, const char *bytes, size_t length, int64_t now_ms);
/* FLOW_OK and *out, or FLOW_AGAIN: nothing there, or not whole yet and still in time. */
int decoder_next(struct decoder *d, int64_t now_ms, struct event *out);
/* Milliseconds until decoder_next will have an answer without more input; -1: nothing is waiting. */
int decoder_wait_ms(const struct decoder *d, int64_t now_ms);

#endif
