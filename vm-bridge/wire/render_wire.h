/*
 * What a bridge and its renderer say to each other, over two rings (render_ring.h) and a socket.
 *
 * Commands go through the first ring and are executed one after the other; replies come through
 * the second. A command that needs a file descriptor is preceded by it on the socket, one
 * datagram a command; a RENDER_EXPORTED is preceded by one in the same way. All fields are in the byte order of the machine; all of them have been
 * checked by the bridge as far as it knows what they mean, and are checked again by the renderer.
 *
 * The commands are those of virtio 1.3, 5.7.6.7 "Device Operation: Request header" to 5.7.6.11,
 * with guest addresses as the guest gave them.
 */
#ifndef RENDER_WIRE_H
#define RENDER_WIRE_H

#include <stdint.h>

/** Grows when something below changes. Both programs are of one build. */
#define RENDER_WIRE_VERSION 2

#define RENDER_COMMAND_RING_BYTES (4 << 20)
#define RENDER_REPLY_RING_BYTES (64 << 10)

/** Of a context's name, with its end. */
#define RENDER_NAME_BYTES 64
#define RENDER_CAPSETS_MAX 2
/** Of one capset: virgl2's has 1408. */
#define RENDER_CAPSET_MAX_BYTES 4096
#define RENDER_IMAGES_MAX 64

enum render_command {
	RENDER_SET_MEMORY = 1, // struct render_memory; an fd for each region
	RENDER_ADD_IMAGE, // struct render_image; an fd
	RENDER_DROP_IMAGE, // struct render_image
	RENDER_CONTEXT_CREATE, // struct render_context
	RENDER_CONTEXT_DESTROY,
	RENDER_CONTEXT_ATTACH, // struct render_id
	RENDER_CONTEXT_DETACH, // struct render_id
	RENDER_RESOURCE_CREATE, // struct render_resource
	RENDER_RESOURCE_UNREF, // struct render_id
	RENDER_ATTACH_BACKING, // struct render_backing
	RENDER_DETACH_BACKING, // struct render_id
	RENDER_TRANSFER_TO_HOST, // struct render_transfer
	RENDER_TRANSFER_FROM_HOST, // struct render_transfer
	RENDER_SUBMIT, // struct render_submit
	RENDER_READ, // struct render_read
	RENDER_RESET, // of everything but the memory and the images
	RENDER_EXPORT, // struct render_id: of a 2D resource whose first row is the top one
	RENDER_FINISH, // struct render_header: its fence is what is waited for
	RENDER_COMMANDS,
};

/** Every command begins with this. */
struct render_header {
	uint64_t serial; // from 1, rising
	uint32_t context; // 0: none
	uint32_t fenced; // 1: RENDER_FENCED follows RENDER_DONE, once the GPU has done it
	uint32_t ring; // of the context; RENDER_RING_NONE: the fence is everybody's
	uint32_t padding;
};

#define RENDER_RING_NONE UINT32_MAX

struct render_region {
	uint64_t guest_address, size_bytes, file_offset_bytes;
};

struct render_memory {
	struct render_header header;
	uint32_t regions_len, padding;
	struct render_region regions[];
};

/** Memory for pixels, which the bridge shows: a sealed memfd. */
struct render_image {
	struct render_header header;
	uint32_t id; // below RENDER_IMAGES_MAX
	uint32_t padding;
	uint64_t size_bytes;
};

struct render_context {
	struct render_header header;
	uint32_t flags; // virtio 1.3, VIRTIO_GPU_CONTEXT_INIT_*: the capset
	char name[RENDER_NAME_BYTES]; // ends with 0
};

/** A resource, on its own or to be attached to the header's context. */
struct render_id {
	struct render_header header;
	uint32_t id, padding;
};

/** virtio 1.3, RESOURCE_CREATE_3D; the fields are Gallium's. */
struct render_resource {
	struct render_header header;
	uint32_t id, target, format, bind, width, height, depth, array_size, last_level, nr_samples,
		flags, padding;
};

struct render_entry {
	uint64_t guest_address, length_bytes;
};

struct render_backing {
	struct render_header header;
	uint32_t id, entries_len;
	struct render_entry entries[];
};

struct render_transfer {
	struct render_header header;
	uint32_t id, level, stride, layer_stride;
	uint32_t x, y, z, width, height, depth;
	uint64_t offset_bytes; // into the backing
};

struct render_submit {
	struct render_header header;
	uint32_t words_len, padding;
	uint32_t words[];
};

/** Read what is in the box of level 0 of a 2D resource into an image. */
struct render_read {
	struct render_header header;
	uint32_t id, image;
	uint32_t x, y, width, height;
	uint64_t offset_bytes; // into the image, of the box's first pixel
	uint32_t stride, padding;
};

enum render_reply {
	RENDER_READY = 1, // struct render_ready: the first one
	RENDER_CAPSET, // struct render_capset: one for each, after it
	RENDER_DONE, // struct render_done
	RENDER_FENCED, // struct render_fenced
	RENDER_EXPORTED, // struct render_exported; an fd. Its RENDER_DONE follows.
};

struct render_ready {
	uint32_t version; // RENDER_WIRE_VERSION
	uint32_t capsets_len;
};

struct render_capset {
	uint32_t id, version; // virtio 1.3, VIRTIO_GPU_CAPSET_*
	uint32_t bytes, padding; // of the data, which follow
};

/** A command was executed; those before it were, too. */
struct render_done {
	uint64_t serial;
	uint32_t result; // enum virtio_gpu_ctrl_type
	uint32_t padding;
};

struct render_fenced {
	uint64_t serial;
	uint32_t all; // 1: every fence up to this one that is everybody's
	uint32_t padding;
};

/** The resource's own memory, one plane of it: the fd is a dmabuf. */
struct render_exported {
	uint64_t serial;
	uint64_t modifier; // DRM_FORMAT_MOD_*
	uint32_t fourcc; // DRM_FORMAT_*
	uint32_t width, height; // in pixels
	uint32_t stride, offset; // in bytes
	uint32_t padding;
};

#endif
