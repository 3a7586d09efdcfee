// redecho-render: virglrenderer for one machine. redecho-bridge starts it.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"

static const char usage[] =
	"Usage: redecho-render SOCKET-FD [RENDER-NODE]\n"
	"\n"
	"Renders for the redecho-bridge at the other end of the socket; without a render node in\n"
	"software. It is started by redecho-bridge.\n";

int main(int argc, char **argv) {
	char *end = "";
	const long fd = argc >= 2 && argc <= 3 ? strtol(argv[1], &end, 10) : -1;
	if (fd < 0 || fd > 1 << 20 || *end != '\0') {
		fputs(usage, stderr);
		return 2;
	}
	int drm_fd = -1;
	if (argc == 3) {
		drm_fd = open(argv[2], O_RDWR | O_CLOEXEC);
		if (drm_fd < 0) {
			fprintf(stderr, "redecho-render: %s: %s\n", argv[2], strerror(errno));
			return 1;
		}
	}
	// What a driver compiles is not kept: nothing of a guest's outlives it.
	setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
	return render_serve((int)fd, drm_fd);
}
