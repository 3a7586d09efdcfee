#ifndef OUTPUT_SETTINGS_H
#define OUTPUT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What can be set of a screen, by the configuration, by a command or by a client; and the words
 * for it, which are the same in the first two.
 */

/** Bits for the members of struct output_settings. */
enum output_setting {
	OUTPUT_SETTING_ENABLED = 1 << 0,
	OUTPUT_SETTING_POWER = 1 << 1,
	OUTPUT_SETTING_MODE = 1 << 2,
	OUTPUT_SETTING_SCALE = 1 << 3,
	OUTPUT_SETTING_POSITION = 1 << 4,
	OUTPUT_SETTING_TRANSFORM = 1 << 5,
	OUTPUT_SETTING_ADAPTIVE_SYNC = 1 << 6,
	OUTPUT_SETTING_TEARING = 1 << 7,
	OUTPUT_SETTING_MAX_RENDER = 1 << 8,
};

/** Limits of what is accepted. */
#define OUTPUT_MODE_MAX 16384 // pixels, either way
#define OUTPUT_REFRESH_MAX_MHZ 1000000
#define OUTPUT_SCALE120_MIN 60
#define OUTPUT_SCALE120_MAX 960
#define OUTPUT_POSITION_MAX 65536 // logical pixels, also below 0
#define OUTPUT_MAX_RENDER_MAX_MS 1000

/** A picture is drawn at once; see output_settings.max_render_ms. */
#define OUTPUT_MAX_RENDER_OFF (-1)

/** Only the members whose bit is in `set` count. */
struct output_settings {
	uint32_t set; // enum output_setting
	bool enabled; // it has a place in the desk
	bool powered; // it is lit; without power it keeps its place and its windows
	int width, height; // of the mode, before the transform; 0: the preferred one
	int refresh_mhz; // 0: the highest there is
	bool custom; // also if the screen does not list such a mode
	uint32_t scale120; // scale times 120; 0: by the density of its pixels
	bool positioned; // at x and y; false: the desk chooses
	int x, y; // in layout coordinates
	uint32_t transform; // enum wl_output_transform
	bool adaptive_sync;
	bool tearing; // a full-screen window that asks for it may tear
	int max_render_ms; // time left for drawing before a refresh; 0: as it is measured
};

/** The members that are set in `over` replace those of settings. */
void output_settings_merge(struct output_settings *settings, const struct output_settings *over);

/** The bits of members that one has and the other has not, or that differ. */
uint32_t output_settings_difference(
	const struct output_settings *a, const struct output_settings *b);

/**
 * Reads one setting, its name in words[0], and what belongs to it.
 *
 * Returns how many words it took. 0: something is wrong, with the number of the word in *wrong
 * and a line that says why; settings is as it was.
 */
size_t output_settings_read(struct output_settings *settings, size_t len, char *const *words,
	size_t *wrong, char *why, size_t size);

/** The name of an enum wl_output_transform, as in the words. */
const char *output_transform_name(uint32_t transform);

#endif
