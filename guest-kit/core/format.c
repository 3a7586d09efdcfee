#include "core/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gk.h"

struct output {
	char *buffer;
	size_t size_bytes;
	size_t length;
};

struct conversion {
	bool left, zero, alternate;
	int width;
	int precision; // -1: none
	int longs; // of the argument: 0 int, 1 and 2 long
};

static void put(struct output *output, char c) {
	if (output->length + 1 < output->size_bytes) {
		output->buffer[output->length] = c;
	}
	output->length++;
}

static void pad(struct output *output, char c, int count) {
	for (int i = 0; i < count; i++) {
		put(output, c);
	}
}

static void put_field(struct output *output, const struct conversion *conversion,
	const char *prefix, const char *text, int length) {
	int prefix_length = (int)strlen(prefix);
	int missing = conversion->width - prefix_length - length;
	if (!conversion->left && !conversion->zero) {
		pad(output, ' ', missing);
	}
	for (int i = 0; i < prefix_length; i++) {
		put(output, prefix[i]);
	}
	if (!conversion->left && conversion->zero) {
		pad(output, '0', missing);
	}
	for (int i = 0; i < length; i++) {
		put(output, text[i]);
	}
	if (conversion->left) {
		pad(output, ' ', missing);
	}
}

static void put_number(struct output *output, const struct conversion *conversion,
	const char *prefix, uint64_t value, unsigned int base, bool capitals) {
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24];
	int at = sizeof(text);
	do {
		text[--at] = digits[value % base];
		value /= base;
	} while (value != 0);
	put_field(output, conversion, prefix, text + at, (int)sizeof(text) - at);
}

static void put_string(struct output *output, struct conversion *conversion, const char *text) {
	int length = 0;
	text = text != NULL ? text : "(null)";
	while ((conversion->precision < 0 || length < conversion->precision) &&
		text[length] != '\0') {
		length++;
	}
	conversion->zero = false;
	put_field(output, conversion, "", text, length);
}

// Reads flags, width, precision and length; returns the conversion character's place.
static const char *parse(const char *at, struct conversion *conversion) {
	*conversion = (struct conversion){.precision = -1};
	for (;; at++) {
		if (*at == '-') {
			conversion->left = true;
		} else if (*at == '0') {
			conversion->zero = true;
		} else if (*at == '#') {
			conversion->alternate = true;
		} else {
			break;
		}
	}
	for (; *at >= '0' && *at <= '9'; at++) {
		conversion->width = conversion->width * 10 + (*at - '0');
	}
	if (*at == '.') {
		conversion->precision = 0;
		for (at++; *at >= '0' && *at <= '9'; at++) {
			conversion->precision = conversion->precision * 10 + (*at - '0');
		}
	}
	for (; *at == 'l' || *at == 'z' || *at == 'h'; at++) {
		conversion->longs += *at == 'h' ? 0 : 1;
	}
	return at;
}

static void put_signed(struct output *output, const struct conversion *conversion, int64_t value) {
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	put_number(output, conversion, value < 0 ? "-" : "", magnitude, 10, false);
}

int format_text(char *buffer, size_t size_bytes, const char *format, va_list arguments) {
	struct output output = {.buffer = buffer, .size_bytes = size_bytes};
	for (const char *at = format; *at != '\0'; at++) {
		if (*at != '%') {
			put(&output, *at);
			continue;
		}
		struct conversion conversion;
		at = parse(at + 1, &conversion);
		bool wide = conversion.longs > 0;
		if (*at == 'd' || *at == 'i') {
			put_signed(&output, &conversion,
				wide ? va_arg(arguments, long) : va_arg(arguments, int));
		} else if (*at == 'u' || *at == 'x' || *at == 'X') {
			uint64_t value = wide ? va_arg(arguments, unsigned long)
					      : va_arg(arguments, unsigned int);
			bool prefixed = conversion.alternate && *at != 'u' && value != 0;
			put_number(&output, &conversion, prefixed ? "0x" : "", value,
				*at == 'u' ? 10 : 16, *at == 'X');
		} else if (*at == 'p') {
			put_number(&output, &conversion, "0x", (uint64_t)va_arg(arguments, void *),
				16, false);
		} else if (*at == 's') {
			put_string(&output, &conversion, va_arg(arguments, const char *));
		} else if (*at == 'c') {
			char c = (char)va_arg(arguments, int);
			put_field(&output, &conversion, "", &c, 1);
		} else if (*at == '%') {
			put(&output, '%');
		} else {
			break; // not one of ours: what its argument is cannot be known
		}
	}
	if (size_bytes > 0) {
		buffer[output.length < size_bytes ? output.length : size_bytes - 1] = '\0';
	}
	return (int)output.length;
}

int gk_format(char *buffer, size_t size_bytes, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int length = format_text(buffer, size_bytes, format, arguments);
	va_end(arguments);
	return length;
}
