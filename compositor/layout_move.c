// Focus and move by direction.

#include "layout_move.h"

#include <assert.h>

#include "layout_node.h"

static bool same_axis(const struct layout_node *container, enum layout_direction dir) {
	return layout_kind_horizontal(container->kind) == layout_direction_horizontal(dir);
}

// The sibling beside a node in a direction; dir is along its container's axis.
static struct layout_node *sibling(const struct layout_node *node, enum layout_direction dir) {
	size_t index = layout_node_index(node);
	if (layout_direction_forward(dir)) {
		return layout_node_child(node->parent, index + 1);
	}
	return index > 0 ? node->parent->children[index - 1] : NULL;
}

// The leaf to enter below a node when focus comes in a direction: the near one where children
// are listed along it, else the one that had the focus last.
static struct layout_node *descend(const struct layout_node *node, enum layout_direction dir) {
	while (!node->leaf) {
		if (node->len == 0) {
			return NULL;
		}
		if (layout_kind_split(node->kind) && same_axis(node, dir)) {
			size_t near = layout_direction_forward(dir) ? 0 : node->len - 1;
			node = node->children[near];
		} else {
			node = layout_node_recent_child(node);
		}
	}
	return (struct layout_node *)node;
}

struct layout_node *layout_neighbour(const struct layout_node *node, enum layout_direction dir) {
	for (; node->parent != NULL; node = node->parent) {
		if (!same_axis(node->parent, dir)) {
			continue;
		}
		struct layout_node *beside = sibling(node, dir);
		if (beside != NULL) {
			return descend(beside, dir);
		}
	}
	return NULL;
}

struct layout_node *layout_sibling(const struct layout_node *node, bool forward) {
	const struct layout_node *parent = node->parent;
	if (parent == NULL || parent->len < 2) {
		return NULL;
	}
	size_t step = forward ? 1 : parent->len - 1;
	return layout_node_recent_leaf(
		parent->children[(layout_node_index(node) + step) % parent->len]);
}

bool layout_has_tabs_at(const struct layout *layout, double x, double y) {
	const struct layout_node *title = layout_node_title_at(layout->root, x, y);
	return title != NULL && title->parent != NULL && !layout_kind_split(title->parent->kind);
}

struct layout_node *layout_scroll_tabs(const struct layout *layout, double x, double y, int steps) {
	const struct layout_node *title = layout_node_title_at(layout->root, x, y);
	if (!layout_has_tabs_at(layout, x, y)) {
		return NULL;
	}
	const struct layout_node *seen = layout_node_recent_child(title->parent);
	int last = (int)title->parent->len - 1, index = (int)layout_node_index(seen);
	int64_t wanted = (int64_t)index + steps;
	wanted = wanted < 0 ? 0 : wanted > last ? last : wanted;
	return wanted == index ? NULL : layout_node_recent_leaf(title->parent->children[wanted]);
}

struct layout_node *layout_enter(const struct layout *layout, enum layout_direction dir) {
	return descend(layout->root, dir);
}

static void swap_siblings(struct layout_node *a, struct layout_node *b) {
	struct layout_node *parent = a->parent;
	size_t index_a = layout_node_index(a);
	size_t index_b = layout_node_index(b);
	parent->children[index_a] = b;
	parent->children[index_b] = a;
}

static void move_into(
	struct layout_node *node, struct layout_node *container, enum layout_direction dir) {
	struct layout_node *old_parent = layout_node_cut(node);
	size_t index;
	if (same_axis(container, dir)) {
		index = layout_direction_forward(dir) ? 0 : container->len;
	} else {
		index = layout_node_index(layout_node_recent_child(container)) + 1;
	}
	layout_node_attach(container, index, node);
	layout_node_reap(old_parent);
}

static void move_out(
	struct layout_node *node, struct layout_node *beside, enum layout_direction dir) {
	struct layout_node *old_parent = layout_node_cut(node);
	size_t index = layout_node_index(beside) + (layout_direction_forward(dir) ? 1 : 0);
	layout_node_attach(beside->parent, index, node);
	layout_node_reap(old_parent);
}

// Nothing is listed along the direction: all the rest becomes the other half.
static void move_to_new_half(struct layout_node *node, enum layout_direction dir) {
	struct layout *layout = node->layout;
	struct layout_node *rest = layout_push_root(layout);
	layout_node_set_kind(layout->root,
		layout_direction_horizontal(dir) ? LAYOUT_HORIZONTAL : LAYOUT_VERTICAL);
	move_out(node, rest, dir);
}

bool layout_move(struct layout_node *node, enum layout_direction dir) {
	struct layout *layout = node->layout;
	while (node->parent != NULL && node->parent->len == 1) {
		node = node->parent;
	}
	if (node->parent == NULL) {
		return false;
	}
	if (same_axis(node->parent, dir)) {
		struct layout_node *beside = sibling(node, dir);
		if (beside != NULL) {
			if (beside->leaf) {
				swap_siblings(node, beside);
			} else {
				move_into(node, beside, dir);
			}
			layout_changed(layout);
			return true;
		}
	}

	bool listed = same_axis(node->parent, dir);
	for (struct layout_node *at = node->parent; at->parent != NULL; at = at->parent) {
		if (same_axis(at->parent, dir)) {
			move_out(node, at, dir);
			layout_changed(layout);
			return true;
		}
	}
	if (listed) {
		return false;
	}
	move_to_new_half(node, dir);
	layout_changed(layout);
	return true;
}

void layout_move_beside(
	struct layout_node *leaf, struct layout_node *target, enum layout_direction side) {
	assert(leaf->leaf && target->leaf && leaf->layout == target->layout);
	if (leaf == target) {
		return;
	}
	struct layout_node *old_parent = layout_node_cut(leaf);
	layout_node_attach_beside(target, side, leaf);
	layout_node_reap(old_parent);
	layout_changed(leaf->layout);
}

void layout_move_to_tabs(struct layout_node *leaf, struct layout_node *target) {
	assert(leaf->leaf && target->leaf && leaf->layout == target->layout);
	if (leaf == target) {
		return;
	}
	bool before = leaf->parent == target->parent &&
		layout_node_index(leaf) > layout_node_index(target);
	struct layout_node *old_parent = layout_node_cut(leaf);
	struct layout_node *parent = target->parent;
	if (layout_kind_split(parent->kind)) {
		if (parent->len == 1) {
			layout_node_set_kind(parent, LAYOUT_TABBED);
		} else {
			parent = layout_node_wrap(target, LAYOUT_TABBED);
		}
		before = false;
	}
	layout_node_attach(parent, layout_node_index(target) + (before ? 0 : 1), leaf);
	layout_node_reap(old_parent);
	layout_changed(leaf->layout);
}

void layout_move_to_edge(struct layout_node *leaf, enum layout_direction side) {
	assert(leaf->leaf);
	struct layout *layout = leaf->layout;
	struct layout_node *root = layout->root;
	if (layout_kind_split(root->kind) && same_axis(root, side)) {
		struct layout_node *old_parent = layout_node_cut(leaf);
		layout_node_attach(root, layout_direction_forward(side) ? root->len : 0, leaf);
		layout_node_reap(old_parent);
	} else {
		move_to_new_half(leaf, side);
	}
	layout_changed(layout);
}

void layout_swap(struct layout_node *a, struct layout_node *b) {
	assert(a->leaf && b->leaf);
	struct layout_node *parent_a = a->parent;
	struct layout_node *parent_b = b->parent;
	struct layout *layout_a = a->layout;
	size_t index_a = layout_node_index(a);
	size_t index_b = layout_node_index(b);
	uint32_t weight_a = a->weight;

	parent_a->children[index_a] = b;
	parent_b->children[index_b] = a;
	a->parent = parent_b;
	b->parent = parent_a;
	a->weight = b->weight;
	b->weight = weight_a;
	if (layout_a != b->layout) {
		// Each layout's focus stays at the place where it was.
		uint64_t stamp_a = a->stamp;
		a->stamp = b->stamp;
		b->stamp = stamp_a;
		a->layout = b->layout;
		b->layout = layout_a;
	}
	layout_changed(a->layout);
	layout_changed(b->layout);
}
