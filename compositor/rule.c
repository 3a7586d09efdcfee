#include "rule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "pattern.h"

#define LENGTH_MAX 100000

bool rule_subject_read(const char *word, enum rule_subject *subject) {
	static const char *const names[] = {
		[RULE_PROGRAM] = "program",
		[RULE_LABEL] = "label",
		[RULE_MACHINE] = "machine",
		[RULE_TITLE] = "title",
		[RULE_APP_ID] = "app-id",
		[RULE_KIND] = "kind",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*subject = (enum rule_subject)i;
			return true;
		}
	}
	return false;
}

bool rule_length_read(const char *word, struct rule_length *length) {
	char *end;
	long value = strtol(word, &end, 10);
	bool percent = strcmp(end, "%") == 0 || strcmp(end, "ppt") == 0;
	if (end == word || value < -LENGTH_MAX || value > LENGTH_MAX ||
		(!percent && *end != '\0' && strcmp(end, "px") != 0)) {
		return false;
	}
	*length = (struct rule_length){(int)value, percent};
	return true;
}

int rule_length_pixels(const struct rule_length *length, int whole) {
	return length->percent ? (int)((int64_t)length->value * whole / 100) : length->value;
}

static bool matches(const struct rule_match *match, const struct rule_window *window) {
	const char *const texts[] = {
		[RULE_PROGRAM] = window->program,
		[RULE_LABEL] = window->label,
		[RULE_MACHINE] = window->machine,
		[RULE_TITLE] = window->title,
		[RULE_APP_ID] = window->app_id,
		[RULE_KIND] = window->machine != NULL ? "machine" : "host",
	};
	const char *text = texts[match->subject];
	if (text == NULL) {
		return false;
	}
	char cut[RULE_TEXT_MAX + 1];
	size_t len = strnlen(text, RULE_TEXT_MAX);
	memcpy(cut, text, len);
	cut[len] = '\0';
	return pattern_matches(match->pattern, cut);
}

static bool all_match(const struct rule *rule, const struct rule_window *window) {
	for (size_t i = 0; i < rule->matches_len; i++) {
		if (!matches(&rule->matches[i], window)) {
			return false;
		}
	}
	return true;
}

static void overlay_switch(enum rule_switch *value, enum rule_switch over) {
	*value = over != RULE_UNSET ? over : *value;
}

static void overlay_text(char **text, char *over) {
	*text = over != NULL ? over : *text;
}

static void overlay(struct rule_place *place, const struct rule_place *over) {
	overlay_switch(&place->floating, over->floating);
	overlay_switch(&place->sticky, over->sticky);
	overlay_switch(&place->fullscreen, over->fullscreen);
	overlay_switch(&place->focus, over->focus);
	overlay_text(&place->workspace, over->workspace);
	overlay_text(&place->output, over->output);
	overlay_text(&place->scratchpad, over->scratchpad);
	if (over->sized) {
		place->sized = true;
		place->width = over->width;
		place->height = over->height;
	}
	if (over->position != RULE_POSITION_UNSET) {
		place->position = over->position;
		place->x = over->x;
		place->y = over->y;
	}
	if (over->bordered) {
		place->bordered = true;
		place->border = over->border;
	}
}

struct rule_place rule_list_find(
	const struct rule_list *list, const struct rule_window *untrusted_window) {
	struct rule_place place = {0};
	for (size_t i = 0; i < list->len; i++) {
		if (all_match(&list->rules[i], untrusted_window)) {
			overlay(&place, &list->rules[i].place);
			place.matched = place.matched * 31 + (unsigned)i + 1;
		}
	}
	return place;
}

void rule_list_add(struct rule_list *list, const struct rule *rule) {
	list->rules = alloc_array(list->rules, list->len + 1, sizeof(list->rules[0]));
	list->rules[list->len++] = *rule;
}

void rule_finish(struct rule *rule) {
	for (size_t i = 0; i < rule->matches_len; i++) {
		free(rule->matches[i].pattern);
	}
	free(rule->matches);
	free(rule->place.workspace);
	free(rule->place.output);
	free(rule->place.scratchpad);
}

void rule_list_finish(struct rule_list *list) {
	for (size_t i = 0; i < list->len; i++) {
		rule_finish(&list->rules[i]);
	}
	free(list->rules);
	*list = (struct rule_list){0};
}
