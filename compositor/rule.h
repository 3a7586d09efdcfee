#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * PURE: what the configuration says of windows that come up: which ones are meant, and how they
 * are placed.
 *
 * A machine's program, label, name and title are those that redecho-vmd told: what its guest or
 * its bridge says of itself matches nothing. A program on the public socket has a title and an
 * app_id, of its own choice, and neither a program nor a label nor a machine.
 */

enum rule_subject {
	RULE_PROGRAM,
	RULE_LABEL,
	RULE_MACHINE, // its name
	RULE_TITLE,
	RULE_APP_ID,
	RULE_KIND, // "machine" or "host"
};

/** What is known of a window; NULL where it has none. */
struct rule_window {
	const char *program, *label, *machine, *title, *app_id;
};

/** Titles and app_ids are compared up to here, in bytes. */
#define RULE_TEXT_MAX 512

enum rule_switch {
	RULE_UNSET,
	RULE_NO,
	RULE_YES,
};

/** Logical pixels, or percent of what bars leave of the output. */
struct rule_length {
	int value;
	bool percent;
};

enum rule_position {
	RULE_POSITION_UNSET,
	RULE_POSITION_CENTER,
	RULE_POSITION_POINTER,
	RULE_POSITION_AT, // x and y
};

/** What rules say of a window. Strings are NULL where they say nothing. */
struct rule_place {
	enum rule_switch floating, sticky, fullscreen, focus;
	char *workspace; // its name
	char *output; // its name
	char *scratchpad;
	bool sized;
	struct rule_length width, height;
	enum rule_position position;
	struct rule_length x, y;
	bool bordered;
	int border; // enum tile_border
	unsigned matched; // which rules matched: a sum over them, to see whether others do later
};

struct rule_match {
	enum rule_subject subject;
	char *pattern; // see pattern.h
};

struct rule {
	struct rule_match *matches; // all must match
	size_t matches_len; // at least 1
	struct rule_place place;
};

struct rule_list {
	struct rule *rules;
	size_t len;
};

/** The subject that a word names, as in `match`; false if there is none. */
bool rule_subject_read(const char *word, enum rule_subject *subject);

/** 40, 40px, 25%, 25ppt; false for anything else. */
bool rule_length_read(const char *word, struct rule_length *length);

/** In pixels, with what the whole is. */
int rule_length_pixels(const struct rule_length *length, int whole);

/** What all rules that match say together, the later over the earlier. The strings are theirs. */
struct rule_place rule_list_find(
	const struct rule_list *list, const struct rule_window *untrusted_window);

/** Takes a rule into the list. */
void rule_list_add(struct rule_list *list, const struct rule *rule);

void rule_finish(struct rule *rule);
void rule_list_finish(struct rule_list *list);

#endif
