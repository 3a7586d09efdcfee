#include "output_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_values.h"

static const char *const transforms[] = {
	"normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

const char *output_transform_name(uint32_t transform) {
	return transforms[transform % LEN(transforms)];
}

void output_settings_merge(struct output_settings *settings, const struct output_settings *over) {
	if ((over->set & OUTPUT_SETTING_ENABLED) != 0) {
		settings->enabled = over->enabled;
	}
	if ((over->set & OUTPUT_SETTING_POWER) != 0) {
		settings->powered = over->powered;
	}
	if ((over->set & OUTPUT_SETTING_MODE) != 0) {
		settings->width = over->width;
		settings->height = over->height;
		settings->refresh_mhz = over->refresh_mhz;
		settings->custom = over->custom;
	}
	if ((over->set & OUTPUT_SETTING_SCALE) != 0) {
		settings->scale120 = over->scale120;
	}
	if ((over->set & OUTPUT_SETTING_POSITION) != 0) {
		settings->positioned = over->positioned;
		settings->x = over->x;
		settings->y = over->y;
	}
	if ((over->set & OUTPUT_SETTING_TRANSFORM) != 0) {
		settings->transform = over->transform;
	}
	if ((over->set & OUTPUT_SETTING_ADAPTIVE_SYNC) != 0) {
		settings->adaptive_sync = over->adaptive_sync;
	}
	if ((over->set & OUTPUT_SETTING_TEARING) != 0) {
		settings->tearing = over->tearing;
	}
	if ((over->set & OUTPUT_SETTING_MAX_RENDER) != 0) {
		settings->max_render_ms = over->max_render_ms;
	}
	settings->set |= over->set;
}

uint32_t output_settings_difference(
	const struct output_settings *a, const struct output_settings *b) {
	uint32_t differ = 0;
	differ |= a->enabled != b->enabled ? OUTPUT_SETTING_ENABLED : 0;
	differ |= a->powered != b->powered ? OUTPUT_SETTING_POWER : 0;
	differ |= a->width != b->width || a->height != b->height ||
			a->refresh_mhz != b->refresh_mhz || a->custom != b->custom
		? OUTPUT_SETTING_MODE
		: 0;
	differ |= a->scale120 != b->scale120 ? OUTPUT_SETTING_SCALE : 0;
	differ |= a->positioned != b->positioned ||
			(a->positioned && (a->x != b->x || a->y != b->y))
		? OUTPUT_SETTING_POSITION
		: 0;
	differ |= a->transform != b->transform ? OUTPUT_SETTING_TRANSFORM : 0;
	differ |= a->adaptive_sync != b->adaptive_sync ? OUTPUT_SETTING_ADAPTIVE_SYNC : 0;
	differ |= a->tearing != b->tearing ? OUTPUT_SETTING_TEARING : 0;
	differ |= a->max_render_ms != b->max_render_ms ? OUTPUT_SETTING_MAX_RENDER : 0;
	return (differ & a->set & b->set) | (a->set ^ b->set);
}

// --- words --------------------------------------------------------------------------------

struct reader {
	struct output_settings *settings;
	size_t len;
	char *const *words;
	size_t wrong;
	char *why;
	size_t size;
};

static size_t fail(struct reader *reader, size_t word, const char *expected) {
	reader->wrong = word;
	snprintf(reader->why, reader->size, "\"%.64s\" is %s", reader->words[word], expected);
	return 0;
}

static bool read_whole(const char *word, int least, int most, int *number) {
	char *end;
	long value = strtol(word, &end, 10);
	if (end == word || *end != '\0' || value < least || value > most) {
		return false;
	}
	*number = (int)value;
	return true;
}

static bool read_switch(const char *word, bool *value) {
	*value = strcmp(word, "on") == 0 || strcmp(word, "yes") == 0;
	return *value || strcmp(word, "off") == 0 || strcmp(word, "no") == 0;
}

static size_t read_enable(struct reader *reader) {
	reader->settings->enabled = true;
	return 1;
}

static size_t read_disable(struct reader *reader) {
	reader->settings->enabled = false;
	return 1;
}

static size_t read_power(struct reader *reader) {
	return read_switch(reader->words[1], &reader->settings->powered)
		? 2
		: fail(reader, 1, "neither on nor off");
}

// WIDTHxHEIGHT, and @HZ, which may end in Hz.
static bool read_size(const char *word, struct output_settings *settings) {
	const char *at = strchr(word, '@');
	char size[32], rate[16] = "";
	double hz = 0;
	int used = 0;
	size_t size_len = at != NULL ? (size_t)(at - word) : strlen(word);
	if (size_len >= sizeof(size)) {
		return false;
	}
	memcpy(size, word, size_len);
	size[size_len] = '\0';
	if (at != NULL) {
		size_t rate_len = strlen(at + 1);
		if (rate_len > 2 && strcmp(at + 1 + rate_len - 2, "Hz") == 0) {
			rate_len -= 2;
		}
		if (rate_len >= sizeof(rate)) {
			return false;
		}
		memcpy(rate, at + 1, rate_len);
		if (!config_parse_decimal(rate, &hz) || hz < 0 ||
			hz * 1000 > OUTPUT_REFRESH_MAX_MHZ) {
			return false;
		}
	}
	int width, height;
	if (strspn(size, "0123456789x") != size_len ||
		sscanf(size, "%5dx%5d%n", &width, &height, &used) != 2 || size[used] != '\0' ||
		width < 1 || height < 1 || width > OUTPUT_MODE_MAX || height > OUTPUT_MODE_MAX) {
		return false;
	}
	settings->width = width;
	settings->height = height;
	settings->refresh_mhz = (int)(hz * 1000 + 0.5);
	return true;
}

static size_t read_mode(struct reader *reader) {
	struct output_settings *settings = reader->settings;
	settings->custom = false;
	if (strcmp(reader->words[1], "preferred") == 0) {
		settings->width = settings->height = settings->refresh_mhz = 0;
		return 2;
	}
	if (!read_size(reader->words[1], settings)) {
		return fail(reader, 1, "no mode as 1920x1080 or 1920x1080@60");
	}
	settings->custom = reader->len > 2 && strcmp(reader->words[2], "custom") == 0;
	return settings->custom ? 3 : 2;
}

static size_t read_scale(struct reader *reader) {
	double scale;
	if (strcmp(reader->words[1], "auto") == 0) {
		reader->settings->scale120 = 0;
		return 2;
	}
	if (!config_parse_decimal(reader->words[1], &scale) || scale * 120 < OUTPUT_SCALE120_MIN ||
		scale * 120 > OUTPUT_SCALE120_MAX) {
		return fail(reader, 1, "no scale from 0.5 to 8");
	}
	reader->settings->scale120 = (uint32_t)(scale * 120 + 0.5);
	return 2;
}

static size_t read_position(struct reader *reader) {
	struct output_settings *settings = reader->settings;
	if (strcmp(reader->words[1], "auto") == 0) {
		settings->positioned = false;
		return 2;
	}
	for (size_t i = 1; i <= 2; i++) {
		if (i >= reader->len) {
			return fail(reader, 1, "a position without its Y");
		}
		if (!read_whole(reader->words[i], -OUTPUT_POSITION_MAX, OUTPUT_POSITION_MAX,
			    i == 1 ? &settings->x : &settings->y)) {
			return fail(reader, i, "no whole number from -65536 to 65536");
		}
	}
	settings->positioned = true;
	return 3;
}

static size_t read_transform(struct reader *reader) {
	for (uint32_t i = 0; i < LEN(transforms); i++) {
		if (strcmp(reader->words[1], transforms[i]) == 0) {
			reader->settings->transform = i;
			return 2;
		}
	}
	return fail(reader, 1,
		"none of normal, 90, 180, 270, flipped, flipped-90, flipped-180, flipped-270");
}

static size_t read_adaptive_sync(struct reader *reader) {
	return read_switch(reader->words[1], &reader->settings->adaptive_sync)
		? 2
		: fail(reader, 1, "neither on nor off");
}

static size_t read_tearing(struct reader *reader) {
	return read_switch(reader->words[1], &reader->settings->tearing)
		? 2
		: fail(reader, 1, "neither on nor off");
}

static size_t read_max_render(struct reader *reader) {
	int *max_render_ms = &reader->settings->max_render_ms;
	const char *word = reader->words[1];
	if (strcmp(word, "auto") == 0) {
		*max_render_ms = 0;
	} else if (strcmp(word, "off") == 0) {
		*max_render_ms = OUTPUT_MAX_RENDER_OFF;
	} else if (!read_whole(word, 1, OUTPUT_MAX_RENDER_MAX_MS, max_render_ms)) {
		return fail(reader, 1, "neither auto nor off nor milliseconds from 1 to 1000");
	}
	return 2;
}

static const struct {
	const char *name;
	bool alone; // without a value
	uint32_t setting;
	size_t (*read)(struct reader *reader);
} kinds[] = {
	{"adaptive-sync", false, OUTPUT_SETTING_ADAPTIVE_SYNC, read_adaptive_sync},
	{"disable", true, OUTPUT_SETTING_ENABLED, read_disable},
	{"enable", true, OUTPUT_SETTING_ENABLED, read_enable},
	{"max-render-time", false, OUTPUT_SETTING_MAX_RENDER, read_max_render},
	{"mode", false, OUTPUT_SETTING_MODE, read_mode},
	{"position", false, OUTPUT_SETTING_POSITION, read_position},
	{"power", false, OUTPUT_SETTING_POWER, read_power},
	{"scale", false, OUTPUT_SETTING_SCALE, read_scale},
	{"tearing", false, OUTPUT_SETTING_TEARING, read_tearing},
	{"transform", false, OUTPUT_SETTING_TRANSFORM, read_transform},
};

size_t output_settings_read(struct output_settings *settings, size_t len, char *const *words,
	size_t *wrong, char *why, size_t size) {
	struct output_settings changed = *settings;
	struct reader reader = {&changed, len, words, 0, why, size};
	size_t taken = 0, i = 0;
	while (i < LEN(kinds) && strcmp(kinds[i].name, words[0]) != 0) {
		i++;
	}
	if (i == LEN(kinds)) {
		fail(&reader, 0, "nothing that a screen has");
	} else if (!kinds[i].alone && len < 2) {
		fail(&reader, 0, "a setting without its value");
	} else {
		taken = kinds[i].read(&reader);
	}
	if (taken == 0) {
		*wrong = reader.wrong;
		return 0;
	}
	changed.set |= kinds[i].setting;
	*settings = changed;
	return taken;
}
