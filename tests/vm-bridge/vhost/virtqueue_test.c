// Rings that keep the rules, and such as are only too many, over a real connection.
#include <linux/virtio_config.h>
#include <stdio.h>
#include <string.h>

#include "echo_device.h"
#include "fake_cmocka.h"

#define EVENT_INDEX (UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT (UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC)

static int setup(void **state) {
	*state = echo_create();
	return 0;
}

static int teardown(void **state) {
	echo_destroy(*state);
	return 0;
}

static void roundtrips(struct echo_device *echo, uint64_t features, uint16_t size) {
	echo_start(echo, features, size);
	for (unsigned i = 0; i < 70000; i += 1 + i / 64) {
		char text[32];
		snprintf(text, sizeof(text), "chain %u", i);
		echo_roundtrip(echo, text);
	}
	assert_null(echo->broken);
	assert_int_equal(echo->malformed, 0);
}

static void test_plain(void **state) {
	roundtrips(*state, 0, 4);
}

static void test_event_index(void **state) {
	roundtrips(*state, EVENT_INDEX, 2);
}

static void test_indirect(void **state) {
	roundtrips(*state, INDIRECT, 2);
}

static void test_both(void **state) {
	roundtrips(*state, INDIRECT | EVENT_INDEX, 64);
}

static void test_largest_queue(void **state) {
	roundtrips(*state, EVENT_INDEX, ECHO_QUEUE_MAX);
}

// Offer count chains of one writable byte each.
static void offer_bytes(struct echo_device *echo, unsigned count) {
	struct fake_queue *queue = &echo->front->queues[0];
	struct fake_buffer buffer = {fake_guest_alloc(echo->guest, 1, 1), 1, true};
	for (unsigned i = 0; i < count; i++) {
		assert_true(fake_queue_offer(echo->front, queue, &buffer, 1) >= 0);
	}
}

// The index goes round many times, with every number of chains under way.
static void test_index_wraps(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 8);
	struct fake_queue *queue = &echo->front->queues[0];
	for (unsigned i = 0; i < 20000; i++) {
		unsigned count = i % 8 + 1;
		offer_bytes(echo, count);
		echo->guest->next_free[0] -= 1;
		fake_queue_kick(queue);
		for (unsigned j = 0; j < count; j++) {
			assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
		}
	}
	assert_int_equal(echo->chains, 20000 / 8 * 36);
}

// Neither side notifies the other without need.
static void test_suppression(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	struct fake_queue *queue = &echo->front->queues[0];
	offer_bytes(echo, 32);
	assert_true(fake_queue_kick(queue));
	offer_bytes(echo, 1);
	assert_false(fake_queue_kick(queue)); // the device has not looked yet
	echo_settle(echo);
	assert_int_equal(echo->chains, 33);
	for (unsigned i = 0; i < 33; i++) {
		assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
	}
	assert_int_equal(queue->calls, 1); // for all of them
	queue->available->ring[queue->size] = (uint16_t)(queue->used_index + 3);
	offer_bytes(echo, 3);
	fake_queue_kick(queue);
	echo_settle(echo);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
		queue->available->ring[queue->size] = (uint16_t)(queue->used_index + 30);
	}
	assert_int_equal(queue->calls, 1); // the fourth was asked for
}

// An event index that lies behind asks for nothing; the first chain of a start always notifies.
static void test_suppression_bounds(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	struct fake_queue *queue = &echo->front->queues[0];
	queue->available->ring[queue->size] = 40;
	for (unsigned i = 0; i < 3; i++) {
		offer_bytes(echo, 1);
		fake_queue_kick(queue);
		assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
		queue->available->ring[queue->size] = (uint16_t)(queue->used_index - 1);
		assert_int_equal(queue->calls, 1);
	}
	queue->available->ring[queue->size] = (uint16_t)(queue->used_index + 1);
	for (unsigned i = 0; i < 2; i++) {
		offer_bytes(echo, 1);
		fake_queue_kick(queue);
		echo_settle(echo);
	}
	assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
	assert_int_equal(queue->calls, 2); // the second of them was asked for
}

// Without the event index kicks are off while the device works through the queue.
static void test_kicks_off_while_busy(void **state) {
	struct echo_device *echo = *state;
	struct virtqueue_chain chain;
	echo_start(echo, 0, 64);
	echo->deaf = true;
	const struct vring_used *used = echo->front->queues[0].used;
	struct virtqueue *queue = &echo->vhost->queues[0];
	assert_false(virtqueue_pop(queue, &chain));
	assert_int_equal(used->flags, 0);
	offer_bytes(echo, 2);
	assert_true(virtqueue_pop(queue, &chain));
	assert_int_equal(used->flags, VRING_USED_F_NO_NOTIFY);
	assert_true(virtqueue_pop(queue, &chain));
	assert_int_equal(used->flags, VRING_USED_F_NO_NOTIFY);
	assert_false(virtqueue_pop(queue, &chain));
	assert_int_equal(used->flags, 0);
}

static void test_suppression_by_flags(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 64);
	struct fake_queue *queue = &echo->front->queues[0];
	queue->available->flags = VRING_AVAIL_F_NO_INTERRUPT;
	offer_bytes(echo, 2);
	assert_true(fake_queue_kick(queue));
	echo_settle(echo);
	assert_true(fake_queue_poll(echo->front, queue, NULL) >= 0);
	assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
	assert_int_equal(queue->calls, 0);
	queue->available->flags = 0;
	offer_bytes(echo, 1);
	assert_true(fake_queue_kick(queue));
	assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
	assert_int_equal(queue->calls, 1);
}

static void test_out_of_order(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	struct fake_queue *queue = &echo->front->queues[0];
	echo->hold = true;
	offer_bytes(echo, 3);
	fake_queue_kick(queue);
	echo_settle(echo);
	assert_int_equal(echo->held_count, 3);
	assert_int_equal(fake_queue_poll(echo->front, queue, NULL), -1);
	struct virtqueue_token twice = echo->held[2];
	echo_release(echo);
	virtqueue_push(&echo->vhost->queues[0], twice, 0); // void by now
	assert_int_equal(fake_queue_wait(echo->front, queue, NULL), 2);
	assert_int_equal(fake_queue_poll(echo->front, queue, NULL), 1);
	assert_int_equal(fake_queue_poll(echo->front, queue, NULL), 0);
	assert_int_equal(fake_queue_poll(echo->front, queue, NULL), -1);
}

static void test_void_token(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 64);
	echo->hold = true;
	offer_bytes(echo, 3);
	fake_queue_kick(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(fake_device_stop_queue(echo->front, 0), 3);
	assert_true(fake_device_start_queue(echo->front, 0, 64));
	echo_settle(echo);
	unsigned old = echo->held_count;
	offer_bytes(echo, 3); // the same heads
	fake_queue_kick(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(echo->held_count, 2 * old);
	echo->held_count = old;
	echo_release(echo); // of the earlier start
	assert_int_equal(fake_queue_poll(echo->front, &echo->front->queues[0], NULL), -1);
	echo->hold = false;
	echo_roundtrip(echo, "new");
}

static void test_unpop(void **state) {
	struct echo_device *echo = *state;
	struct virtqueue_chain chain;
	echo_start(echo, EVENT_INDEX, 64);
	echo->deaf = true;
	offer_bytes(echo, 2);
	fake_queue_kick(&echo->front->queues[0]);
	echo_settle(echo);
	struct virtqueue *queue = &echo->vhost->queues[0];
	assert_true(virtqueue_pop(queue, &chain));
	uint16_t head = chain.token.head;
	virtqueue_unpop(queue, chain.token);
	assert_true(virtqueue_pop(queue, &chain));
	assert_int_equal(chain.token.head, head);
	virtqueue_push(queue, chain.token, 0);
	virtqueue_notify(queue);
	echo->deaf = false;
	vhost_user_queue_resume(echo->vhost, queue);
	assert_int_equal(fake_queue_wait(echo->front, &echo->front->queues[0], NULL), head);
	assert_true(fake_queue_wait(echo->front, &echo->front->queues[0], NULL) >= 0);
}

// Kicked before it is enabled, a queue serves the chain when it is.
static void test_kick_before_enable(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 8);
	assert_true(fake_device_send_state(echo->front, 18, 0, 0));
	assert_false(echo->vhost->queues[0].running);
	offer_bytes(echo, 1);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(echo->chains, 0);
	assert_true(fake_device_send_state(echo->front, 18, 0, 1));
	assert_true(fake_queue_wait(echo->front, &echo->front->queues[0], NULL) >= 0);
}

// A paused machine: stop, and start again at the base, with the rings as they are.
static void test_pause(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 8);
	echo_roundtrip(echo, "before");
	struct fake_queue *queue = &echo->front->queues[0];
	int base = fake_device_stop_queue(echo->front, 0);
	assert_int_equal(base, 1);
	offer_bytes(echo, 1);
	assert_true(fake_device_send_state(echo->front, 10, 0, (uint32_t)base));
	assert_true(fake_device_send_u64(echo->front, 12, 0, &queue->kick_fd));
	assert_true(fake_queue_wait(echo->front, queue, NULL) >= 0);
	echo_roundtrip(echo, "after");
}

static void test_remap_while_running(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 8);
	for (unsigned i = 0; i < 50; i++) {
		assert_true(fake_device_set_mem_table(echo->front));
		echo_roundtrip(echo, "remapped");
	}
	assert_int_equal(echo->memories, 51);
	echo->front->multiple_regions = false; // the rings are in the first
	assert_true(fake_device_set_mem_table(echo->front));
	assert_null(echo->broken);
}

// --- Floods -------------------------------------------------------------------------------

// A guest that offers faster than we serve gets its share of a turn, and then others their turn.
static void test_budget(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	echo->work_ns = 3000000;
	offer_bytes(echo, 10);
	fake_queue_kick(&echo->front->queues[0]);
	wl_event_loop_dispatch(echo->loop, 0);
	assert_true(echo->chains >= 1 && echo->chains <= 4);
	for (unsigned i = 0; i < 10; i++) {
		assert_true(fake_queue_wait(echo->front, &echo->front->queues[0], NULL) >= 0);
	}
	assert_int_equal(echo->chains, 10);
}

static void test_kick_storm(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	unsigned turns = 0;
	for (; turns < 3000; turns++) {
		fake_queue_kick_always(&echo->front->queues[0]);
		wl_event_loop_dispatch(echo->loop, 0);
	}
	assert_true(echo->kicks < turns / 2);
	echo_roundtrip(echo, "still served");
}

// A guest that never reaps: at most as many chains are under way as the queue has entries.
static void test_never_reaps(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, EVENT_INDEX, 64);
	echo->hold = true;
	offer_bytes(echo, 64);
	fake_queue_kick(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(echo->vhost->queues[0].in_flight, 64);
	echo->front->queues[0].available->idx += 1;
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_expect_broken(echo);
	assert_string_equal(echo->broken, "a chain was offered while the device had it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_event_index),
		TEST(test_indirect),
		TEST(test_both),
		TEST(test_largest_queue),
		TEST(test_index_wraps),
		TEST(test_suppression),
		TEST(test_suppression_bounds),
		TEST(test_suppression_by_flags),
		TEST(test_kicks_off_while_busy),
		TEST(test_out_of_order),
		TEST(test_void_token),
		TEST(test_unpop),
		TEST(test_kick_before_enable),
		TEST(test_pause),
		TEST(test_remap_while_running),
		TEST(test_budget),
		TEST(test_kick_storm),
		TEST(test_never_reaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
