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

struct wlr_surface *scene_surface_at(
	struct server *server, double lx, double ly, double *sx, double *sy) {
	struct wlr_scene_node *node = wlr_scene_node_at(&server->scene->tree.node, lx, ly, sx, sy);
	if (node == NULL || node->type != WLR_SCENE_NODE_BUFFER) {
		return NULL;
	}
	struct wlr_scene_surface *scene_surface = wlr_scene_surface_try_from_buffer(
		wlr_scene_buffer_from_node(node));
	return scene_surface != NULL ? scene_surface->surface : NULL;
}
