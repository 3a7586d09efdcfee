#include "workspace_name.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

int workspace_name_number(const char *name) {
	int number = 0;
	// "0" and "007" are names like any other: two names of one number would be one workspace.
	if (name[0] < '1' || name[0] > '9') {
		return 0;
	}
	for (; *name >= '0' && *name <= '9'; name++) {
		int digit = *name - '0';
		number = number > (INT_MAX - digit) / 10 ? INT_MAX : number * 10 + digit;
	}
	return *name == '\0' || *name == ':' ? number : 0;
}

bool workspace_name_valid(const char *name) {
	static const char *const words[] = {"back-and-forth", "back_and_forth", "next",
		"next-on-output", "next_on_output", "number", "output", "prev", "prev-on-output",
		"prev_on_output", "previous", "previous-on-output", "to"};
	size_t len = strlen(name);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == '\x7f') {
			return false;
		}
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(name, words[i]) == 0) {
			return false;
		}
	}
	return len > 0 && len <= WORKSPACE_NAME_MAX;
}
