#include "core/machine.h"
#include "core/path.h"
#include "gk.h"

struct gk_path *gk_path_create(struct gk *gk) {
	struct gk_path *path = heap_allocate(&gk->heap, sizeof(*path), 16);
	if (path != NULL) {
		path_init(path, &gk->heap);
	}
	return path;
}

void gk_path_destroy(struct gk_path *path) {
	if (path != NULL) {
		path_finish(path);
		heap_free(path->heap, path);
	}
}
