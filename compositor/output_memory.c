#include "output_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "alloc.h"
#include "config.h"
#include "output.h"

// Outputs can be made and removed without end: the oldest that is gone is forgotten.
#define RECORDS_MAX 128

struct output_memory *output_memory_create(void) {
	struct output_memory *memory = alloc_zeroed(1, sizeof(*memory));
	wl_list_init(&memory->records);
	return memory;
}

static void destroy(struct output_record *record) {
	wl_list_remove(&record->link);
	free(record->name);
	free(record->identifier);
	free(record->key);
	free(record->workspace);
	free(record);
}

void output_memory_destroy(struct output_memory *memory) {
	if (memory == NULL) {
		return;
	}
	struct output_record *record, *next;
	wl_list_for_each_safe (record, next, &memory->records, link) {
		destroy(record);
	}
	free(memory);
}

static bool same(const char *a, const char *b) {
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

// A monitor is the same one at any connector; what tells nothing of itself is its connector.
static struct output_record *find(
	struct output_memory *memory, const char *name, const char *identifier) {
	struct output_record *record, *found = NULL;
	wl_list_for_each (record, &memory->records, link) {
		if (record->output != NULL || !same(record->identifier, identifier)) {
			continue;
		}
		if (strcmp(record->name, name) == 0) {
			return record;
		}
		if (identifier != NULL && found == NULL) {
			found = record;
		}
	}
	return found;
}

static bool has_key(const struct output_memory *memory, const char *key) {
	const struct output_record *record;
	wl_list_for_each (record, &memory->records, link) {
		if (strcmp(record->key, key) == 0) {
			return true;
		}
	}
	return false;
}

static char *make_key(
	const struct output_memory *memory, const char *name, const char *identifier) {
	char *key = alloc_string(identifier != NULL ? identifier : name);
	for (int i = 2; has_key(memory, key); i++) {
		free(key);
		if (asprintf(&key, "%s, number %d", identifier != NULL ? identifier : name, i) <
			0) {
			abort();
		}
	}
	return key;
}

static void forget_oldest(struct output_memory *memory) {
	struct output_record *record;
	if (wl_list_length(&memory->records) < RECORDS_MAX) {
		return;
	}
	wl_list_for_each (record, &memory->records, link) {
		if (record->output == NULL) {
			destroy(record);
			return;
		}
	}
}

struct output_record *output_memory_claim(struct output_memory *memory, struct output *output) {
	const char *name = output->wlr_output->name;
	const char *identifier = output->identifier;
	struct output_record *record = find(memory, name, identifier);
	if (record == NULL) {
		forget_oldest(memory);
		record = alloc_zeroed(1, sizeof(*record));
		record->identifier = identifier != NULL ? alloc_string(identifier) : NULL;
		record->key = make_key(memory, name, identifier);
		wl_list_insert(memory->records.prev, &record->link);
	}
	free(record->name);
	record->name = alloc_string(name);
	record->output = output;
	record->settings.set &= ~(uint32_t)OUTPUT_SETTING_POWER; // who plugs it in wants to see it
	return record;
}

void output_memory_release(struct output_record *record) {
	record->output = NULL;
}

void output_memory_reload(struct output_memory *memory, const struct config *old_config,
	const struct config *new_config) {
	struct output_record *record;
	wl_list_for_each (record, &memory->records, link) {
		struct output_settings before, after;
		config_find_output(old_config, record->name, record->identifier, &before);
		config_find_output(new_config, record->name, record->identifier, &after);
		record->settings.set &= ~output_settings_difference(&before, &after);
	}
}
