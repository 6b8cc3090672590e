/* One channel while it is routed: shared by channels.c (what runs where it must) and tracks.c (in which
 * order). */
#ifndef TUI_GRAPH_CHANNELS_H
#define TUI_GRAPH_CHANNELS_H

#include "tui/graph/model.h"

/* Where a net touches a box or a passing line. */
struct pin {
    int32_t cell;
    uint32_t net;
    uint32_t links; /* that end here */
    uint8_t side;   /* 0 comes from above, 1 goes on below */
};

/* pins[first..first+count) of the channel, by cell. */
struct net {
    uint32_t first, count;
    uint32_t links;
    bool straight; /* all pins in one column: needs no track */
    bool jogs;     /* changes column between two tracks */
    bool clashes;  /* costs crossings that it would not if it were two nets, left and right of its centre */
    bool bumps; /* must be where it costs crossings, or change column, for a pin in the column of another's */
    uint32_t upper_run, lower_run;
};

struct must {
    uint32_t above, below; /* nets */
};

/* A stretch of track: a net, or with a jog its upper or lower half. run_pins[first..first+count), by cell. */
struct run {
    uint32_t net;
    uint32_t first, count;
    int32_t low, high;
    int32_t jog;    /* of an upper half; else -1 */
    int32_t centre; /* the cell that all its links share */
    uint32_t centre_pin;
    int32_t track; /* the result */
};

struct channel {
    struct graph_layout *g;
    struct rank *rank;
    bool may_cut; /* look for nets that clash or bump */
    struct pin *pins;
    uint32_t pin_count;
    struct net *nets;
    uint32_t net_count;
    struct must *musts;
    uint32_t must_count;
    struct run *runs;
    uint32_t run_count;
    struct pin *run_pins;
    uint32_t run_pin_count;
    uint32_t *covered; /* links ending before run_pins[i], summed up */
};

/* tracks.c: sets the track of every run. FLOW_OK or FLOW_ENOMEM. */
int graph_pack_tracks(struct channel *c, struct scratch *s);

#endif
