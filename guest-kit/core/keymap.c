#include "core/keymap.h"

#include <string.h>

#include "core/utf8.h"

#define HEADER_BYTES 8
#define ENTRY_BYTES (4 * KEYMAP_LEVELS)
#define VERSION 1

// A row of keys of consecutive codes.
struct us_row {
	uint8_t first_code;
	const char *plain, *shifted;
};

// What a dead key makes of each character: pairs of a base and the whole.
struct composition {
	uint32_t combining;
	uint32_t spacing;
	const char *pairs;
};

static const struct us_row us_rows[] = {
	{2, "1234567890-=", "!@#$%^&*()_+"},
	{16, "qwertyuiop[]", "QWERTYUIOP{}"},
	{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
	{43, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
	{55, "*", "*"},
	{57, " ", " "},
	{74, "-", "-"},
	{78, "+", "+"},
	{86, "<", ">"},
	{98, "/", "/"},
	// The keypad's digits, which Num Lock shifts.
	{71, "\1\1\1", "789"},
	{75, "\1\1\1", "456"},
	{79, "\1\1\1\1\1", "1230."},
};

static const struct composition compositions[] = {
	{0x0300, '`', "AÀaàEÈeèIÌiìOÒoòUÙuùNǸnǹWẀwẁYỲyỳ"},
	{0x0301, 0x00b4,
		"AÁaáEÉeéIÍiíOÓoóUÚuúYÝyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźWẂwẃ"
		"ΑΆαάΕΈεέΗΉηήΙΊιίΟΌοόΥΎυύΩΏωώ"},
	{0x0302, '^', "AÂaâEÊeêIÎiîOÔoôUÛuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ"},
	{0x0303, '~', "AÃaãNÑnñOÕoõIĨiĩUŨuũ"},
	{0x0304, 0x00af, "AĀaāEĒeēIĪiīOŌoōUŪuū"},
	{0x0306, 0x02d8, "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ"},
	{0x0307, 0x02d9, "CĊcċEĖeėGĠgġIİZŻzż"},
	{0x0308, 0x00a8, "AÄaäEËeëIÏiïOÖoöUÜuüYŸyÿΙΪιϊΥΫυϋЕЁеёІЇії"},
	{0x030a, 0x02da, "AÅaåUŮuů"},
	{0x030b, 0x02dd, "OŐoőUŰuű"},
	{0x030c, 0x02c7, "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzž"},
	{0x0327, 0x00b8, "CÇcçGĢKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ"},
	{0x0328, 0x02db, "AĄaąEĘeęIĮiįUŲuų"},
	{0x0338, '/', "OØoøLŁlłDĐdđHĦhħTŦtŧ"},
};

static void find_level3(struct keymap *keymap) {
	keymap->has_level3 = false;
	for (int i = 0; i < KEYMAP_KEYS; i++) {
		uint32_t third = keymap->levels[i][2];
		// Layouts without AltGr may repeat the first level there.
		if (third != 0 && third != keymap->levels[i][0]) {
			keymap->has_level3 = true;
		}
	}
}

void keymap_init_us(struct keymap *keymap) {
	memset(keymap, 0, sizeof(*keymap));
	for (size_t i = 0; i < sizeof(us_rows) / sizeof(us_rows[0]); i++) {
		const struct us_row *row = &us_rows[i];
		for (int key = 0; row->plain[key] != '\0'; key++) {
			uint32_t *levels = keymap->levels[row->first_code + key];
			levels[0] = row->plain[key] == '\1' ? 0 : (uint8_t)row->plain[key];
			levels[1] = (uint8_t)row->shifted[key];
		}
	}
}

static uint32_t read_u32(const uint8_t *bytes) {
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 |
		bytes[0];
}

static bool is_character(uint32_t value) {
	value &= ~KEYMAP_DEAD;
	return value <= 0x10ffff && (value < 0xd800 || value >= 0xe000);
}

bool keymap_decode(struct keymap *keymap, const void *data, size_t size_bytes) {
	const uint8_t *bytes = data;
	if (size_bytes < HEADER_BYTES || memcmp(bytes, "GKM1", 4) != 0 ||
		(bytes[4] | bytes[5] << 8) != VERSION) {
		return false;
	}
	size_t count = (size_t)(bytes[6] | bytes[7] << 8);
	if (size_bytes < HEADER_BYTES + count * ENTRY_BYTES) {
		return false;
	}
	memset(keymap, 0, sizeof(*keymap));
	for (size_t i = 0; i < count && i < KEYMAP_KEYS; i++) {
		for (size_t level = 0; level < KEYMAP_LEVELS; level++) {
			uint32_t value = read_u32(
				bytes + HEADER_BYTES + i * ENTRY_BYTES + level * 4);
			keymap->levels[i][level] = is_character(value) ? value : 0;
		}
	}
	find_level3(keymap);
	return true;
}

static const struct composition *find_composition(uint32_t combining) {
	for (size_t i = 0; i < sizeof(compositions) / sizeof(compositions[0]); i++) {
		if (compositions[i].combining == combining) {
			return &compositions[i];
		}
	}
	return NULL;
}

uint32_t keymap_compose(uint32_t combining, uint32_t base) {
	const struct composition *composition = find_composition(combining);
	if (composition == NULL) {
		return 0;
	}
	size_t length = strlen(composition->pairs);
	for (size_t at = 0; at < length;) {
		uint32_t from = utf8_next(composition->pairs, length, &at);
		uint32_t to = utf8_next(composition->pairs, length, &at);
		if (from == base) {
			return to;
		}
	}
	return 0;
}

uint32_t keymap_spacing(uint32_t combining) {
	const struct composition *composition = find_composition(combining);
	return composition != NULL ? composition->spacing : combining;
}

bool keymap_is_letter(uint32_t small, uint32_t capital) {
	bool near = small == capital + 32;
	return (near && small >= 'a' && small <= 'z') ||
		(near && small >= 0xe0 && small <= 0xfe && small != 0xf7) ||
		(near && small >= 0x3b1 && small <= 0x3c9) ||
		(near && small >= 0x430 && small <= 0x44f) ||
		(small == capital + 80 && small >= 0x450 && small <= 0x45f) ||
		(small == capital + 1 && small >= 0x101 && small <= 0x17e);
}
