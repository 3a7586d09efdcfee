/*
 * A machine without a processor: guest memory, virtio drivers and a vhost-user front end, for
 * tests and measurements of the device side.
 *
 * It keeps the rules as long as the functions here are used. To play a hostile guest or a broken
 * QEMU, write the rings and send the messages directly: every field is public.
 *
 * It works against a device in another process, and against one in its own: then pump() runs
 * that device's event loop while the front end waits for it.
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_GUEST_REGIONS 2
#define FAKE_DEVICE_QUEUES 4
#define FAKE_QUEUE_MAX_SIZE 1024
#define FAKE_QUEUE_INDIRECT_MAX 64 // descriptors of one indirect table
#define FAKE_TIMEOUT_MS 5000

/** One piece of guest memory. */
struct fake_region {
	uint64_t guest_address;
	uint64_t size_bytes;
	uint8_t *bytes; // also the front end's "user address"
	int fd; // a memfd of its own
};

struct fake_guest {
	struct fake_region regions[FAKE_GUEST_REGIONS]; // at 0 and at 4 GiB
	uint64_t next_free[FAKE_GUEST_REGIONS]; // guest address

	/** Run the device's event loop for at most timeout_ms; NULL: it runs by itself. */
	void (*pump)(void *data, int timeout_ms);
	void *pump_data;
};

/** One buffer of a chain. */
struct fake_buffer {
	uint64_t guest_address;
	uint32_t size_bytes;
	bool writable; // by the device
};

struct fake_queue {
	unsigned index;
	uint16_t size;
	struct vring_desc *descriptors; // in guest memory
	struct vring_avail *available;
	struct vring_used *used;
	uint16_t available_index; // of the next entry to be offered
	uint16_t kicked_index; // up to here the device was notified
	uint16_t used_index; // of the next entry to be taken
	uint16_t free_head;
	uint16_t free_count;
	uint64_t indirect_tables; // guest address; FAKE_QUEUE_INDIRECT_MAX descriptors per head
	bool indirect; // put chains into indirect tables
	bool event_index; // negotiated
	int kick_fd;
	int call_fd;
	uint64_t kicks; // sent so far
	uint64_t calls; // received so far
};

struct fake_device {
	struct fake_guest *guest;
	int fd; // -1: disconnected
	uint64_t features; // acknowledged
	uint64_t protocol_features;
	bool need_reply; // ask for an acknowledgement where the protocol allows it
	bool multiple_regions; // send both regions, else only the first
	struct fake_queue queues[FAKE_DEVICE_QUEUES];
	int backend_fd; // our end of the back-end channel; -1: none
	int gpu_socket; // our end of the last GPU socket; -1: none
	uint64_t
		slots[FAKE_DEVICE_QUEUES]; // of fake_gpu and fake_input: guest address; 0: none yet
};

// --- Guest --------------------------------------------------------------------------------

/** Memory is split evenly over the regions. Ends the process where it cannot be had. */
struct fake_guest *fake_guest_create(uint64_t size_bytes);
void fake_guest_destroy(struct fake_guest *guest);

/** Take memory from the low region; never freed. Ends the process when there is none left. */
uint64_t fake_guest_alloc(struct fake_guest *guest, uint64_t size_bytes, uint64_t align);

/** The same from the region above 4 GiB. */
uint64_t fake_guest_alloc_high(struct fake_guest *guest, uint64_t size_bytes, uint64_t align);

/** Where a guest address is in this process. It must be guest memory. */
void *fake_guest_at(struct fake_guest *guest, uint64_t guest_address);

// --- Front end ----------------------------------------------------------------------------

/** Connect to a listening socket. Returns NULL when nobody listens. */
struct fake_device *fake_device_connect(struct fake_guest *guest, const char *path);

/** Use a connected socket, which belongs to the device from here on. */
struct fake_device *fake_device_adopt(struct fake_guest *guest, int fd);
void fake_device_destroy(struct fake_device *device);

/**
 * What QEMU does up to the memory table, with all of wanted that the back end offers.
 * VIRTIO_F_VERSION_1 is always among it. Returns false when the back end went away.
 */
bool fake_device_negotiate(struct fake_device *device, uint64_t wanted);

bool fake_device_set_mem_table(struct fake_device *device);

/** Make rings (or zero those of an earlier start), send fds, enable. size: a power of two. */
bool fake_device_start_queue(struct fake_device *device, unsigned index, uint16_t size);

/** GET_VRING_BASE. Returns the base, or -1. */
int fake_device_stop_queue(struct fake_device *device, unsigned index);

/** VHOST_USER_RESET_DEVICE. */
bool fake_device_reset(struct fake_device *device);

/** VHOST_USER_GPU_SET_SOCKET with a new pair. */
bool fake_device_send_gpu_socket(struct fake_device *device);

/** VHOST_USER_SET_BACKEND_REQ_FD with a new pair. */
bool fake_device_send_backend_fd(struct fake_device *device);

bool fake_device_config_read(
	struct fake_device *device, uint32_t offset, void *bytes, uint32_t size);
bool fake_device_config_write(
	struct fake_device *device, uint32_t offset, const void *bytes, uint32_t size);

/** Send anything. flags are OR-ed to the version. Returns false when the peer is gone. */
bool fake_device_send(struct fake_device *device, uint32_t request, uint32_t flags,
	const void *payload, uint32_t size, const int *fds, unsigned fd_count);

/** A request with a 64-bit number. Waits for the acknowledgement if need_reply. */
bool fake_device_send_u64(
	struct fake_device *device, uint32_t request, uint64_t value, const int *fd);

/** A request with a vring state. */
bool fake_device_send_state(
	struct fake_device *device, uint32_t request, uint32_t index, uint32_t num);

/** Wait for a reply. Returns its payload's size, or -1: none came, or the peer is gone. */
int fake_device_receive(struct fake_device *device, uint32_t request, void *payload, uint32_t size);

/** Wait until the back end closes the connection. False after FAKE_TIMEOUT_MS. */
bool fake_device_wait_dropped(struct fake_device *device);

/** Wait until done() says so. Returns false after timeout_ms. */
bool fake_guest_wait(
	struct fake_guest *guest, bool (*done)(void *data), void *data, int fd, int timeout_ms);

// --- Driver -------------------------------------------------------------------------------

/** Offer a chain. Returns its head, or -1: the ring is full. The device is not notified. */
int fake_queue_offer(struct fake_device *device, struct fake_queue *queue,
	const struct fake_buffer *buffers, unsigned count);

/** Notify the device, if it wants to be. Returns whether it was. */
bool fake_queue_kick(struct fake_queue *queue);

/** Notify it in any case. */
void fake_queue_kick_always(struct fake_queue *queue);

/** Take what the device returned. written_bytes may be NULL. Returns a head, or -1: nothing. */
int fake_queue_poll(struct fake_device *device, struct fake_queue *queue, uint32_t *written_bytes);

/** The same, waiting for the device's notification. -1 after FAKE_TIMEOUT_MS. */
int fake_queue_wait(struct fake_device *device, struct fake_queue *queue, uint32_t *written_bytes);

#endif
