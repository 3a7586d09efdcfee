// Hostile 9: a guest that rewrites a chain while it is read. Each word is fetched once, so what
// was checked is what is done: the answer is right for one of the two versions, always.
#include <pthread.h>
#include <stdatomic.h>

#include "gpu_fixture.h"

#define COMMANDS 3000

/** A processor of the guest that never rests: two values of a word take turns. */
struct rewriter {
	pthread_t thread;
	atomic_bool stop;
	uint32_t *word;
	uint32_t values[2];
};

static void *rewrite(void *data) {
	struct rewriter *r = data;
	for (unsigned i = 0; !atomic_load(&r->stop); i++) {
		__atomic_store_n(r->word, r->values[i % 2], __ATOMIC_RELAXED);
	}
	return NULL;
}

static void start(struct rewriter *r, void *word, uint32_t sound, uint32_t hostile) {
	*r = (struct rewriter){.word = word, .values = {sound, hostile}};
	assert_int_equal(pthread_create(&r->thread, NULL, rewrite, r), 0);
}

static void finish(struct rewriter *r) {
	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
}

enum place {
	COMMAND, // in the command
	TABLE, // in the indirect table of its descriptors
};

/**
 * Have COMMANDS of a kind run while the word at offset of a place takes two values. sound and
 * hostile are the answers that each of these must have.
 */
static void race(struct fixture *f, const void *command, size_t size, enum place place,
	size_t offset, const uint32_t values[2], uint32_t sound, uint32_t hostile) {
	const struct fake_queue *queue = &f->device->queues[FAKE_GPU_CONTROL];
	struct virtio_gpu_ctrl_hdr answer = {0};
	// One command at a time: each takes the place of the first one in memory.
	const uint16_t head = queue->free_head;
	fake_gpu_command(f->device, command, size, NULL, &answer, sizeof(answer));
	assert_int_equal(queue->descriptors[head].flags, VRING_DESC_F_INDIRECT);
	uint8_t *bytes = fake_guest_at(f->guest, queue->descriptors[head].addr);
	if (place == COMMAND) {
		const struct vring_desc *table = (const struct vring_desc *)bytes;
		bytes = fake_guest_at(f->guest, table[0].addr);
	}
	struct rewriter r;
	start(&r, bytes + offset, values[0], values[1]);
	for (unsigned i = 0; i < COMMANDS; i++) {
		assert_int_equal(queue->free_head, head);
		answer.type = 0;
		fake_gpu_command(f->device, command, size, NULL, &answer, sizeof(answer));
		assert_true(answer.type == sound || answer.type == hostile);
	}
	finish(&r);
	assert_null(f->gpu->vhost->queues[0].broken);
}

static void test_rectangle(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, 0xff0000);
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = fixture_whole(),
		.resource_id = 1,
	};
	const uint32_t values[] = {HEIGHT, 1u << 30};
	race(f, &transfer, sizeof(transfer), COMMAND,
		offsetof(struct virtio_gpu_transfer_to_host_2d, r.height), values,
		VIRTIO_GPU_RESP_OK_NODATA, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	fixture_end(f);
}

static void test_resource(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, 0xff0000);
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = fixture_whole(),
		.resource_id = 1,
	};
	const uint32_t values[] = {1, 2};
	race(f, &transfer, sizeof(transfer), COMMAND,
		offsetof(struct virtio_gpu_transfer_to_host_2d, resource_id), values,
		VIRTIO_GPU_RESP_OK_NODATA, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	fixture_end(f);
}

/** How many entries follow, against how many there are. */
static void test_entries(void **state) {
	struct fixture *f = fixture_begin();
	assert_ok(fake_gpu_create_2d(f->device, 1, BGRX, WIDTH, HEIGHT));
	const struct virtio_gpu_resource_attach_backing attach = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
		.resource_id = 1,
	};
	const uint32_t values[] = {16384, UINT32_MAX};
	race(f, &attach, sizeof(attach), COMMAND,
		offsetof(struct virtio_gpu_resource_attach_backing, nr_entries), values,
		VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	fixture_end(f);
}

/** The command's length: a short one is refused, and nothing beyond it is read. */
static void test_length(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, 0xff0000);
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = fixture_whole(),
		.resource_id = 1,
	};
	const uint32_t values[] = {sizeof(transfer), 30};
	race(f, &transfer, sizeof(transfer), TABLE, offsetof(struct vring_desc, len), values,
		VIRTIO_GPU_RESP_OK_NODATA, VIRTIO_GPU_RESP_ERR_UNSPEC);
	fixture_end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rectangle),
		cmocka_unit_test(test_resource),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
