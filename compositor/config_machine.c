// Directives: which machines there are, and how they run.

#include <string.h>

#include "config_rows.h"

CONFIG_STRING_SETTER(apply_libvirt, uri)

static void apply_accel(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {
		{"auto", CONFIG_ACCEL_AUTO}, {"kvm", CONFIG_ACCEL_KVM}, {"tcg", CONFIG_ACCEL_TCG}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->accel = (enum config_accel)value;
	}
}

static void apply_grace(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	double seconds;
	if (!config_parse_decimal(directive->params[0], &seconds) || seconds < 0 ||
		seconds > 3600) {
		config_error_at(parser, directive, 1, "\"%s\" is no number of seconds up to 3600",
			directive->params[0]);
		return;
	}
	parser->config->grace_ms = (int)(seconds * 1000 + 0.5);
}

static void apply_programs(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_add_folder(parser, directive, &parser->config->programs);
}

static void apply_machines(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_add_folder(parser, directive, &parser->config->machines);
}

static void apply_start(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *program = directive->params[0];
	if (strcmp(program, "none") == 0) {
		config_strings_clear(&parser->config->start);
	} else if (program[0] == '\0' || strchr(program, '/') != NULL) {
		config_error_at(parser, directive, 1,
			"\"%s\" is no program: it takes the name of a program file, without folder",
			program);
	} else {
		config_strings_add(&parser->config->start, program);
	}
}

static const struct config_choice permissions[] = {{"allow", true}, {"deny", false}};

static void apply_host_windows(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	int value;
	if (config_parse_choice(parser, directive, permissions, CONFIG_LEN(permissions), &value)) {
		parser->config->host_windows = value;
	}
}

static void apply_fullscreen_requests(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {
		{"deny", FULLSCREEN_DENY}, {"allow", FULLSCREEN_ALLOW}, {"ask", FULLSCREEN_ASK}};
	int value;
	const char *kind = directive->params_len > 1 ? directive->params[1] : "";
	bool program = strcmp(kind, "program") == 0;
	if (!config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		return;
	}
	if (directive->params_len == 2 ||
		(kind[0] != '\0' && !program && strcmp(kind, "label") != 0)) {
		config_error_at(parser, directive, 2, "expected: program NAME, or label NAME");
		return;
	}
	const char *name = directive->params_len > 2 ? directive->params[2] : NULL;
	fullscreen_rules_add(&parser->config->fullscreen_requests, program ? name : NULL,
		program ? NULL : name, (enum fullscreen_policy)value);
}

const struct config_row config_machine_rows[] = {
	{"accel", 1, 1, CONFIG_BLOCK_NONE, apply_accel},
	{"fullscreen-requests", 1, 3, CONFIG_BLOCK_NONE, apply_fullscreen_requests},
	{"grace", 1, 1, CONFIG_BLOCK_NONE, apply_grace},
	{"host-windows", 1, 1, CONFIG_BLOCK_NONE, apply_host_windows},
	{"libvirt", 1, 1, CONFIG_BLOCK_NONE, apply_libvirt},
	{"machines", 1, 1, CONFIG_BLOCK_NONE, apply_machines},
	{"programs", 1, 1, CONFIG_BLOCK_NONE, apply_programs},
	{"start", 1, 1, CONFIG_BLOCK_NONE, apply_start},
	{0},
};
