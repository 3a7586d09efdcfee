// What the files of the vhost-user device share; nobody else includes this.
#ifndef VHOST_VHOST_USER_PRIVATE_H
#define VHOST_VHOST_USER_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "vhost_user.h"
#include "vhost_user_protocol.h"

/** The event fds of one queue. */
struct vhost_user_queue_io {
	struct vhost_user *device;
	struct virtqueue *queue;
	int kick_fd; // -1: none
	int call_fd;
	int error_fd;
	struct wl_event_source *kick_source; // NULL without kick_fd
	struct wl_event_source *calm_timer; // ends a pause after a storm of kicks
	unsigned fruitless; // kicks in a row that brought nothing
	int64_t fruitless_since_ns;
};

/** All that ends with QEMU's connection. */
struct vhost_user_connection {
	int fd;
	struct wl_event_source *source;
	struct wl_event_source *drop_idle; // NULL until the connection is to be dropped
	const char *drop_reason; // NULL: QEMU left
	bool features_refused;

	struct vhost_user_message message; // being received
	size_t received_bytes;

	int backend_fd; // VHOST_USER_SET_BACKEND_REQ_FD; -1: none
	int gpu_sockets[VHOST_USER_MAX_GPU_SOCKETS]; // -1: free
	unsigned next_gpu_socket;
	struct vhost_user_queue_io io[VHOST_USER_MAX_QUEUES];
};

enum vhost_user_received {
	VHOST_USER_RECEIVED_PART, // nothing more to read now
	VHOST_USER_RECEIVED_MESSAGE,
	VHOST_USER_RECEIVED_END,
	VHOST_USER_RECEIVED_NONSENSE,
};

/** Read on until a message is whole. reason is set for NONSENSE. */
enum vhost_user_received vhost_user_receive(
	struct vhost_user_connection *connection, const char **reason);

/** Close the fds of a message that nobody took, and make room for the next one. */
void vhost_user_message_finish(struct vhost_user_connection *connection);

/** Returns false when the socket does not take the whole message at once. */
bool vhost_user_send(int fd, uint32_t request, uint32_t flags, const void *payload, uint32_t size);

/** Check connection->message by its row of the table, handle it, and reply. */
void vhost_user_handle_message(struct vhost_user *device);

/** The driver starts from nothing: say so. */
void vhost_user_emit_reset(struct vhost_user *device);

/** Start or stop a queue according to what is known of it. */
void vhost_user_queue_update(struct vhost_user *device, unsigned index);

/** Stop a queue for now. */
void vhost_user_queue_stop(struct vhost_user *device, unsigned index);

/** Stop a queue until it gets a new kick fd. */
void vhost_user_queue_halt(struct vhost_user *device, unsigned index);

/** Of struct vhost_user_queue_watch. */
void vhost_user_handle_queue_broken(struct wl_listener *listener, void *data);

/** These take the fd; -1: none. Return false when it is not fit for its purpose. */
bool vhost_user_queue_set_kick(struct vhost_user *device, unsigned index, int fd);
void vhost_user_queue_set_call(struct vhost_user *device, unsigned index, int fd);
void vhost_user_queue_set_error(struct vhost_user *device, unsigned index, int fd);

void vhost_user_emit_fd(
	struct vhost_user *device, enum vhost_user_fd_kind kind, unsigned index, int fd);

/** The feature bits that the device offers. */
uint64_t vhost_user_features(const struct vhost_user *device);

#endif
