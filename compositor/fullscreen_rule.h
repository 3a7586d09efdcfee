#ifndef FULLSCREEN_RULE_H
#define FULLSCREEN_RULE_H

#include <stddef.h>

/** What becomes of a machine's wish to fill the screen. */
enum fullscreen_policy {
	FULLSCREEN_DENY,
	FULLSCREEN_ALLOW,
	FULLSCREEN_ASK, // the user is told, and may do it
};

/** One `fullscreen-requests` directive; of those that fit a machine the last one counts. */
struct fullscreen_rule {
	char *program, *label; // NULL: any
	enum fullscreen_policy policy;
};

struct fullscreen_rules {
	struct fullscreen_rule *rules;
	size_t len;
};

/** Strings are copied; NULL: any. */
void fullscreen_rules_add(struct fullscreen_rules *rules, const char *program, const char *label,
	enum fullscreen_policy policy);

/** Without a rule that fits it is denied. */
enum fullscreen_policy fullscreen_rules_find(
	const struct fullscreen_rules *rules, const char *program, const char *label);

void fullscreen_rules_finish(struct fullscreen_rules *rules);

#endif
