#include "core/utf8.h"

uint32_t utf8_next(const char *text, size_t length, size_t *at) {
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint8_t first = (uint8_t)text[(*at)++];
	if (first < 0x80) {
		return first;
	}
	size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	if (first < 0xc0 || first > 0xf7 || more > length - *at) {
		return UTF8_REPLACEMENT;
	}
	uint32_t character = first & (0x3fu >> more);
	for (size_t i = 0; i < more; i++) {
		uint8_t next = (uint8_t)text[*at + i];
		if ((next & 0xc0) != 0x80) {
			return UTF8_REPLACEMENT;
		}
		character = character << 6 | (next & 0x3f);
	}
	if (character < least[more] || character > 0x10ffff ||
		(character >= 0xd800 && character < 0xe000)) {
		return UTF8_REPLACEMENT;
	}
	*at += more;
	return character;
}

size_t utf8_put(char *text, uint32_t character) {
	if (character < 0x80) {
		text[0] = (char)character;
		return 1;
	}
	size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
	static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
	text[0] = (char)(marks[more] | character >> (6 * more));
	for (size_t i = 1; i <= more; i++) {
		text[i] = (char)(0x80 | (character >> (6 * (more - i)) & 0x3f));
	}
	return more + 1;
}
