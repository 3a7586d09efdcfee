// The configuration space: every selection a guest can make, and what the standard wants of it.
#include <endian.h>
#include <linux/input.h>
#include <string.h>

#include "fake_cmocka.h"
#include "input_config.h"

static struct input_config make(enum virtio_input_kind kind) {
	return (struct input_config){.kind = kind, .name = "Name", .serial = "S1"};
}

static struct virtio_input_config get(struct input_config *config, uint8_t select, uint8_t subsel) {
	struct virtio_input_config out;
	memset(&out, 0xee, sizeof(out));
	const uint8_t bytes[] = {select, subsel};
	input_config_write(config, 0, bytes, 2);
	input_config_fill(config, &out);
	assert_int_equal(out.select, select);
	assert_int_equal(out.subsel, subsel);
	return out;
}

static bool has_bit(const struct virtio_input_config *out, unsigned bit) {
	return bit / 8 < out->size && (out->u.bitmap[bit / 8] & (1u << (bit % 8))) != 0;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

// Bytes beyond the size are zeros, of a bitmap the last one is not, and what is not named by
// the standard has size 0.
static void test_every_selection(void **state) {
	for (enum virtio_input_kind kind = VIRTIO_INPUT_KEYBOARD; kind <= VIRTIO_INPUT_MOUSE;
		kind++) {
		struct input_config config = make(kind);
		for (unsigned i = 0; i < 65536; i++) {
			uint8_t select = (uint8_t)(i / 256), subsel = (uint8_t)(i % 256);
			struct virtio_input_config out = get(&config, select, subsel);
			assert_true(out.size <= sizeof(out.u));
			assert_true(is_zero(out.u.bitmap + out.size, sizeof(out.u) - out.size));
			assert_true(is_zero(out.reserved, sizeof(out.reserved)));
			bool bitmap = select == VIRTIO_INPUT_CFG_EV_BITS ||
				select == VIRTIO_INPUT_CFG_PROP_BITS;
			assert_true(!bitmap || out.size == 0 || out.u.bitmap[out.size - 1] != 0);
			bool known = bitmap ||
				(select >= VIRTIO_INPUT_CFG_ID_NAME &&
					select <= VIRTIO_INPUT_CFG_ID_DEVIDS) ||
				select == VIRTIO_INPUT_CFG_ABS_INFO;
			assert_true(known || out.size == 0);
			bool has_subsel = select == VIRTIO_INPUT_CFG_EV_BITS ||
				select == VIRTIO_INPUT_CFG_ABS_INFO;
			assert_true(has_subsel || subsel == 0 || out.size == 0);
		}
	}
}

static void test_ids(void **state) {
	struct input_config config = make(VIRTIO_INPUT_MOUSE);
	struct virtio_input_config out = get(&config, VIRTIO_INPUT_CFG_ID_NAME, 0);
	assert_int_equal(out.size, 4);
	assert_memory_equal(out.u.string, "Name", 5);
	out = get(&config, VIRTIO_INPUT_CFG_ID_SERIAL, 0);
	assert_int_equal(out.size, 2);
	out = get(&config, VIRTIO_INPUT_CFG_ID_DEVIDS, 0);
	assert_int_equal(out.size, 8);
	assert_int_equal(le16toh(out.u.ids.bustype), BUS_VIRTUAL);
	assert_int_equal(le16toh(out.u.ids.product), 3);
	memset(config.name, 'n', sizeof(config.name) - 1);
	out = get(&config, VIRTIO_INPUT_CFG_ID_NAME, 0);
	assert_int_equal(out.size, 127);
}

static void test_keyboard(void **state) {
	struct input_config config = make(VIRTIO_INPUT_KEYBOARD);
	struct virtio_input_config out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_KEY);
	for (unsigned code = 0; code < KEY_CNT; code++) {
		assert_int_equal(has_bit(&out, code), input_config_has_key(config.kind, code));
		// One button would make a mouse or a joystick of it.
		bool button = (code >= BTN_MISC && code < KEY_OK) ||
			(code >= BTN_DPAD_UP && code <= BTN_DPAD_RIGHT) ||
			code >= BTN_TRIGGER_HAPPY;
		assert_false(button && has_bit(&out, code));
	}
	static const uint16_t some[] = {KEY_ESC, KEY_A, KEY_SPACE, KEY_102ND, KEY_F24, KEY_LEFTMETA,
		KEY_COMPOSE, KEY_MUTE, KEY_MICMUTE, KEY_RO, KEY_YEN, KEY_HANJA, KEY_BRIGHTNESSUP};
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		assert_true(has_bit(&out, some[i]));
	}
	assert_false(has_bit(&out, KEY_RESERVED));
	assert_int_equal(get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_REL).size, 0);
	assert_int_equal(get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_ABS).size, 0);
	assert_int_equal(get(&config, VIRTIO_INPUT_CFG_PROP_BITS, 0).size, 0);
	out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_LED);
	assert_int_equal(out.u.bitmap[0], 0x1f);
	out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_REP);
	assert_int_equal(out.u.bitmap[0], 3);
}

static void test_pointers(void **state) {
	for (enum virtio_input_kind kind = VIRTIO_INPUT_TABLET; kind <= VIRTIO_INPUT_MOUSE;
		kind++) {
		struct input_config config = make(kind);
		bool tablet = kind == VIRTIO_INPUT_TABLET;
		struct virtio_input_config out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_KEY);
		assert_true(has_bit(&out, BTN_LEFT) && has_bit(&out, BTN_TASK));
		assert_false(has_bit(&out, KEY_A));
		out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_REL);
		assert_true(has_bit(&out, REL_WHEEL) && has_bit(&out, REL_WHEEL_HI_RES));
		assert_true(has_bit(&out, REL_HWHEEL) && has_bit(&out, REL_HWHEEL_HI_RES));
		assert_int_equal(has_bit(&out, REL_X), !tablet);
		out = get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_ABS);
		assert_int_equal(has_bit(&out, ABS_X) && has_bit(&out, ABS_Y), tablet);
		out = get(&config, VIRTIO_INPUT_CFG_ABS_INFO, ABS_Y);
		assert_int_equal(out.size, tablet ? 20 : 0);
		assert_int_equal(le32toh(out.u.abs.max), tablet ? VIRTIO_INPUT_ABS_MAX : 0);
		assert_int_equal(get(&config, VIRTIO_INPUT_CFG_ABS_INFO, ABS_Z).size, 0);
		out = get(&config, VIRTIO_INPUT_CFG_PROP_BITS, 0);
		assert_int_equal(out.u.bitmap[0], 1);
		assert_int_equal(get(&config, VIRTIO_INPUT_CFG_EV_BITS, EV_LED).size, 0);
	}
}

// QEMU writes the whole space back; only the first two bytes are for writing.
static void test_write(void **state) {
	struct input_config config = make(VIRTIO_INPUT_TABLET);
	struct virtio_input_config out = get(&config, VIRTIO_INPUT_CFG_ID_NAME, 0);
	memset(&out, 0xaa, sizeof(out));
	out.select = VIRTIO_INPUT_CFG_ABS_INFO;
	out.subsel = ABS_X;
	input_config_write(&config, 0, (uint8_t *)&out, sizeof(out));
	assert_int_equal(config.select, VIRTIO_INPUT_CFG_ABS_INFO);
	assert_int_equal(config.subsel, ABS_X);
	const uint8_t one = ABS_Y;
	input_config_write(&config, 1, &one, 1);
	assert_int_equal(config.subsel, ABS_Y);
	input_config_write(&config, 2, (uint8_t *)&out, 8);
	input_config_write(&config, UINT32_MAX, &one, 1);
	assert_int_equal(config.select, VIRTIO_INPUT_CFG_ABS_INFO);
	assert_string_equal(config.name, "Name");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_selection),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_keyboard),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
