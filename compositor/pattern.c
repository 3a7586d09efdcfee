#include "pattern.h"

#include <stdint.h>
#include <string.h>

static size_t sequence_len(unsigned char first) {
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// Takes a character; a byte that does not begin one, or is cut off, is one itself.
static uint32_t take(const char **text) {
	const unsigned char *bytes = (const unsigned char *)*text;
	size_t len = sequence_len(bytes[0]);
	uint32_t character = len == 1 ? bytes[0] : bytes[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			(*text)++;
			return bytes[0];
		}
		character = character << 6 | (bytes[i] & 0x3fu);
	}
	*text += len;
	return character;
}

static uint32_t take_literal(const char **pattern) {
	if (**pattern == '\\') {
		(*pattern)++;
	}
	return take(pattern);
}

// After the [; goes behind the ].
static bool set_has(const char **pattern, uint32_t character) {
	bool inverse = **pattern == '!';
	bool has = false;
	*pattern += inverse ? 1 : 0;
	for (bool first = true; first || **pattern != ']'; first = false) {
		uint32_t low = take_literal(pattern), high = low;
		if ((*pattern)[0] == '-' && (*pattern)[1] != ']') {
			(*pattern)++;
			high = take_literal(pattern);
		}
		has = has || (character >= low && character <= high);
	}
	(*pattern)++;
	return has != inverse;
}

// One character of the text against what stands at the pattern, which is no *.
static bool step(const char **pattern, const char **text) {
	uint32_t character = take(text);
	if (**pattern == '?') {
		(*pattern)++;
		return true;
	}
	if (**pattern == '[') {
		(*pattern)++;
		return set_has(pattern, character);
	}
	return take_literal(pattern) == character;
}

bool pattern_matches(const char *pattern, const char *untrusted_text) {
	const char *text = untrusted_text;
	// The last * so far, and where the text after it is tried.
	const char *star = NULL, *retry = NULL;
	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
			continue;
		}
		if (*pattern != '\0' && step(&pattern, &text)) {
			continue;
		}
		if (star == NULL) {
			return false;
		}
		take(&retry);
		pattern = star;
		text = retry;
	}
	while (*pattern == '*') {
		pattern++;
	}
	return *pattern == '\0';
}

// The offset behind a set that begins at a [, 0 if it does not end.
static size_t set_end(const char *pattern, size_t at) {
	at += pattern[at + 1] == '!' ? 2 : 1;
	for (bool first = true; pattern[at] != '\0'; first = false) {
		if (pattern[at] == ']' && !first) {
			return at + 1;
		}
		at += pattern[at] == '\\' && pattern[at + 1] != '\0' ? 2 : 1;
	}
	return 0;
}

bool pattern_check(const char *pattern, size_t *offset, const char **why) {
	for (size_t at = 0; pattern[at] != '\0';) {
		*offset = at;
		if (pattern[at] == '[') {
			at = set_end(pattern, at);
			*why = "a [ that is not closed";
			if (at == 0) {
				return false;
			}
		} else if (pattern[at] == '\\') {
			*why = "a \\ at the end";
			if (pattern[at + 1] == '\0') {
				return false;
			}
			at += 2;
		} else {
			at++;
		}
	}
	return true;
}
