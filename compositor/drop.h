#ifndef DROP_H
#define DROP_H

#include <stdbool.h>
#include <wlr/util/box.h>

#include "layout.h"

struct server;
struct tile;
struct workspace;

/** What happens to a tile that is dropped. */
enum drop_kind {
	DROP_NOTHING, // it stays where it is
	DROP_BESIDE, // on that side of another tile
	DROP_SWAP, // they change places
	DROP_TAB, // both are tabs of one container
	DROP_EDGE, // on that side of all tiles
	DROP_THERE, // on a workspace without other tiles
};

struct drop {
	enum drop_kind kind;
	struct workspace *workspace; // where it goes
	struct tile *target; // of DROP_BESIDE, DROP_SWAP, DROP_TAB
	enum layout_direction side; // of DROP_BESIDE, DROP_EDGE
	struct wlr_box box; // about where it goes, in layout coordinates
};

/** What dropping the tile at a point of the layout would do. */
struct drop drop_at(struct server *server, const struct tile *tile, double lx, double ly);

/** Do it; the tile gets the focus. What the drop names must still be there. */
void drop_do(struct tile *tile, const struct drop *drop);

#endif
