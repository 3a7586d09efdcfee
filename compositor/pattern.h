#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/**
 * PURE: patterns for names and titles, matched against all of a text.
 *
 * `*` is any text, also none, `?` one character, `[abc]`, `[a-z]` and `[!a-z]` one of several or
 * none of them, `\` takes the next character as it is. Characters are Unicode's; a byte that is
 * not UTF-8 counts as one. The time that it takes is bounded by the product of the lengths, so
 * that a text from outside can be matched.
 */

/** False if it is none, with the offset in bytes of what is wrong and a line that says why. */
bool pattern_check(const char *pattern, size_t *offset, const char **why);

/** pattern was checked. */
bool pattern_matches(const char *pattern, const char *untrusted_text);

#endif
