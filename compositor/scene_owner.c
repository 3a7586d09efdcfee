#include "scene_owner.h"

#include <wlr/types/wlr_scene.h>

#include "server.h"

struct scene_owner *scene_owner_at(struct server *server, double lx, double ly) {
	double nx, ny;
	struct wlr_scene_node *node = wlr_scene_node_at(
		&server->scene->tree.node, lx, ly, &nx, &ny);
	while (node != NULL) {
		if (node->data != NULL) {
			return node->data;
		}
		node = node->parent != NULL ? &node->parent->node : NULL;
	}
	return NULL;
}
