#include "layout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "layout_node.h"

bool layout_direction_horizontal(enum layout_direction dir) {
	return dir == LAYOUT_LEFT || dir == LAYOUT_RIGHT;
}

bool layout_direction_forward(enum layout_direction dir) {
	return dir == LAYOUT_RIGHT || dir == LAYOUT_DOWN;
}

bool layout_kind_horizontal(enum layout_kind kind) {
	return kind == LAYOUT_HORIZONTAL || kind == LAYOUT_TABBED;
}

bool layout_kind_split(enum layout_kind kind) {
	return kind == LAYOUT_HORIZONTAL || kind == LAYOUT_VERTICAL;
}

// --- nodes --------------------------------------------------------------------------------

static struct layout_node *create_node(struct layout *layout) {
	struct layout_node *node = alloc_zeroed(1, sizeof(*node));
	node->layout = layout;
	node->weight = LAYOUT_WEIGHT_UNIT;
	return node;
}

void layout_node_set_kind(struct layout_node *container, enum layout_kind kind) {
	container->kind = kind;
	container->split = layout_kind_split(kind) ? kind : container->split;
}

struct layout_node *layout_node_create_container(struct layout *layout, enum layout_kind kind) {
	struct layout_node *node = create_node(layout);
	node->split = LAYOUT_HORIZONTAL;
	layout_node_set_kind(node, kind);
	return node;
}

void layout_node_free(struct layout_node *node) {
	assert(node->len == 0);
	if (node->layout->selected == node) {
		node->layout->selected = NULL;
	}
	free(node->children);
	free(node);
}

static void destroy_tree(struct layout_node *node) {
	for (size_t i = 0; i < node->len; i++) {
		destroy_tree(node->children[i]);
	}
	node->len = 0;
	layout_node_free(node);
}

size_t layout_node_index(const struct layout_node *node) {
	size_t index = 0;
	while (node->parent->children[index] != node) {
		index++;
		assert(index < node->parent->len);
	}
	return index;
}

static void insert_child(struct layout_node *parent, size_t index, struct layout_node *node) {
	assert(!parent->leaf && index <= parent->len);
	parent->children = alloc_array(parent->children, parent->len + 1, sizeof(node));
	memmove(&parent->children[index + 1], &parent->children[index],
		(parent->len - index) * sizeof(node));
	parent->children[index] = node;
	parent->len++;
	node->parent = parent;
}

void layout_node_attach(struct layout_node *parent, size_t index, struct layout_node *node) {
	uint64_t total = 0;
	for (size_t i = 0; i < parent->len; i++) {
		total += parent->children[i]->weight;
	}
	node->weight = parent->len > 0 ? (uint32_t)(total / parent->len) : LAYOUT_WEIGHT_UNIT;
	insert_child(parent, index, node);
}

struct layout_node *layout_node_cut(struct layout_node *node) {
	struct layout_node *parent = node->parent;
	size_t index = layout_node_index(node);
	parent->len--;
	memmove(&parent->children[index], &parent->children[index + 1],
		(parent->len - index) * sizeof(node));
	node->parent = NULL;
	return parent;
}

// The children of a split that lies in a split of the same kind go where it was, and share
// its weight as they did before.
static void flatten(struct layout_node *node) {
	struct layout_node *parent = node->parent;
	if (parent == NULL || node->leaf || node->kind != parent->kind ||
		!layout_kind_split(node->kind)) {
		return;
	}
	uint64_t total = 0;
	for (size_t i = 0; i < node->len; i++) {
		total += node->children[i]->weight;
	}
	size_t index = layout_node_index(node);
	layout_node_cut(node);
	for (size_t i = 0; i < node->len; i++) {
		struct layout_node *child = node->children[i];
		uint64_t weight = (uint64_t)node->weight * child->weight / total;
		child->weight = weight > 0 ? (uint32_t)weight : 1;
		insert_child(parent, index + i, child);
	}
	node->len = 0;
	layout_node_free(node);
}

// The root is always there: it takes over its only child's children instead of yielding.
static void absorb_only_child(struct layout_node *root) {
	while (root->len == 1 && !root->children[0]->leaf) {
		struct layout_node *child = root->children[0];
		layout_node_cut(child);
		root->kind = child->kind;
		root->split = child->split;
		for (size_t i = 0; i < child->len; i++) {
			insert_child(root, i, child->children[i]);
		}
		child->len = 0;
		layout_node_free(child);
	}
}

void layout_node_reap(struct layout_node *container) {
	struct layout_node *parent = container->parent;
	if (parent == NULL) {
		absorb_only_child(container);
		return;
	}
	if (container->len > 1) {
		return;
	}
	size_t index = layout_node_index(container);
	layout_node_cut(container);
	if (container->len == 1) {
		struct layout_node *child = container->children[0];
		layout_node_cut(child);
		child->weight = container->weight;
		insert_child(parent, index, child);
		flatten(child);
	}
	layout_node_free(container);
	layout_node_reap(parent);
}

void layout_node_detach(struct layout_node *node) {
	layout_node_reap(layout_node_cut(node));
}

struct layout_node *layout_node_wrap(struct layout_node *node, enum layout_kind kind) {
	struct layout_node *container = layout_node_create_container(node->layout, kind);
	struct layout_node *parent = node->parent;
	parent->children[layout_node_index(node)] = container;
	container->parent = parent;
	container->weight = node->weight;
	layout_node_attach(container, 0, node);
	return container;
}

struct layout_node *layout_push_root(struct layout *layout) {
	struct layout_node *root = layout->root;
	struct layout_node *container = layout_node_create_container(layout, root->kind);
	while (root->len > 0) {
		struct layout_node *child = root->children[0];
		layout_node_cut(child);
		insert_child(container, container->len, child);
	}
	layout_node_attach(root, 0, container);
	return container;
}

// --- focus --------------------------------------------------------------------------------

static uint64_t latest_stamp(const struct layout_node *node) {
	uint64_t stamp = node->stamp;
	for (size_t i = 0; i < node->len; i++) {
		uint64_t child = latest_stamp(node->children[i]);
		stamp = child > stamp ? child : stamp;
	}
	return stamp;
}

struct layout_node *layout_node_recent_child(const struct layout_node *node) {
	struct layout_node *recent = NULL;
	uint64_t stamp = 0;
	for (size_t i = 0; i < node->len; i++) {
		uint64_t child = latest_stamp(node->children[i]);
		if (recent == NULL || child > stamp) {
			recent = node->children[i];
			stamp = child;
		}
	}
	return recent;
}

struct layout_node *layout_node_recent_leaf(const struct layout_node *node) {
	while (node != NULL && !node->leaf) {
		node = layout_node_recent_child(node);
	}
	return (struct layout_node *)node;
}

struct layout_node *layout_recent_leaf(const struct layout_node *node) {
	return layout_node_recent_leaf(node);
}

static bool is_within(const struct layout_node *node, const struct layout_node *container) {
	while (node != NULL && node != container) {
		node = node->parent;
	}
	return node != NULL;
}

void layout_changed(struct layout *layout) {
	layout->dirty = true;
	struct layout_node *leaf = layout_node_recent_leaf(layout->root);
	if (leaf != NULL && (leaf->stamp != layout->clock || leaf->stamp == 0)) {
		leaf->stamp = ++layout->clock;
	}
	if (layout->selected != NULL &&
		(layout->selected->parent == NULL || !is_within(leaf, layout->selected))) {
		layout->selected = NULL;
	}
}

void layout_focus(struct layout_node *node) {
	struct layout *layout = node->layout;
	struct layout_node *leaf = layout_node_recent_leaf(node);
	if (leaf == NULL) {
		return;
	}
	leaf->stamp = ++layout->clock;
	layout->selected = node->leaf || node->parent == NULL ? NULL : node;
	layout->dirty = true;
}

struct layout_node *layout_focused(const struct layout *layout) {
	return layout_node_recent_leaf(layout->root);
}

struct layout_node *layout_focused_node(const struct layout *layout) {
	return layout->selected != NULL ? layout->selected : layout_focused(layout);
}

bool layout_focus_parent(struct layout *layout) {
	struct layout_node *node = layout_focused_node(layout);
	if (node == NULL || node->parent == layout->root) {
		return false;
	}
	layout->selected = node->parent;
	return true;
}

bool layout_focus_child(struct layout *layout) {
	if (layout->selected == NULL) {
		return false;
	}
	struct layout_node *child = layout_node_recent_child(layout->selected);
	layout->selected = child->leaf ? NULL : child;
	return true;
}

// --- leaves -------------------------------------------------------------------------------

struct layout *layout_create(enum layout_kind root_kind) {
	struct layout *layout = alloc_zeroed(1, sizeof(*layout));
	layout->root = layout_node_create_container(layout, root_kind);
	return layout;
}

void layout_destroy(struct layout *layout) {
	destroy_tree(layout->root);
	free(layout);
}

bool layout_empty(const struct layout *layout) {
	return layout->root->len == 0;
}

static void insert_at_focus(struct layout *layout, struct layout_node *node) {
	struct layout_node *at = layout_focused_node(layout);
	if (at == NULL) {
		layout_node_attach(layout->root, 0, node);
	} else {
		layout_node_attach(at->parent, layout_node_index(at) + 1, node);
	}
}

static struct layout_node *create_leaf(struct layout *layout, void *data) {
	struct layout_node *leaf = create_node(layout);
	leaf->leaf = true;
	leaf->data = data;
	return leaf;
}

struct layout_node *layout_insert(struct layout *layout, void *data) {
	struct layout_node *leaf = create_leaf(layout, data);
	insert_at_focus(layout, leaf);
	layout_changed(layout);
	return leaf;
}

void layout_node_attach_beside(
	struct layout_node *at, enum layout_direction side, struct layout_node *node) {
	enum layout_kind kind = layout_direction_horizontal(side) ? LAYOUT_HORIZONTAL
								  : LAYOUT_VERTICAL;
	struct layout_node *parent = at->parent;
	if (parent->kind != kind) {
		if (parent->len == 1 && layout_kind_split(parent->kind)) {
			layout_node_set_kind(parent, kind);
		} else {
			parent = layout_node_wrap(at, kind);
		}
	}
	size_t index = layout_node_index(at) + (layout_direction_forward(side) ? 1 : 0);
	layout_node_attach(parent, index, node);
}

struct layout_node *layout_insert_beside(
	struct layout_node *at, enum layout_direction side, void *data) {
	assert(at->leaf);
	struct layout_node *leaf = create_leaf(at->layout, data);
	layout_node_attach_beside(at, side, leaf);
	layout_changed(at->layout);
	return leaf;
}

void layout_remove(struct layout_node *leaf) {
	assert(leaf->leaf);
	struct layout *layout = leaf->layout;
	layout_node_detach(leaf);
	layout_node_free(leaf);
	layout_changed(layout);
}

static void set_layout(struct layout_node *node, struct layout *layout) {
	node->layout = layout;
	for (size_t i = 0; i < node->len; i++) {
		set_layout(node->children[i], layout);
	}
}

static void raise_stamps(struct layout_node *node, uint64_t amount) {
	if (node->leaf) {
		node->stamp += amount;
	}
	for (size_t i = 0; i < node->len; i++) {
		raise_stamps(node->children[i], amount);
	}
}

void layout_send(struct layout_node *node, struct layout *to) {
	struct layout *from = node->layout;
	if (from == to || (node->parent == NULL && node->len == 0)) {
		return;
	}
	if (node->parent == NULL) {
		node = layout_push_root(from);
	}
	// What was in the layout keeps the focus: it is stamped later than what comes.
	uint64_t latest = latest_stamp(node) + 1;
	raise_stamps(to->root, latest);
	to->clock += latest;

	layout_node_detach(node);
	set_layout(node, to);
	insert_at_focus(to, node);
	flatten(node);
	layout_node_reap(to->root);
	from->selected = NULL;
	layout_changed(from);
	layout_changed(to);
}

void *layout_node_data(const struct layout_node *node) {
	return node->data;
}

void layout_node_set_data(struct layout_node *leaf, void *data) {
	assert(leaf->leaf);
	leaf->data = data;
}

struct layout *layout_of(const struct layout_node *node) {
	return node->layout;
}

struct layout_node *layout_next_leaf(const struct layout *layout, const struct layout_node *leaf) {
	const struct layout_node *node = leaf;
	if (node == NULL) {
		node = layout->root;
	} else {
		while (node->parent != NULL && layout_node_index(node) + 1 == node->parent->len) {
			node = node->parent;
		}
		if (node->parent == NULL) {
			return NULL;
		}
		node = node->parent->children[layout_node_index(node) + 1];
	}
	while (!node->leaf) {
		if (node->len == 0) {
			return NULL;
		}
		node = node->children[0];
	}
	return (struct layout_node *)node;
}

// --- the tree -----------------------------------------------------------------------------

struct layout_node *layout_root(const struct layout *layout) {
	return layout->root;
}

struct layout_node *layout_node_parent(const struct layout_node *node) {
	return node->parent;
}

bool layout_node_is_leaf(const struct layout_node *node) {
	return node->leaf;
}

enum layout_kind layout_node_kind(const struct layout_node *node) {
	return node->kind;
}

size_t layout_node_children(const struct layout_node *node) {
	return node->len;
}

struct layout_node *layout_node_child(const struct layout_node *node, size_t index) {
	return index < node->len ? node->children[index] : NULL;
}

uint32_t layout_node_weight(const struct layout_node *node) {
	return node->weight;
}

void layout_node_set_weight(struct layout_node *node, uint32_t weight) {
	weight = weight > 0 ? weight : 1;
	node->weight = weight < LAYOUT_WEIGHT_MAX ? weight : LAYOUT_WEIGHT_MAX;
	node->layout->dirty = true;
}

void layout_equalize(struct layout_node *node) {
	struct layout_node *container = node->parent != NULL ? node->parent : node;
	for (size_t i = 0; i < container->len; i++) {
		container->children[i]->weight = LAYOUT_WEIGHT_UNIT;
	}
	node->layout->dirty = true;
}

void layout_split(struct layout_node *node, enum layout_kind kind) {
	if (node->parent == NULL) {
		layout_node_set_kind(node, kind);
	} else if (node->parent->len == 1) {
		layout_node_set_kind(node->parent, kind);
	} else {
		layout_node_wrap(node, kind);
	}
	layout_changed(node->layout);
}

void layout_unsplit(struct layout_node *node) {
	struct layout *layout = node->layout;
	if (node->parent != NULL && node->parent->len == 1) {
		layout_node_reap(node->parent); // a container may dissolve with its own
		layout_changed(layout);
	}
}

void layout_set_kind(struct layout_node *node, enum layout_kind kind) {
	layout_node_set_kind(node->leaf ? node->parent : node, kind);
	layout_changed(node->layout);
}

enum layout_kind layout_kind_around(const struct layout_node *node) {
	return node->leaf ? node->parent->kind : node->kind;
}

enum layout_kind layout_split_around(const struct layout_node *node) {
	return node->leaf ? node->parent->split : node->split;
}
