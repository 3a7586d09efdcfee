#include "export.h"

#include <unistd.h>
#include <virgl/virglrenderer.h>

// What was allocated to be shared tells all of itself at once.
static int export_buffer(uint32_t id, struct render_exported *exported) {
	struct virgl_renderer_export_query query = {
		.hdr = {.stype = VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY, .size = sizeof(query)},
		.in_resource_id = id,
		.in_export_fds = 1,
		.out_fds = {-1, -1, -1, -1},
	};
	if (virgl_renderer_execute(&query, sizeof(query)) != 0) {
		return -1;
	}
	if (query.out_num_fds != 1) {
		for (uint32_t i = 0; i < query.out_num_fds && i < 4; i++) {
			close(query.out_fds[i]);
		}
		return -1;
	}
	exported->fourcc = query.out_fourcc;
	exported->modifier = query.out_modifier;
	exported->stride = query.out_strides[0];
	exported->offset = query.out_offsets[0];
	return query.out_fds[0];
}

// A texture, by EGL_MESA_image_dma_buf_export.
static int export_texture(
	const struct virgl_renderer_resource_info_ext *info, struct render_exported *exported) {
	int fd = -1, stride = 0, offset = 0;
	if (!info->has_dmabuf_export || info->planes != 1 ||
		virgl_renderer_get_fd_for_texture2(info->base.tex_id, &fd, &stride, &offset) != 0) {
		return -1;
	}
	if (fd < 0 || stride <= 0 || offset < 0) {
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	exported->fourcc = (uint32_t)info->base.drm_fourcc;
	exported->modifier = info->modifiers;
	exported->stride = (uint32_t)stride;
	exported->offset = (uint32_t)offset;
	return fd;
}

int export_resource(uint32_t id, struct render_exported *exported) {
	struct virgl_renderer_resource_info_ext info = {
		.version = VIRGL_RENDERER_RESOURCE_INFO_EXT_VERSION};
	virgl_renderer_force_ctx_0(); // the texture is looked up in what is current
	if (virgl_renderer_resource_get_info_ext((int)id, &info) != 0) {
		return -1;
	}
	*exported = (struct render_exported){
		.width = info.base.width,
		.height = info.base.height,
	};
	const int fd = export_buffer(id, exported);
	return fd >= 0 ? fd : export_texture(&info, exported);
}
