#include "edid.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK_BYTES 128
#define NAME_CHARS 13
#define LEAST_CLOCK_HZ UINT64_C(10010000)

/** A video timing; vertical counts are lines, horizontal ones pixels. */
struct timing {
	uint32_t clock_10khz;
	uint32_t hactive, hblank, hfront, hsync;
	uint32_t vactive, vblank, vfront, vsync;
};

static uint32_t clamp_u32(uint32_t value, uint32_t low, uint32_t high) {
	return value < low ? low : value > high ? high : value;
}

/** CVT 1.2's vertical sync width tells the aspect ratio; 10 stands for any other. */
static uint32_t vsync_lines(uint32_t width, uint32_t height) {
	static const struct {
		uint32_t width, height, lines;
	} aspects[] = {{4, 3, 4}, {16, 9, 5}, {16, 10, 6}, {5, 4, 7}, {15, 9, 7}};
	for (size_t i = 0; i < sizeof(aspects) / sizeof(aspects[0]); i++) {
		if ((uint64_t)width * aspects[i].height == (uint64_t)height * aspects[i].width) {
			return aspects[i].lines;
		}
	}
	return 10;
}

/** CVT 1.2, section 5.4, "reduced blanking": at least 460 us of vertical blanking. */
static struct timing reduced_blanking(uint32_t width, uint32_t height, uint32_t refresh_mhz) {
	struct timing t = {
		.hactive = width,
		.hblank = 160,
		.hfront = 48,
		.hsync = 32,
		.vactive = height,
		.vfront = 3,
		.vsync = vsync_lines(width, height),
	};
	const uint64_t frame_ns = 1000000000000u / refresh_mhz;
	const uint64_t blank_ns = 460000;
	t.vblank = (uint32_t)(blank_ns * height / (frame_ns - blank_ns)) + 1;
	const uint32_t least = t.vfront + t.vsync + 6;
	if (t.vblank < least) {
		t.vblank = least;
	}
	// Below 10 MHz readers take a detailed timing for damage: tiny modes get a long blanking.
	const uint64_t line = (uint64_t)(t.hactive + t.hblank) * refresh_mhz;
	const uint32_t least_total = (uint32_t)((LEAST_CLOCK_HZ * 1000 + line - 1) / line);
	if (t.vactive + t.vblank < least_total) {
		t.vblank = least_total - t.vactive;
	}
	const uint64_t pixels = (uint64_t)(t.hactive + t.hblank) * (t.vactive + t.vblank);
	t.clock_10khz = (uint32_t)((pixels * refresh_mhz + 5000000) / 10000000);
	return t;
}

static bool fits_base_block(const struct timing *t) {
	return t->hactive <= 4095 && t->vactive <= 4095 && t->vblank <= 4095 &&
		t->clock_10khz <= 65535;
}

static void put_le16(uint8_t *out, uint32_t value) {
	out[0] = value & 0xff;
	out[1] = value >> 8 & 0xff;
}

/** E-EDID A2, section 3.10.2, "Detailed Timing Descriptor". */
static void put_detailed_timing(
	uint8_t out[static 18], const struct timing *t, uint32_t width_mm, uint32_t height_mm) {
	put_le16(&out[0], t->clock_10khz);
	out[2] = t->hactive & 0xff;
	out[3] = t->hblank & 0xff;
	out[4] = (t->hactive >> 8 & 0xf) << 4 | (t->hblank >> 8 & 0xf);
	out[5] = t->vactive & 0xff;
	out[6] = t->vblank & 0xff;
	out[7] = (t->vactive >> 8 & 0xf) << 4 | (t->vblank >> 8 & 0xf);
	out[8] = t->hfront & 0xff;
	out[9] = t->hsync & 0xff;
	out[10] = (t->vfront & 0xf) << 4 | (t->vsync & 0xf);
	out[11] = (t->hfront >> 8 & 3) << 6 | (t->hsync >> 8 & 3) << 4 | (t->vfront >> 4 & 3) << 2 |
		(t->vsync >> 4 & 3);
	out[12] = width_mm & 0xff;
	out[13] = height_mm & 0xff;
	out[14] = (width_mm >> 8) << 4 | height_mm >> 8;
	out[17] = 0x1a; // digital separate sync, horizontal positive, vertical negative
}

/** E-EDID A2, section 3.10.3, "Display Descriptor": a string, ended by LF, then spaces. */
static void put_text(uint8_t out[static 18], uint8_t tag, const char *text) {
	memset(out, 0, 5);
	out[3] = tag;
	memset(&out[5], ' ', NAME_CHARS);
	size_t n = 0;
	for (const char *c = text; *c != '\0' && n < NAME_CHARS; c++) {
		if (*c >= ' ' && *c <= '~') {
			out[5 + n++] = (uint8_t)*c;
		}
	}
	// A name of spaces only, or one that ends in a space, is not allowed.
	while (n > 0 && out[5 + n - 1] == ' ') {
		n--;
	}
	if (n == 0) {
		memcpy(&out[5], "Red Echo", 8);
		n = 8;
	}
	if (n < NAME_CHARS) {
		out[5 + n] = '\n';
	}
}

static void put_checksum(uint8_t *bytes, size_t length) {
	uint8_t sum = 0;
	for (size_t i = 0; i < length - 1; i++) {
		sum += bytes[i];
	}
	bytes[length - 1] = (uint8_t)-sum;
}

static void put_base_block(uint8_t out[static BLOCK_BYTES], const struct edid_display *display,
	const struct timing *preferred, bool extension) {
	static const uint8_t head[] = {0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00};
	static const uint8_t srgb[] = {0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54};
	memcpy(out, head, sizeof(head));
	const uint32_t vendor = ('R' - '@') << 10 | ('E' - '@') << 5 | ('D' - '@');
	out[8] = vendor >> 8;
	out[9] = vendor & 0xff;
	put_le16(&out[10], 1); // product code
	put_le16(&out[12], display->serial & 0xffff);
	put_le16(&out[14], display->serial >> 16);
	out[17] = 2026 - 1990; // year of manufacture, the week unspecified
	out[18] = 1;
	out[19] = 4;
	out[20] = 0xa0; // digital, 8 bits a colour, interface undefined
	// Centimetres in a byte: a size that has no such form is left out everywhere.
	const bool sized = display->width_mm >= 10 && display->height_mm >= 10 &&
		display->width_mm < 2550 && display->height_mm < 2550;
	const uint32_t width_mm = sized ? display->width_mm : 0;
	const uint32_t height_mm = sized ? display->height_mm : 0;
	out[21] = (width_mm + 5) / 10;
	out[22] = (height_mm + 5) / 10;
	out[23] = 120; // gamma 2.2
	out[24] = 0x06; // sRGB; the preferred timing is the native one
	memcpy(&out[25], srgb, sizeof(srgb));
	memset(&out[38], 0x01, 16); // no standard timings
	put_detailed_timing(&out[54], preferred, width_mm, height_mm);
	put_text(&out[72], 0xfc, display->name);
	out[90 + 3] = 0x10; // dummy descriptors
	out[108 + 3] = 0x10;
	out[126] = extension;
	put_checksum(out, BLOCK_BYTES);
}

/** DisplayID 1.3, section 4.4.1, "Video Timing Modes Type I - Detailed Timings". */
static void put_displayid_timing(uint8_t out[static 20], const struct timing *t) {
	const uint32_t clock = t->clock_10khz - 1;
	put_le16(&out[0], clock & 0xffff);
	out[2] = clock >> 16 & 0xff;
	out[3] = 0x80 | 0x08; // preferred, aspect ratio undefined
	put_le16(&out[4], t->hactive - 1);
	put_le16(&out[6], t->hblank - 1);
	put_le16(&out[8], (t->hfront - 1) | 0x8000); // positive sync
	put_le16(&out[10], t->hsync - 1);
	put_le16(&out[12], t->vactive - 1);
	put_le16(&out[14], t->vblank - 1);
	put_le16(&out[16], t->vfront - 1);
	put_le16(&out[18], t->vsync - 1);
}

/** DisplayID 1.3, section 4.1, "Product Identification"; returns the block's length. */
static size_t put_displayid_product(uint8_t *out, uint32_t serial) {
	out[0] = 0x00;
	out[1] = 0;
	out[2] = 12;
	memcpy(&out[3], "RED", 3);
	put_le16(&out[6], 1); // product code, as in the base block
	put_le16(&out[8], serial & 0xffff);
	put_le16(&out[10], serial >> 16);
	out[12] = 0; // week unspecified
	out[13] = 2026 - 2000;
	out[14] = 0; // no string
	return 3 + 12;
}

/** DisplayID 1.3, section 4.2, "Display Parameters"; returns the block's length. */
static size_t put_displayid_parameters(uint8_t *out, const struct edid_display *display) {
	out[0] = 0x01;
	out[1] = 0;
	out[2] = 12;
	put_le16(&out[3], clamp_u32(display->width_mm, 0, 6553) * 10); // in 0.1 mm
	put_le16(&out[5], clamp_u32(display->height_mm, 0, 6553) * 10);
	put_le16(&out[7], display->width);
	put_le16(&out[9], display->height);
	out[11] = 0;
	out[12] = 120; // gamma 2.2
	const uint64_t ratio = (uint64_t)display->width * 100 / display->height;
	out[13] = ratio < 100 ? 0 : ratio > 355 ? 255 : (uint8_t)(ratio - 100);
	out[14] = 0x77; // 8 bits a colour
	return 3 + 12;
}

/** DisplayID 1.3, section 4.11, "Display Interface Features"; returns the block's length. */
static size_t put_displayid_interface(uint8_t *out) {
	out[0] = 0x0f;
	out[1] = 0;
	out[2] = 10;
	out[3] = 0xb1; // proprietary digital, one link
	out[4] = 0x10; // version 1.0
	out[5] = 0x02; // RGB with 8 bits a colour
	return 3 + 10;
}

/** DisplayID 1.3, section 2.1, "DisplayID structure", within an EDID extension block. */
static void put_displayid_block(uint8_t out[static BLOCK_BYTES], const struct edid_display *display,
	const struct timing *preferred) {
	uint8_t *section = &out[1];
	size_t n = 4;
	n += put_displayid_product(&section[n], display->serial);
	n += put_displayid_parameters(&section[n], display);
	section[n] = 0x03;
	section[n + 1] = 0;
	section[n + 2] = 20;
	put_displayid_timing(&section[n + 3], preferred);
	n += 3 + 20;
	n += put_displayid_interface(&section[n]);
	out[0] = 0x70;
	section[0] = 0x13; // DisplayID 1.3
	section[1] = (uint8_t)(n - 4);
	section[2] = 3; // a stand-alone display
	section[3] = 0; // no further sections
	put_checksum(section, n + 1);
	put_checksum(out, BLOCK_BYTES);
}

size_t edid_write(const struct edid_display *display, uint8_t out[static EDID_MAX_BYTES]) {
	struct edid_display d = *display;
	d.width = clamp_u32(d.width, 1, 65535);
	d.height = clamp_u32(d.height, 1, 65535);
	d.refresh_mhz = clamp_u32(d.refresh_mhz == 0 ? 60000 : d.refresh_mhz, 20000, 1000000);
	const struct timing native = reduced_blanking(d.width, d.height, d.refresh_mhz);
	memset(out, 0, EDID_MAX_BYTES);
	if (fits_base_block(&native)) {
		put_base_block(out, &d, &native, false);
		return BLOCK_BYTES;
	}
	const struct timing fallback = reduced_blanking(1920, 1080, 60000);
	put_base_block(out, &d, &fallback, true);
	put_displayid_block(&out[BLOCK_BYTES], &d, &native);
	return 2 * BLOCK_BYTES;
}
