#include "config_syntax.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct cursor {
	const char *text; // of the line
	size_t len;
	size_t at;
	const char *error; // NULL: none
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

static char peek(const struct cursor *cursor) {
	return cursor->at < cursor->len ? cursor->text[cursor->at] : '\n';
}

static bool at_end(const struct cursor *cursor) {
	return cursor->at >= cursor->len;
}

static void skip_blanks(struct cursor *cursor) {
	while (!at_end(cursor) && is_blank(peek(cursor))) {
		cursor->at++;
	}
}

static bool fail(struct cursor *cursor, size_t at, const char *error) {
	cursor->at = at;
	cursor->error = error;
	return false;
}

static bool skip_quoted(struct cursor *cursor) {
	size_t start = cursor->at;
	char quote = cursor->text[cursor->at++];
	while (!at_end(cursor) && peek(cursor) != quote) {
		cursor->at += quote == '"' && peek(cursor) == '\\' ? 2 : 1;
	}
	if (at_end(cursor)) {
		return fail(cursor, start, "a quote that is not closed on its line");
	}
	cursor->at++;
	return true;
}

static bool skip_bare(struct cursor *cursor) {
	while (!at_end(cursor) && !is_blank(peek(cursor))) {
		switch (peek(cursor)) {
		case '\\':
			if (cursor->at + 1 >= cursor->len) {
				return fail(cursor, cursor->at, "a \\ at the end of the line");
			}
			cursor->at++;
			break;
		case '"':
		case '\'':
			return fail(cursor, cursor->at,
				"a quote inside a word: put the quotes around all of it");
		case '{':
			return fail(cursor, cursor->at, "a blank is missing before {");
		case '}':
			return fail(cursor, cursor->at, "} inside a word: write \\} or quote it");
		default:
			break;
		}
		cursor->at++;
	}
	return true;
}

// Goes behind a word. A lone # is what a comment after a directive looks like.
static bool skip_word(struct cursor *cursor) {
	char first = peek(cursor);
	if (first == '"' || first == '\'') {
		if (!skip_quoted(cursor)) {
			return false;
		}
		if (!at_end(cursor) && !is_blank(peek(cursor))) {
			return fail(cursor, cursor->at, "a blank is missing after the quote");
		}
		return true;
	}
	size_t start = cursor->at;
	if (!skip_bare(cursor)) {
		return false;
	}
	if (first == '#' && cursor->at == start + 1) {
		return fail(cursor, start, "comments stand on lines of their own");
	}
	return true;
}

static bool check_rest_after_close(struct cursor *cursor) {
	skip_blanks(cursor);
	if (!at_end(cursor) && peek(cursor) != '#') {
		return fail(cursor, cursor->at, "only a comment may follow } on its line");
	}
	return true;
}

static bool check_open(struct cursor *cursor, int *depth) {
	if (*depth == CONFIG_SYNTAX_DEPTH) {
		return fail(cursor, cursor->at, "too many blocks in each other");
	}
	cursor->at++;
	skip_blanks(cursor);
	if (at_end(cursor)) {
		(*depth)++;
		return true;
	}
	if (peek(cursor) != '}') {
		return fail(cursor, cursor->at, "a new line is missing after {");
	}
	cursor->at++;
	return check_rest_after_close(cursor);
}

static bool check_line(struct cursor *cursor, int *depth) {
	skip_blanks(cursor);
	if (at_end(cursor) || peek(cursor) == '#') {
		return true;
	}
	if (peek(cursor) == '}') {
		if (*depth == 0) {
			return fail(cursor, cursor->at, "} closes nothing");
		}
		(*depth)--;
		cursor->at++;
		return check_rest_after_close(cursor);
	}
	if (peek(cursor) == '{') {
		return fail(cursor, cursor->at, "a name is missing before {");
	}
	while (!at_end(cursor)) {
		if (peek(cursor) == '{') {
			return check_open(cursor, depth);
		}
		if (peek(cursor) == '}') {
			return fail(cursor, cursor->at, "a new line is missing before }");
		}
		if (!skip_word(cursor)) {
			return false;
		}
		skip_blanks(cursor);
	}
	return true;
}

// The bytes of a UTF-8 character that may stand in a text, 0 if it is none.
static size_t character_len(const char *text, size_t len) {
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char first = bytes[0];
	if (first < 0x80) {
		return first >= 0x20 && first != 0x7f ? 1 : first == '\t';
	}
	size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || count > len) {
		return 0;
	}
	uint32_t scalar = first & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			return 0;
		}
		scalar = scalar << 6 | (bytes[i] & 0x3fu);
	}
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	bool surrogate = scalar >= 0xd800 && scalar <= 0xdfff;
	return scalar >= least[count] && scalar <= 0x10ffff && !surrogate ? count : 0;
}

static bool check_characters(struct cursor *cursor) {
	for (size_t at = 0; at < cursor->len;) {
		size_t len = character_len(cursor->text + at, cursor->len - at);
		if (len == 0) {
			char c = cursor->text[at];
			return fail(cursor, at,
				c == '\0' ? "a NUL byte"
					: c == '\r'
					? "a carriage return: lines end with a line feed alone"
					: (unsigned char)c < 0x80 ? "a control character"
								  : "this is not UTF-8");
		}
		at += len;
	}
	return true;
}

static size_t line_len(const char *text, size_t bytes) {
	const char *end = memchr(text, '\n', bytes);
	return end != NULL ? (size_t)(end - text) : bytes;
}

bool config_syntax_check(const char *text, size_t text_bytes, struct config_syntax_place *place,
	char *why, size_t size) {
	int depth = 0;
	int opened[CONFIG_SYNTAX_DEPTH + 1] = {0};
	place->line = 0;
	for (size_t at = 0; at < text_bytes;) {
		struct cursor cursor = {
			.text = text + at, .len = line_len(text + at, text_bytes - at)};
		place->line++;
		if (!check_characters(&cursor) || !check_line(&cursor, &depth)) {
			place->column = (int)cursor.at + 1;
			snprintf(why, size, "%s", cursor.error);
			return false;
		}
		if (opened[depth] == 0) {
			opened[depth] = place->line;
		}
		for (int i = depth + 1; i <= CONFIG_SYNTAX_DEPTH; i++) {
			opened[i] = 0;
		}
		at += cursor.len + 1;
	}
	if (depth > 0) {
		place->line = opened[depth];
		place->column = 0;
		snprintf(why, size, "the block that begins here is not closed");
		return false;
	}
	return true;
}

int config_syntax_column(const char *text, size_t text_bytes, int line, size_t word) {
	size_t at = 0;
	for (; line > 1 && at < text_bytes; line--) {
		at += line_len(text + at, text_bytes - at) + 1;
	}
	if (at >= text_bytes) {
		return 0;
	}
	struct cursor cursor = {.text = text + at, .len = line_len(text + at, text_bytes - at)};
	skip_blanks(&cursor);
	for (; word > 0; word--) {
		if (at_end(&cursor) || !skip_word(&cursor)) {
			return 0;
		}
		skip_blanks(&cursor);
	}
	return at_end(&cursor) ? 0 : (int)cursor.at + 1;
}
