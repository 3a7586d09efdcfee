#include "fullscreen_rule.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

void fullscreen_rules_add(struct fullscreen_rules *rules, const char *program, const char *label,
	enum fullscreen_policy policy) {
	rules->rules = alloc_array(rules->rules, rules->len + 1, sizeof(rules->rules[0]));
	rules->rules[rules->len++] = (struct fullscreen_rule){
		.program = program != NULL ? alloc_string(program) : NULL,
		.label = label != NULL ? alloc_string(label) : NULL,
		.policy = policy,
	};
}

static bool fits(const char *wanted, const char *is) {
	return wanted == NULL || strcmp(wanted, is) == 0;
}

enum fullscreen_policy fullscreen_rules_find(
	const struct fullscreen_rules *rules, const char *program, const char *label) {
	for (size_t i = rules->len; i > 0; i--) {
		const struct fullscreen_rule *rule = &rules->rules[i - 1];
		if (fits(rule->program, program) && fits(rule->label, label)) {
			return rule->policy;
		}
	}
	return FULLSCREEN_DENY;
}

void fullscreen_rules_finish(struct fullscreen_rules *rules) {
	for (size_t i = 0; i < rules->len; i++) {
		free(rules->rules[i].program);
		free(rules->rules[i].label);
	}
	free(rules->rules);
	*rules = (struct fullscreen_rules){0};
}
