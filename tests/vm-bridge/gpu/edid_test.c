// The EDID, read back by us and by edid-decode.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edid.h"
#include "fake_cmocka.h"

struct expected {
	struct edid_display display;
	size_t bytes;
	const char *mode; // as edid-decode prints it
};

static const struct expected rows[] = {
	{{1280, 720, 60000, 300, 170, "Clock", 1}, 128, " 1280x720 "},
	{{639, 401, 59940, 0, 0, "odd", 2}, 128, " 639x401 "},
	{{1, 1, 0, 1, 1, "", 3}, 128, " 1x1 "},
	{{1920, 1080, 144000, 530, 300, "a name that is too long", 4}, 128, " 1920x1080 "},
	{{4095, 4095, 30000, 5000, 5000, "\n\x01 ", 5}, 128, " 4095x4095 "},
	{{5120, 2880, 60000, 600, 340, "large", 6}, 256, " 5120x2880 "},
	{{3840, 2160, 144000, 600, 340, "fast", 7}, 256, " 3840x2160 "},
	{{16384, 16384, 60000, 4000, 4000, "huge", 8}, 256, "16384x16384 "},
	{{20, 3000, 20000, 3, 3000, "tall", 9}, 128, " 20x3000 "},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void test_checksums(void **state) {
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t edid[EDID_MAX_BYTES];
		memset(edid, 0xff, sizeof(edid));
		assert_int_equal(edid_write(&rows[i].display, edid), rows[i].bytes);
		for (size_t block = 0; block < rows[i].bytes; block += 128) {
			uint8_t sum = 0;
			for (size_t j = 0; j < 128; j++) {
				sum += edid[block + j];
			}
			assert_int_equal(sum, 0);
		}
		for (size_t j = rows[i].bytes; j < sizeof(edid); j++) {
			assert_int_equal(edid[j], 0);
		}
	}
}

static void test_first_timing(void **state) {
	uint8_t edid[EDID_MAX_BYTES];
	edid_write(&rows[0].display, edid);
	const uint8_t *t = &edid[54];
	const unsigned clock_10khz = t[0] | t[1] << 8;
	const unsigned width = t[2] | (t[4] & 0xf0u) << 4, hblank = t[3] | (t[4] & 0xfu) << 8;
	const unsigned height = t[5] | (t[7] & 0xf0u) << 4, vblank = t[6] | (t[7] & 0xfu) << 8;
	assert_int_equal(width, 1280);
	assert_int_equal(height, 720);
	const double refresh = clock_10khz * 10000.0 / ((width + hblank) * (height + vblank));
	assert_true(refresh > 59.99 && refresh < 60.01);
	assert_int_equal(t[12] | (t[14] & 0xf0) << 4, 300);
	assert_int_equal(t[13] | (t[14] & 0x0f) << 8, 170);
	assert_memory_equal(&edid[72 + 5], "Clock\n", 6);
	assert_int_equal(
		edid[8] << 8 | edid[9], ('R' - '@') << 10 | ('E' - '@') << 5 | ('D' - '@'));
}

/** What edid-decode --check says of an EDID. */
static void decode(const uint8_t *edid, size_t bytes, char *out, size_t out_bytes) {
	char path[] = "/tmp/re-edid.XXXXXX";
	char command[128];
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, edid, bytes), bytes);
	close(fd);
	snprintf(command, sizeof(command), "edid-decode --check %s 2>&1; edid-decode %s", path,
		path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	const size_t size = fread(out, 1, out_bytes - 1, pipe);
	out[size] = '\0';
	pclose(pipe);
	unlink(path);
}

/** The refresh and the size that edid-decode reads are those of the display. */
static void assert_said(const struct expected *row, const char *said) {
	const struct edid_display *display = &row->display;
	const char *mode = strstr(said, row->mode);
	double refresh_hz = 0;
	assert_int_equal(sscanf(mode + strlen(row->mode), "%lf Hz", &refresh_hz), 1);
	const double wanted_hz = (display->refresh_mhz > 0 ? display->refresh_mhz : 60000) / 1000.0;
	if (fabs(refresh_hz - wanted_hz) > wanted_hz / 1000) {
		fail_msg("%s: %f Hz, not %f", row->mode, refresh_hz, wanted_hz);
	}
	char size[64];
	snprintf(size, sizeof(size),
		row->bytes > 128 ? "Image size: %u.0 mm x %u.0 mm" : "(%u mm x %u mm)",
		display->width_mm, display->height_mm);
	const bool has_size = display->width_mm > 3 && display->width_mm < 4096; // 12 bits
	if (has_size && strstr(said, size) == NULL) {
		fail_msg("%s: no \"%s\" in: %s", row->mode, size, said);
	}
}

static void test_edid_decode(void **state) {
	if (system("command -v edid-decode >/dev/null 2>&1") != 0) {
		print_message("edid-decode is not installed\n");
		skip();
	}
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t edid[EDID_MAX_BYTES];
		static char said[65536];
		const size_t bytes = edid_write(&rows[i].display, edid);
		decode(edid, bytes, said, sizeof(said));
		if (strstr(said, "EDID conformity: PASS") == NULL ||
			strstr(said, rows[i].mode) == NULL) {
			fail_msg("row %zu: %s", i, said);
		}
		assert_said(&rows[i], said);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_first_timing),
		cmocka_unit_test(test_edid_decode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
