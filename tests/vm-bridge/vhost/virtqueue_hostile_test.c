// Rings that break the rules: the queue stops, the connection stays, and a new start works.
#include <linux/virtio_config.h>
#include <stdio.h>
#include <string.h>

#include "echo_device.h"
#include "fake_cmocka.h"

#define INDIRECT (UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC)
#define HIGH (UINT64_C(4) << 30)

static int setup(void **state) {
	*state = echo_create();
	return 0;
}

static int teardown(void **state) {
	echo_destroy(*state);
	return 0;
}

// Write a descriptor and offer it as a head.
static void offer_raw(struct echo_device *echo, uint16_t index, struct vring_desc desc, bool head) {
	struct fake_queue *queue = &echo->front->queues[0];
	queue->descriptors[index] = desc;
	if (head) {
		queue->available->ring[queue->available_index % queue->size] = index;
		queue->available_index++;
		__atomic_store_n(&queue->available->idx, queue->available_index, __ATOMIC_RELEASE);
	}
}

static void begin_raw(struct echo_device *echo) {
	echo_start(echo, INDIRECT, 8);
}

// After any breach: the reason is told, and a new start by the driver works.
static void expect_broken(struct echo_device *echo, const char *reason) {
	unsigned chains = echo->chains;
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_expect_broken(echo);
	assert_string_equal(echo->broken, reason);
	assert_int_equal(echo->chains, chains);
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	echo_roundtrip(echo, "again");
}

static void test_index_jump(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	echo->front->queues[0].available->idx = 9;
	expect_broken(echo, "the available index jumped");
}

static void test_head_outside(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	echo->front->queues[0].available->ring[0] = 8;
	echo->front->queues[0].available->idx = 1;
	expect_broken(echo, "the head of a chain is outside the table");
}

static void test_head_twice(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	echo->hold = true;
	offer_raw(echo, 3, (struct vring_desc){.addr = 4096, .len = 1}, true);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(echo->held_count, 1);
	offer_raw(echo, 3, (struct vring_desc){.addr = 4096, .len = 1}, true);
	echo->hold = false;
	expect_broken(echo, "a chain was offered while the device had it");
}

static void test_loop(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	struct vring_desc desc = {.addr = 4096, .len = 1, .flags = VRING_DESC_F_NEXT, .next = 0};
	offer_raw(echo, 0, desc, true);
	expect_broken(echo, "descriptors form a loop");
}

static void test_next_outside(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	struct vring_desc desc = {.addr = 4096, .len = 1, .flags = VRING_DESC_F_NEXT, .next = 8};
	offer_raw(echo, 0, desc, true);
	expect_broken(echo, "descriptor's next one is outside its table");
}

static void address(struct echo_device *echo, uint64_t addr, uint32_t len) {
	begin_raw(echo);
	offer_raw(echo, 0, (struct vring_desc){.addr = addr, .len = len}, true);
	expect_broken(echo, "descriptor outside guest memory");
}

static void test_address_outside(void **state) {
	struct echo_device *echo = *state;
	address(echo, UINT64_C(1) << 40, 1);
}

static void test_address_wraps(void **state) {
	struct echo_device *echo = *state;
	address(echo, UINT64_MAX - 3, 8);
}

static void test_address_at_end(void **state) {
	struct echo_device *echo = *state;
	address(echo, echo->guest->regions[0].size_bytes - 4, 5);
}

static void test_address_huge(void **state) {
	struct echo_device *echo = *state;
	address(echo, HIGH, UINT32_MAX);
}

static void indirect(
	struct echo_device *echo, uint64_t addr, uint32_t len, uint16_t flags, const char *reason) {
	begin_raw(echo);
	offer_raw(echo, 0,
		(struct vring_desc){
			.addr = addr, .len = len, .flags = VRING_DESC_F_INDIRECT | flags},
		true);
	expect_broken(echo, reason);
}

static void test_indirect_length(void **state) {
	indirect(*state, 4096, 24, 0, "indirect table of a wrong length");
}

static void test_indirect_empty(void **state) {
	indirect(*state, 4096, 0, 0, "indirect table of a wrong length");
}

static void test_indirect_long(void **state) {
	indirect(*state, 4096, 1025 * 16, 0, "indirect table of a wrong length");
}

static void test_indirect_outside(void **state) {
	struct echo_device *echo = *state;
	indirect(echo, echo->guest->regions[0].size_bytes - 16, 32, 0,
		"indirect table outside guest memory");
}

static void test_indirect_next(void **state) {
	indirect(*state, 4096, 16, VRING_DESC_F_NEXT,
		"indirect descriptor inside a table, or with a next one");
}

static void test_indirect_nested(void **state) {
	struct echo_device *echo = *state;
	uint64_t table = fake_guest_alloc(echo->guest, 16, 16);
	*(struct vring_desc *)fake_guest_at(echo->guest, table) = (struct vring_desc){
		.addr = table, .len = 16, .flags = VRING_DESC_F_INDIRECT};
	indirect(echo, table, 16, 0, "indirect descriptor inside a table, or with a next one");
}

static void test_indirect_loop(void **state) {
	struct echo_device *echo = *state;
	uint64_t table = fake_guest_alloc(echo->guest, 32, 16);
	struct vring_desc *desc = fake_guest_at(echo->guest, table);
	desc[0] = (struct vring_desc){
		.addr = table, .len = 1, .flags = VRING_DESC_F_NEXT, .next = 1};
	desc[1] = (struct vring_desc){
		.addr = table, .len = 1, .flags = VRING_DESC_F_NEXT, .next = 0};
	indirect(echo, table, 32, 0, "descriptors form a loop");
}

static void test_indirect_unnegotiated(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	offer_raw(echo, 0,
		(struct vring_desc){.addr = 4096, .len = 16, .flags = VRING_DESC_F_INDIRECT}, true);
	expect_broken(echo, "indirect descriptor without VIRTIO_RING_F_INDIRECT_DESC");
}

// 1024 descriptors in one table, and not aligned: that is allowed.
static void test_indirect_largest(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	uint64_t table = fake_guest_alloc(echo->guest, 1024 * 16 + 1, 16) + 1;
	uint8_t *bytes = fake_guest_at(echo->guest, table);
	for (uint16_t i = 0; i < 1024; i++) {
		struct vring_desc desc = {.addr = table, .len = 4, .next = (uint16_t)(i + 1)};
		desc.flags = i < 1023 ? VRING_DESC_F_NEXT : 0;
		memcpy(bytes + (size_t)i * 16, &desc, sizeof(desc));
	}
	offer_raw(echo, 0,
		(struct vring_desc){
			.addr = table, .len = 1024 * 16, .flags = VRING_DESC_F_INDIRECT},
		true);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	assert_int_equal(echo->chains, 1);
	assert_int_equal(echo->last_bytes, 4096);
	assert_null(echo->broken);
}

static void test_zero_length(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	offer_raw(echo, 0, (struct vring_desc){.addr = UINT64_MAX, .len = 0}, true);
	fake_queue_kick_always(&echo->front->queues[0]);
	assert_int_equal(fake_queue_wait(echo->front, &echo->front->queues[0], NULL), 0);
	assert_int_equal(echo->last_bytes, 0);
}

static void test_write_before_read(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	struct fake_buffer buffers[] = {{4096, 8, true}, {8192, 8, false}};
	fake_queue_offer(echo->front, &echo->front->queues[0], buffers, 2);
	fake_queue_kick_always(&echo->front->queues[0]);
	assert_true(fake_queue_wait(echo->front, &echo->front->queues[0], NULL) >= 0);
	assert_int_equal(echo->malformed, 1);
	assert_null(echo->broken);
}

// Nothing is written past a buffer, and the used length says how much was.
static void test_short_response(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	uint64_t in = fake_guest_alloc(echo->guest, 64, 64),
		 out = fake_guest_alloc(echo->guest, 64, 64);
	char *response = fake_guest_at(echo->guest, out);
	memset(fake_guest_at(echo->guest, in), 'a', 64);
	memset(response, 'z', 64);
	struct fake_buffer buffers[] = {{in, 64, false}, {out, 5, true}, {out + 10, 6, true}};
	uint32_t written = 0;
	fake_queue_offer(echo->front, &echo->front->queues[0], buffers, 3);
	fake_queue_kick_always(&echo->front->queues[0]);
	assert_true(fake_queue_wait(echo->front, &echo->front->queues[0], &written) >= 0);
	assert_int_equal(written, 11);
	assert_memory_equal(response, "aaaaazzzzzaaaaaazzzz", 20);
}

// The guest rewrites descriptors and data while the device works: only its copies count.
static void test_rings_inside_buffer(void **state) {
	struct echo_device *echo = *state;
	begin_raw(echo);
	const struct fake_region *region = &echo->guest->regions[0];
	uint64_t rings = (uint64_t)((uint8_t *)echo->front->queues[0].descriptors - region->bytes);
	uint64_t in = fake_guest_alloc(echo->guest, 4096, 64);
	memset(fake_guest_at(echo->guest, in), 0xff, 4096);
	struct fake_buffer buffers[] = {{in, 1024, false}, {rings, 1024, true}};
	fake_queue_offer(echo->front, &echo->front->queues[0], buffers, 2);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	assert_true(echo->vhost->connected);
	assert_non_null(echo->broken);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
}

static void bad_size(struct echo_device *echo, uint32_t size) {
	echo_start(echo, 0, 8);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
	echo->front->need_reply = false;
	assert_true(fake_device_send_state(echo->front, 8, 0, size));
	assert_true(fake_device_send_u64(echo->front, 12, 0, &echo->front->queues[0].kick_fd));
	echo_settle(echo);
	assert_false(echo->vhost->queues[0].running);
	assert_true(echo->vhost->connected);
	echo->front->need_reply = true;
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	echo_roundtrip(echo, "a good size again");
}

static void test_bad_sizes(void **state) {
	static const uint32_t sizes[] = {0, 3, 100, 1024, 2048, 65535, 65536, UINT32_MAX};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bad_size(*state, sizes[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_index_jump),
		TEST(test_head_outside),
		TEST(test_head_twice),
		TEST(test_loop),
		TEST(test_next_outside),
		TEST(test_address_outside),
		TEST(test_address_wraps),
		TEST(test_address_at_end),
		TEST(test_address_huge),
		TEST(test_indirect_length),
		TEST(test_indirect_empty),
		TEST(test_indirect_long),
		TEST(test_indirect_outside),
		TEST(test_indirect_next),
		TEST(test_indirect_nested),
		TEST(test_indirect_loop),
		TEST(test_indirect_unnegotiated),
		TEST(test_indirect_largest),
		TEST(test_zero_length),
		TEST(test_write_before_read),
		TEST(test_short_response),
		TEST(test_rings_inside_buffer),
		TEST(test_bad_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
