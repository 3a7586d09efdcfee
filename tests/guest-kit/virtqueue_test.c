#include <stdlib.h>

#include "core/heap.h"
#include "unit.h"
#include "virtio/virtqueue.h"

#define REGION_BYTES 65536
#define SIZE 8

struct fixture {
	struct heap heap;
	struct virtqueue queue;
	void *region;
};

static int set_up(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	fixture->region = malloc(REGION_BYTES);
	heap_add(&fixture->heap, fixture->region, REGION_BYTES);
	*state = fixture;
	return virtqueue_init(&fixture->queue, &fixture->heap, SIZE) ? 0 : -1;
}

static int tear_down(void **state) {
	struct fixture *fixture = *state;
	free(fixture->region);
	free(fixture);
	return 0;
}

static bool add(struct virtqueue *queue, int count, void *token) {
	static char bytes[16];
	struct virtqueue_buffer buffers[SIZE + 1];
	for (int i = 0; i < count; i++) {
		buffers[i] = (struct virtqueue_buffer){bytes, sizeof(bytes)};
	}
	return virtqueue_add(queue, buffers, 1, count - 1, token);
}

// What the device says that it has used.
static void use(struct virtqueue *queue, uint32_t id) {
	uint16_t index = queue->used[1];
	queue->used_ring[index % SIZE].id = id;
	queue->used_ring[index % SIZE].length = 4;
	queue->used[1] = (uint16_t)(index + 1);
}

static uint32_t last_head(const struct virtqueue *queue) {
	return queue->available[2 + (uint16_t)(queue->available_index - 1) % SIZE];
}

static void gives_back_what_is_used(void **state) {
	struct fixture *fixture = *state;
	struct virtqueue *queue = &fixture->queue;
	uint32_t written_bytes;
	int tokens[2];
	// Many times around the ring, and out of order.
	for (int i = 0; i < 1000; i++) {
		assert_true(add(queue, 3, &tokens[0]));
		uint32_t first = last_head(queue);
		assert_true(add(queue, 5, &tokens[1]));
		uint32_t second = last_head(queue);
		assert_false(add(queue, 1, &tokens[0]));
		use(queue, second);
		assert_ptr_equal(virtqueue_take(queue, &written_bytes), &tokens[1]);
		assert_int_equal(written_bytes, 4);
		assert_null(virtqueue_take(queue, &written_bytes));
		use(queue, first);
		assert_ptr_equal(virtqueue_take(queue, &written_bytes), &tokens[0]);
		assert_int_equal(queue->free_count, SIZE);
	}
}

static void does_not_believe_a_wrong_device(void **state) {
	struct fixture *fixture = *state;
	struct virtqueue *queue = &fixture->queue;
	uint32_t written_bytes;
	int token;
	assert_true(add(queue, 2, &token));
	uint32_t head = last_head(queue);
	// Outside of the ring, never given, in the middle of a chain; what follows is right.
	use(queue, UINT32_MAX);
	use(queue, SIZE);
	use(queue, (head + 5) % SIZE);
	use(queue, (head + 1) % SIZE);
	use(queue, head);
	assert_ptr_equal(virtqueue_take(queue, &written_bytes), &token);
	// The same again is no chain of ours any more.
	use(queue, head);
	assert_null(virtqueue_take(queue, &written_bytes));
	assert_int_equal(queue->free_count, SIZE);
	// An index far ahead ends, and leaves the queue usable.
	queue->used[1] = (uint16_t)(queue->used[1] + 40000);
	assert_null(virtqueue_take(queue, &written_bytes));
	assert_true(add(queue, SIZE, &token));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_back_what_is_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(does_not_believe_a_wrong_device, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
