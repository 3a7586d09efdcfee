#ifndef LAYOUT_NODE_H
#define LAYOUT_NODE_H

#include "layout.h"

/**
 * What layout.c (the tree), layout_move.c (changes of place) and layout_boxes.c share.
 *
 * Focus history is a stamp on each leaf, higher is later: the focused leaf has the highest of
 * the layout, and the child of a container that had the focus last is the one with the highest
 * stamp below it. So history needs no care when nodes move.
 */
struct layout {
	struct layout_node *root;
	struct layout_node *selected; // a container that has the focus, NULL: the leaf has it
	uint64_t clock; // the highest stamp
	bool dirty; // boxes are older than the tree
	bool arranged; // area and style are known
	struct wlr_box area;
	struct layout_style style;
};

struct layout_node {
	struct layout *layout;
	struct layout_node *parent; // NULL for the root
	uint32_t weight; // 1 to LAYOUT_WEIGHT_MAX

	bool leaf;
	void *data; // of a leaf
	uint64_t stamp; // of a leaf
	int min_width, min_height; // of a leaf's content
	bool no_border, no_title; // of a leaf

	enum layout_kind kind; // of a container
	enum layout_kind split; // of a container: its kind, or the last one that was a split
	struct layout_node **children;
	size_t len;

	bool visible;
	struct wlr_box slot; // its share of the container: its box, with half of each gap beside it
	struct wlr_box box, content, title;
};

#define LAYOUT_WEIGHT_MAX (1u << 24)
#define LAYOUT_WEIGHT_UNIT (1u << 16)

bool layout_direction_horizontal(enum layout_direction dir);

/** Right and down, the direction in which children are listed. */
bool layout_direction_forward(enum layout_direction dir);

bool layout_kind_horizontal(enum layout_kind kind);
bool layout_kind_split(enum layout_kind kind);

struct layout_node *layout_node_create_container(struct layout *layout, enum layout_kind kind);

/** Frees a node without children that is in no container. */
void layout_node_free(struct layout_node *node);

size_t layout_node_index(const struct layout_node *node);

/** The node whose title is at a point, NULL if there is none. */
const struct layout_node *layout_node_title_at(const struct layout_node *node, double x, double y);

/** The child that had the focus last, NULL if there is none. */
struct layout_node *layout_node_recent_child(const struct layout_node *node);
struct layout_node *layout_node_recent_leaf(const struct layout_node *node);

/** Puts a node that is in no container into one, with the average weight of the others. */
void layout_node_attach(struct layout_node *parent, size_t index, struct layout_node *node);

/** The same beside a leaf, on the side that the direction names, splitting as needed. */
void layout_node_attach_beside(
	struct layout_node *at, enum layout_direction side, struct layout_node *node);

/** Takes a node out of its container and dissolves what became superfluous. */
void layout_node_detach(struct layout_node *node);

/** As layout_node_detach(), but leaves the container as it is, to be given to layout_node_reap(). */
struct layout_node *layout_node_cut(struct layout_node *node);
void layout_node_reap(struct layout_node *container);

/** A new container of that kind takes the node's place and weight, and holds it. */
struct layout_node *layout_node_wrap(struct layout_node *node, enum layout_kind kind);

/** Sets the kind of a container. */
void layout_node_set_kind(struct layout_node *container, enum layout_kind kind);

/** Puts the children of the root into a new container, the root's only child. */
struct layout_node *layout_push_root(struct layout *layout);

/** To be called after every change of the tree: sets selection and focus right. */
void layout_changed(struct layout *layout);

#endif
