#include "input_config.h"

#include <endian.h>
#include <linux/input.h>
#include <string.h>

struct range {
	uint16_t first;
	uint16_t last;
};

// KEY_* codes. What lies between are buttons, and a keyboard with buttons is taken for a mouse.
static const struct range keyboard_keys[] = {
	{KEY_ESC, KEY_KPDOT},
	{KEY_ZENKAKUHANKAKU, KEY_F24},
	{KEY_PLAYCD, KEY_MICMUTE},
	{KEY_OK, KEY_IMAGES},
	{KEY_FN, KEY_FN_B},
	{KEY_NUMERIC_0, KEY_NUMERIC_POUND},
};
static const struct range pointer_keys[] = {{BTN_LEFT, BTN_TASK}};

static const uint16_t keyboard_leds[] = {LED_NUML, LED_CAPSL, LED_SCROLLL, LED_COMPOSE, LED_KANA};
static const uint16_t wheels[] = {REL_HWHEEL, REL_WHEEL, REL_WHEEL_HI_RES, REL_HWHEEL_HI_RES};
static const uint16_t axes[] = {REL_X, REL_Y}; // ABS_X and ABS_Y are the same numbers

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

bool input_config_has_key(enum virtio_input_kind kind, uint32_t code) {
	bool keyboard = kind == VIRTIO_INPUT_KEYBOARD;
	const struct range *ranges = keyboard ? keyboard_keys : pointer_keys;
	size_t count = keyboard ? LENGTH(keyboard_keys) : LENGTH(pointer_keys);
	for (size_t i = 0; i < count; i++) {
		if (code >= ranges[i].first && code <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

static void set_bit(struct virtio_input_config *out, uint32_t bit) {
	out->u.bitmap[bit / 8] |= (uint8_t)(1u << (bit % 8));
	if (out->size < bit / 8 + 1) {
		out->size = (uint8_t)(bit / 8 + 1);
	}
}

static void set_bits(struct virtio_input_config *out, const uint16_t *bits, size_t count) {
	for (size_t i = 0; i < count; i++) {
		set_bit(out, bits[i]);
	}
}

static void fill_event_bits(const struct input_config *config, struct virtio_input_config *out) {
	bool keyboard = config->kind == VIRTIO_INPUT_KEYBOARD;
	switch (config->subsel) {
	case EV_KEY:
		for (uint32_t code = 0; code < sizeof(out->u.bitmap) * 8; code++) {
			if (input_config_has_key(config->kind, code)) {
				set_bit(out, code);
			}
		}
		break;
	case EV_REL:
		if (!keyboard) {
			set_bits(out, wheels, LENGTH(wheels));
		}
		if (config->kind == VIRTIO_INPUT_MOUSE) {
			set_bits(out, axes, LENGTH(axes));
		}
		break;
	case EV_ABS:
		if (config->kind == VIRTIO_INPUT_TABLET) {
			set_bits(out, axes, LENGTH(axes));
		}
		break;
	case EV_LED:
		if (keyboard) {
			set_bits(out, keyboard_leds, LENGTH(keyboard_leds));
		}
		break;
	case EV_REP:
		// The repeat of keys is made in the guest: the host sends none.
		if (keyboard) {
			set_bit(out, REP_DELAY);
			set_bit(out, REP_PERIOD);
		}
		break;
	}
}

static void fill_string(struct virtio_input_config *out, const char *string) {
	out->size = (uint8_t)strnlen(string, sizeof(out->u.string));
	memcpy(out->u.string, string, out->size);
}

static void fill_ids(const struct input_config *config, struct virtio_input_config *out) {
	out->size = sizeof(out->u.ids);
	out->u.ids.bustype = htole16(BUS_VIRTUAL);
	out->u.ids.vendor = htole16(0x5245);
	out->u.ids.product = htole16((uint16_t)(config->kind + 1));
	out->u.ids.version = htole16(1);
}

void input_config_fill(const struct input_config *config, struct virtio_input_config *out) {
	memset(out, 0, sizeof(*out));
	out->select = config->select;
	out->subsel = config->subsel;
	switch (config->select) {
	case VIRTIO_INPUT_CFG_ID_NAME:
		if (config->subsel == 0) {
			fill_string(out, config->name);
		}
		break;
	case VIRTIO_INPUT_CFG_ID_SERIAL:
		if (config->subsel == 0) {
			fill_string(out, config->serial);
		}
		break;
	case VIRTIO_INPUT_CFG_ID_DEVIDS:
		if (config->subsel == 0) {
			fill_ids(config, out);
		}
		break;
	case VIRTIO_INPUT_CFG_PROP_BITS:
		if (config->subsel == 0 && config->kind != VIRTIO_INPUT_KEYBOARD) {
			set_bit(out, INPUT_PROP_POINTER);
		}
		break;
	case VIRTIO_INPUT_CFG_EV_BITS:
		fill_event_bits(config, out);
		break;
	case VIRTIO_INPUT_CFG_ABS_INFO:
		if (config->kind == VIRTIO_INPUT_TABLET &&
			(config->subsel == ABS_X || config->subsel == ABS_Y)) {
			out->size = sizeof(out->u.abs);
			out->u.abs.max = htole32(VIRTIO_INPUT_ABS_MAX);
		}
		break;
	}
}

void input_config_write(
	struct input_config *config, uint32_t offset, const uint8_t *bytes, uint32_t size) {
	for (uint32_t i = 0; i < size; i++) {
		if (offset + i == offsetof(struct virtio_input_config, select)) {
			config->select = bytes[i];
		} else if (offset + i == offsetof(struct virtio_input_config, subsel)) {
			config->subsel = bytes[i];
		}
	}
}
