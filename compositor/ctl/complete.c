#include "complete.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

#define USAGE_MAX 512
#define TOKENS_MAX 16

const char *const complete_questions[] = {"outputs", "workspaces", "windows", "machines",
	"programs", "inputs", "seat", "commands", "session", "version", "events", NULL};

struct completion {
	struct client *client; // NULL: no desk is there
	const char *begun; // the last word
	char *const *words; // of the command, its name first
	size_t len; // of these, without the last
};

static void offer(const struct completion *completion, const char *prefix, const char *word) {
	char text[256];
	snprintf(text, sizeof(text), "%s%s", prefix, word);
	if (strncmp(text, completion->begun, strlen(completion->begun)) == 0) {
		puts(text);
	}
}

// The array that answers a question. Free with yyjson_doc_free(); NULL: there is none.
static yyjson_doc *ask(struct client *client, const char *question, yyjson_val **array) {
	if (client == NULL) {
		return NULL;
	}
	const bool sent = client_send(client, client_request(question, NULL));
	const char *line = sent ? client_read_line(client) : NULL;
	yyjson_doc *doc = line != NULL ? yyjson_read(line, strlen(line), 0) : NULL;
	*array = yyjson_obj_get(yyjson_doc_get_root(doc), "Ok");
	return doc;
}

// A member of each object of the answer; NULL: none of that is there.
static void offer_members(const struct completion *completion, const char *question,
	const char *member, const char *prefix) {
	yyjson_val *array = NULL, *object;
	yyjson_doc *doc = ask(completion->client, question, &array);
	size_t index, max;
	yyjson_arr_foreach(array, index, max, object) {
		yyjson_val *value = yyjson_obj_get(object, member);
		char number[24];
		if (yyjson_is_uint(value)) {
			snprintf(number, sizeof(number), "%llu",
				(unsigned long long)yyjson_get_uint(value));
			offer(completion, prefix, number);
		} else if (yyjson_is_str(value)) {
			offer(completion, prefix, yyjson_get_str(value));
		}
	}
	yyjson_doc_free(doc);
}

// What a word in capitals stands for; which one may depend on the command.
static void offer_meant(const struct completion *completion, const char *word) {
	static const struct {
		const char *command, *word; // command NULL: of any
		const char *question, *member;
	} meanings[] = {
		{NULL, "PROGRAM", "programs", "name"},
		{NULL, "ID", "windows", "id"},
		{NULL, "DEVICES", "inputs", "identifier"},
		{NULL, "WHERE", "outputs", "name"},
		{NULL, "WHICH", "workspaces", "name"},
		{"output", "NAME", "outputs", "name"},
		{"workspace", "NAME", "workspaces", "name"},
		{"rename", "NAME", "workspaces", "name"},
	};
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(meanings[i].word, word) == 0 &&
			(meanings[i].command == NULL ||
				strcmp(meanings[i].command, completion->words[0]) == 0)) {
			offer_members(completion, meanings[i].question, meanings[i].member, "");
		}
	}
}

static void offer_token(const struct completion *completion, const char *token) {
	if (isupper((unsigned char)token[0])) {
		offer_meant(completion, token);
	} else if (isalpha((unsigned char)token[0])) {
		offer(completion, "", token);
	}
}

// One of the ways to go on that a usage line names, its words divided by blanks.
static bool follow(const struct completion *completion, char *way) {
	char *tokens[TOKENS_MAX], *rest = NULL;
	size_t len = 0;
	for (char *token = strtok_r(way, " ", &rest); token != NULL && len < TOKENS_MAX;
		token = strtok_r(NULL, " ", &rest)) {
		tokens[len++] = token;
	}
	size_t at = completion->len - 1; // words after the name are typed
	if (at >= len) {
		return false;
	}
	for (size_t i = 0; i < at; i++) {
		if (strcmp(tokens[i], completion->words[i + 1]) != 0) {
			return false;
		}
	}
	offer_token(completion, tokens[at]);
	return true;
}

static void offer_all(const struct completion *completion, const char *usage) {
	char text[USAGE_MAX], *rest = NULL;
	snprintf(text, sizeof(text), "%s", usage);
	for (char *token = strtok_r(text, " |,.", &rest); token != NULL;
		token = strtok_r(NULL, " |,.", &rest)) {
		bool typed = strcmp(token, "or") == 0;
		for (size_t i = 0; i < completion->len; i++) {
			typed = typed || strcmp(token, completion->words[i]) == 0;
		}
		if (!typed) {
			offer_token(completion, token);
		}
	}
}

// A usage line is `name a|b [C], or name d E`. Where it says no more than which words there
// are, all are offered.
static void offer_by_usage(const struct completion *completion, const char *usage) {
	char plain[USAGE_MAX], text[USAGE_MAX], *rest = NULL;
	size_t len = 0, name_len = strlen(completion->words[0]);
	for (const char *c = usage; *c != '\0' && len + 1 < sizeof(plain); c++) {
		if (strchr("[]()", *c) == NULL) {
			plain[len++] = *c;
		}
	}
	plain[len] = '\0';
	memcpy(text, plain, len + 1);
	bool found = false;
	for (char *way = strtok_r(text, "|,", &rest); way != NULL;
		way = strtok_r(NULL, "|,", &rest)) {
		way += strspn(way, " ");
		way += strncmp(way, "or ", 3) == 0 ? 3 : 0;
		if (strncmp(way, completion->words[0], name_len) == 0 && way[name_len] == ' ') {
			way += name_len + 1;
		}
		found |= follow(completion, way);
	}
	if (!found) {
		offer_all(completion, plain);
	}
}

static void offer_words(const struct completion *completion) {
	yyjson_val *array = NULL, *object;
	yyjson_doc *doc = ask(completion->client, "commands", &array);
	size_t index, max;
	char *usage = NULL;
	yyjson_arr_foreach(array, index, max, object) {
		const char *name = yyjson_get_str(yyjson_obj_get(object, "name"));
		const char *text = yyjson_get_str(yyjson_obj_get(object, "usage"));
		if (name != NULL && text != NULL && strcmp(name, completion->words[0]) == 0) {
			usage = strdup(text);
		}
	}
	yyjson_doc_free(doc);
	if (usage == NULL) {
		return;
	}
	offer_by_usage(completion, usage);
	free(usage);
	// What these take is for others to read.
	if (strcmp(completion->words[0], "exec") != 0 && strcmp(completion->words[0], "nop") != 0) {
		offer_members(completion, "machines", "name", "machine=");
	}
}

static void offer_first(const struct completion *completion, bool after_run) {
	if (!after_run) {
		for (size_t i = 0; complete_questions[i] != NULL; i++) {
			offer(completion, "", complete_questions[i]);
		}
		offer(completion, "", "top");
		offer(completion, "", "run");
	}
	offer_members(completion, "commands", "name", "");
}

static void offer_options(const struct completion *completion) {
	static const char *const options[] = {
		"--json", "--socket", "--once", "--version", "--help"};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		offer(completion, "", options[i]);
	}
}

void complete(const char *socket, size_t words_len, char *const *words) {
	if (words_len == 0) {
		return;
	}
	const char *begun = words[words_len - 1];
	size_t first = 0;
	while (first + 1 < words_len && words[first][0] == '-') {
		bool takes_path = strcmp(words[first], "-s") == 0 ||
			strcmp(words[first], "--socket") == 0;
		if (takes_path && first + 2 >= words_len) {
			return; // a path, which the shell knows more of
		}
		socket = takes_path ? words[first + 1] : socket;
		first += takes_path ? 2 : 1;
	}
	bool after_run = first + 1 < words_len && strcmp(words[first], "run") == 0;
	first += after_run ? 1 : 0;
	struct completion completion = {
		.client = client_connect(socket),
		.begun = begun,
		.words = words + first,
		.len = words_len - first - 1,
	};
	if (completion.len == 0 && begun[0] == '-') {
		offer_options(&completion);
	} else if (completion.len == 0) {
		offer_first(&completion, after_run);
	} else {
		offer_words(&completion);
	}
	client_destroy(completion.client);
}
