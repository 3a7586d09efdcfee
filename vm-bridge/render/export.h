/*
 * Resources of virglrenderer as dmabufs.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdint.h>

#include "render_wire.h"

/**
 * Where the pixels of a resource are: one plane that a compositor may read. The serial is not set.
 *
 * Returns the dmabuf, which belongs to the caller; below 0 when the driver gives none away, or in
 * several planes.
 */
int export_resource(uint32_t id, struct render_exported *exported);

#endif
