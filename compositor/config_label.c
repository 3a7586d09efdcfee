// Labels and their colours: by these the user knows which machine is which, and a machine from a
// program of the host.

#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "config_rows.h"

// Colours nearer than this are taken for one another at the width of a border.
#define NEAR 70

// Squared, of two values of a channel, for what the eye makes of it.
static int64_t channel(int64_t a, int64_t b, int64_t weight) {
	return (a - b) * (a - b) * weight;
}

// The "redmean" of colours: the eye's weights change with how red they are.
static int64_t distance_squared(uint32_t a, uint32_t b) {
	int64_t red_a = a >> 16 & 0xff, red_b = b >> 16 & 0xff;
	int64_t mean = (red_a + red_b) / 2;
	return (channel(red_a, red_b, 512 + mean) + channel(a >> 8 & 0xff, b >> 8 & 0xff, 1024) +
		       channel(a & 0xff, b & 0xff, 512 + 255 - mean)) /
		256;
}

uint32_t config_dim_colour(const struct config *config, uint32_t colour) {
	uint32_t percent = (uint32_t)config->border.dim_percent;
	uint32_t red = (colour >> 16 & 0xff) * percent / 100;
	uint32_t green = (colour >> 8 & 0xff) * percent / 100;
	uint32_t blue = (colour & 0xff) * percent / 100;
	return red << 16 | green << 8 | blue;
}

static int64_t least(int64_t a, int64_t b) {
	return a < b ? a : b;
}

// From the host's colour, with the focus or without.
static int64_t from_host(const struct config *config, uint32_t colour) {
	uint32_t host = config->border.host;
	int64_t distance = distance_squared(colour, host);
	distance = least(distance, distance_squared(config_dim_colour(config, colour), host));
	return least(distance, distance_squared(colour, config_dim_colour(config, host)));
}

bool config_colour_is_hosts(const struct config *config, uint32_t colour) {
	return from_host(config, colour) < (int64_t)NEAR * NEAR;
}

// One of a palette, by its name; the next one while that is too near the host's.
static uint32_t make_colour(const struct config *config, const char *label) {
	// Well apart from each other, and all fit for light text.
	static const uint32_t palette[] = {
		0x2f6f9f, 0x3f7f4f, 0x8f5f2f, 0x7f4f8f, 0x2f7f7f, 0x9f4f5f, 0x6f6f2f, 0x4f5faf};
	const size_t len = sizeof(palette) / sizeof(palette[0]);
	uint32_t hash = 2166136261u;
	for (const char *c = label; *c != '\0'; c++) {
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	}
	uint32_t farthest = palette[hash % len];
	for (size_t i = 0; i < len; i++) {
		uint32_t colour = palette[(hash + i) % len];
		if (!config_colour_is_hosts(config, colour)) {
			return colour;
		}
		if (from_host(config, colour) > from_host(config, farthest)) {
			farthest = colour;
		}
	}
	return farthest;
}

uint32_t config_label_colour(const struct config *config, const char *label) {
	for (size_t i = 0; i < config->labels_len; i++) {
		if (strcmp(config->labels[i].name, label) == 0) {
			return config->labels[i].colour;
		}
	}
	return make_colour(config, label);
}

bool config_label_is_hosts(const char *label) {
	const size_t len = strlen(CONFIG_HOST_LABEL);
	label += strspn(label, " ");
	return strncasecmp(label, CONFIG_HOST_LABEL, len) == 0 &&
		label[len + strspn(label + len, " ")] == '\0';
}

static struct config_label *find_or_add(struct config *config, const char *name) {
	for (size_t i = 0; i < config->labels_len; i++) {
		if (strcmp(config->labels[i].name, name) == 0) {
			return &config->labels[i];
		}
	}
	config->labels = alloc_array(
		config->labels, config->labels_len + 1, sizeof(config->labels[0]));
	struct config_label *label = &config->labels[config->labels_len++];
	*label = (struct config_label){.name = alloc_string(name)};
	return label;
}

static void apply_label(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *name = directive->params[0];
	if (name[0] == '\0' || config_label_is_hosts(name)) {
		config_error_at(parser, directive, 1, "%s",
			name[0] == '\0' ? "the label has no name"
					: "host is no machine's label: it says that a program runs "
					  "on the host; its colour is that of host in border");
		return;
	}
	struct config_label *label = find_or_add(parser->config, name);
	config_parse_colour(parser, directive, 2, &label->colour);
	config_mark_place(parser, directive, 2, &label->place);
}

const struct config_row config_label_rows[] = {
	{"label", 2, 2, CONFIG_BLOCK_NONE, apply_label},
	{0},
};

void config_check_looks(struct config_parser *parser) {
	struct config *config = parser->config;
	const struct config_border *border = &config->border;
	if (border->place.file != NULL && !border->titles && border->width == 0) {
		config_error_in(parser, &border->place,
			"with neither titles nor a border nobody sees whose a window is");
	}
	for (size_t i = 0; i < config->labels_len; i++) {
		const struct config_label *label = &config->labels[i];
		if (!config_colour_is_hosts(config, label->colour)) {
			continue;
		}
		// A label of the default that is in the way of the user's host colour is not theirs.
		bool theirs = label->place.file != NULL;
		config_error_in(parser, theirs ? &label->place : &border->place,
			"the colour #%06x of label %s is too near to that of host windows, #%06x: "
			"choose another for one of them",
			label->colour, label->name, border->host);
	}
}
