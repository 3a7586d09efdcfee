#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/util/box.h>

/**
 * A tree of containers that tiles a box: which tile is where, and what is beside it.
 *
 * Nodes are leaves (one window or placeholder each) or containers. A layout has a root
 * container for as long as it lives; other containers come and go with their children, and
 * none but the root is ever empty. Every child has a weight above 0 that says how much of
 * its container it gets. Node pointers stay valid until layout_remove() of that leaf, even
 * when it moves to another layout; pointers to containers only until the next change.
 *
 * Boxes are in logical pixels of the output, its top left corner being 0,0. They are valid
 * after layout_arrange() until the next change of the tree. Allocation failure ends the
 * program.
 */
struct layout;
struct layout_node;

enum layout_kind {
	LAYOUT_HORIZONTAL, // side by side
	LAYOUT_VERTICAL, // one above the other
	LAYOUT_TABBED, // one is seen, titles in one row
	LAYOUT_STACKED, // one is seen, a row for each title
};

enum layout_direction {
	LAYOUT_LEFT,
	LAYOUT_RIGHT,
	LAYOUT_UP,
	LAYOUT_DOWN,
};

/** What surrounds a leaf's content, in logical pixels. All at least 0, grid at least 1. */
struct layout_style {
	int border; // on all four sides
	int title; // height of the title bar inside the border; 0: no title bars
	int grid; // every content edge is a multiple of this; see layout_grid()
	int gap; // between tiles, at least; more if the grid wants it
	int min_width; // of a tile with its border; kept while there is room for it
	int min_height; // of a tile with its border and title
};

struct layout *layout_create(enum layout_kind root_kind);

/** Destroys the layout and every node in it; the leaves' data is the caller's. */
void layout_destroy(struct layout *layout);

bool layout_empty(const struct layout *layout);

// --- leaves -------------------------------------------------------------------------------

/**
 * Adds a leaf after the focused node, or as the first. Focus stays where it is, unless the
 * layout was empty.
 */
struct layout_node *layout_insert(struct layout *layout, void *data);

/** Adds a leaf beside a leaf, on the side that the direction names, splitting as needed. */
struct layout_node *layout_insert_beside(
	struct layout_node *leaf, enum layout_direction side, void *data);

/** Removes and frees a leaf. Containers that it leaves with one child dissolve. */
void layout_remove(struct layout_node *leaf);

/** Moves a node, with all below it, to another layout, as layout_insert() would put it. */
void layout_send(struct layout_node *node, struct layout *to);

/** The caller's pointer of a leaf; NULL for a container. */
void *layout_node_data(const struct layout_node *node);

/** Exchanges the data of a leaf: its place, weight and focus stay. */
void layout_node_set_data(struct layout_node *leaf, void *data);

/** The layout that the node is in. */
struct layout *layout_of(const struct layout_node *node);

/**
 * The leaves in the order of the tree: the first one for NULL, then the next one, NULL after
 * the last.
 */
struct layout_node *layout_next_leaf(const struct layout *layout, const struct layout_node *leaf);

// --- the tree -----------------------------------------------------------------------------

struct layout_node *layout_root(const struct layout *layout);
struct layout_node *layout_node_parent(const struct layout_node *node); // NULL for the root
bool layout_node_is_leaf(const struct layout_node *node);
enum layout_kind layout_node_kind(const struct layout_node *node); // of a container
size_t layout_node_children(const struct layout_node *node); // 0 for a leaf
struct layout_node *layout_node_child(const struct layout_node *node, size_t index);
uint32_t layout_node_weight(const struct layout_node *node);

/** Sets a node's share of its container. 0 is taken as 1; above 2^24 is cut. */
void layout_node_set_weight(struct layout_node *node, uint32_t weight);

/** All children of the node's container get the same weight. */
void layout_equalize(struct layout_node *node);

/**
 * Puts the node into a container of its own of that kind, so that the next leaf inserted at
 * it goes there. An only child has its container changed instead.
 */
void layout_split(struct layout_node *node, enum layout_kind kind);

/** Undoes layout_split(): a node that is alone in its container takes its place. */
void layout_unsplit(struct layout_node *node);

/** Changes the kind of the node, or of its container if it is a leaf. */
void layout_set_kind(struct layout_node *node, enum layout_kind kind);

/** The kind of the node, or of its container if it is a leaf. */
enum layout_kind layout_kind_around(const struct layout_node *node);

/** The same, but while those are tabs or stacked what they were before: side by side or not. */
enum layout_kind layout_split_around(const struct layout_node *node);

// --- focus --------------------------------------------------------------------------------

/** The node gets the focus; if it is a container, commands act on all of it. */
void layout_focus(struct layout_node *node);

/** The focused leaf; with a container focused the leaf in it that had the focus last. */
struct layout_node *layout_focused(const struct layout *layout); // NULL if empty

/** The focused node, a leaf or a container. NULL if empty. */
struct layout_node *layout_focused_node(const struct layout *layout);

/** Focus goes to the container around the focused node (not to the root), or back down. */
bool layout_focus_parent(struct layout *layout);
bool layout_focus_child(struct layout *layout);

// --- boxes --------------------------------------------------------------------------------

/**
 * The smallest step in logical pixels that is whole in physical ones: 120 / gcd(120, scale).
 * scale120 is the scale times 120, as in fractional-scale-v1; 0 gives 1.
 */
int layout_grid(uint32_t scale120);

/**
 * Computes every box so that the tiles that are seen, the gaps between them, and the title rows of
 * tabbed and stacked containers, cover area exactly. Edges between tiles lie so that content edges come to lie
 * on the grid; what does not fit the grid goes to the border at the area's edges.
 */
void layout_arrange(
	struct layout *layout, const struct wlr_box *area, const struct layout_style *style);

/** How many leaves are seen once the layout is arranged: those that are behind no other tab. */
size_t layout_seen(const struct layout *layout);

/** Whether a leaf has a border, and a title bar of its own. It has both until it is told. */
void layout_node_set_frame(struct layout_node *leaf, bool border, bool title);

/** False for what is behind another tab. */
bool layout_node_visible(const struct layout_node *node);

/** The whole tile: border, title bar and content (in tabbed and stacked: without the title). */
struct wlr_box layout_node_box(const struct layout_node *node);

/** The part of a leaf's box that its surface fills. May be empty if there is no room. */
struct wlr_box layout_node_content(const struct layout_node *leaf);

/**
 * Where the node's title is drawn: above a leaf's content; or a tab, or a row, in the
 * title rows of a tabbed or stacked container. Empty if it has none.
 */
struct wlr_box layout_node_title(const struct layout_node *node);

/** The leaf that had the focus last in a node: a leaf itself. NULL if it is empty. */
struct layout_node *layout_recent_leaf(const struct layout_node *node);

/** The title of a leaf or of a container at a point; empty if there is none. */
struct wlr_box layout_title_at(const struct layout *layout, double x, double y);

/** The leaf whose box or title is at a point, NULL if none. */
struct layout_node *layout_leaf_at(const struct layout *layout, double x, double y);

/** A leaf's own minimum, content only; 0 for none. Honoured while there is room for it. */
void layout_node_set_minimum(struct layout_node *leaf, int width, int height);

/**
 * Moves the node's edge on that side by some logical pixels: above 0 the node grows. The edge
 * may belong to a container around it. False if that edge is the edge of the layout.
 */
bool layout_resize(struct layout_node *node, enum layout_direction side, int amount);

/**
 * Where the edge lies that layout_drag() moves: x or y in the coordinates of the boxes. False if
 * it is the edge of the layout.
 */
bool layout_edge(const struct layout_node *node, enum layout_direction side, int *position);

/**
 * Moves the node's edge on that side to a place, x or y in the coordinates of the boxes; for
 * dragging. False if that edge is the edge of the layout.
 */
bool layout_drag(struct layout_node *node, enum layout_direction side, int position);

/**
 * The tile edge within some pixels of a point, for grabbing it: the leaf and its side.
 * False if no edge that can be dragged is there.
 */
bool layout_edge_at(const struct layout *layout, double x, double y, int distance,
	struct layout_node **leaf, enum layout_direction *side);

#endif
