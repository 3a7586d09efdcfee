#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binding.h"
#include "config_windows.h"
#include "device_settings.h"
#include "fullscreen_rule.h"
#include "layout.h"
#include "output_settings.h"

/**
 * The configuration: scfg text to one struct, or to messages that say what is wrong and where.
 *
 * It is read as a whole or not at all. The built-in default configuration (configs/config)
 * comes first, so that an empty file still gives a usable desk: what the user's file says
 * replaces values and adds to lists, and `unbind all` and `start none` empty those. redecho(5)
 * documents every directive.
 */

enum config_tristate {
	CONFIG_DEFAULT,
	CONFIG_YES,
	CONFIG_NO,
};

enum config_accel {
	CONFIG_ACCEL_AUTO,
	CONFIG_ACCEL_KVM,
	CONFIG_ACCEL_TCG,
};

enum config_follow {
	CONFIG_FOLLOW_NO, // focus changes by click and by key
	CONFIG_FOLLOW_YES, // the tile under the pointer gets the focus when it is entered
	CONFIG_FOLLOW_ALWAYS, // also when the tiles move under the pointer
};

enum config_bell {
	CONFIG_BELL_NONE,
	CONFIG_BELL_URGENT, // a window that rings is marked until it has the focus
	CONFIG_BELL_FLASH, // it is marked for a moment
};

/** An `output NAME { }` block; see config_find_output() for the name. */
struct config_output {
	char *name;
	struct output_settings settings;
};

struct config_strings {
	char **strings;
	size_t len;
};

/** A `workspace NAME { }` block. */
struct config_workspace {
	char *name;
	struct config_strings outputs; // where it is made, the best one first
};

/** The keyboards, but for those that a rule of config.devices names. NULL is the default. */
struct config_input {
	char *rules, *model, *layout, *variant, *options; // XKB
	int repeat_rate; // a second; 0: none
	int repeat_delay_ms;
	bool num_lock; // on at start
};

/** The `passthrough { }` block. */
struct config_passthrough {
	struct binding key; // that turns it on and off; its commands are not used
	bool builtin_keys; // stay the desk's meanwhile
	bool machines; // can ask for it
};

/** Where something was set, for what is found out at the end. */
struct config_place {
	char *file; // NULL: in the built-in default
	int line, column; // from 1
};

/** Who a machine is to the user: the colour of its border. */
struct config_label {
	char *name;
	uint32_t colour; // 0xRRGGBB
	struct config_place place;
};

/** The label of what is no machine. No machine can have it, nor a colour near its own. */
#define CONFIG_HOST_LABEL "host"

struct config_border {
	int width; // logical pixels
	int fullscreen_strip; // of a machine that fills the screen, in logical pixels
	int title_padding; // logical pixels above and below the text
	bool titles; // title bars are drawn
	char *font; // a Pango font description
	uint32_t text; // 0xRRGGBB
	uint32_t text_unfocused; // 0xRRGGBB
	uint32_t background; // behind everything, 0xRRGGBB
	uint32_t urgent; // of the mark of a window that wants attention, 0xRRGGBB
	uint32_t host; // border of what is no machine, 0xRRGGBB
	struct config_place place; // of the last block
	int dim_percent; // how much of a border's colour is taken when it has no focus, 0-100
};

struct config {
	uint32_t mod; // BINDING_*; 0: Logo on a screen of its own, Alt when nested
	struct binding_list bindings; // of the default mode
	struct binding_modes modes; // the other ones
	struct config_output *outputs;
	size_t outputs_len;
	struct device_rules devices; // `input [DEVICES] { }` blocks
	struct config_input input; // what they say of keyboards
	struct config_passthrough passthrough;
	bool host_layout; // where they name no layout it is the host's
	struct config_label *labels;
	size_t labels_len;
	struct config_border border;
	// Directories, absolute; those of the user and of the installation are the last ones.
	struct config_strings programs;
	struct config_strings machines;
	struct config_strings start; // programs to spawn at start
	struct config_strings exec; // shell commands to run at start
	struct config_strings files; // the files that were read, for watching them
	enum config_accel accel;
	char *uri; // of libvirt, NULL: the default
	char *locker; // shell command that locks the screen; NULL or "": none
	char *cursor_theme; // NULL: the default
	int cursor_size;
	int workspaces; // 1 to 32
	struct config_workspace *workspace_blocks;
	size_t workspace_blocks_len;
	bool auto_back_and_forth; // to show the workspace that is shown goes back to the last one
	enum layout_kind default_layout;
	bool default_layout_auto; // horizontal on a wide output, vertical on a high one
	enum config_follow focus_follows_pointer;
	bool focus_new; // a new tile gets the focus
	enum config_bell bell;
	bool host_windows; // programs of the host may open windows
	struct fullscreen_rules fullscreen_requests; // of machines
	bool hotkeys_at_start; // what the keys do is shown at start
	int min_tile_width, min_tile_height; // logical pixels
	struct config_windows windows;
	int grace_ms; // for machines when the desk ends
};

/** What is wrong, and where. */
struct config_error {
	char *file;
	int line; // from 1; 0: the file as a whole
	int column; // from 1, in bytes; 0: the line as a whole
	char *message;
};

struct config_errors {
	struct config_error *errors;
	size_t len;
};

struct config_options {
	binding_check_func check; // NULL: every command is accepted
	void *check_data;
	bool no_defaults; // without the built-in default configuration; for tests
};

/** Where the administrator's configuration is. */
#define CONFIG_SYSTEM_FOLDER "/etc/redecho"

/** A file may not be longer than this, in bytes. */
#define CONFIG_FILE_MAX (1 << 20)

/**
 * The file to read: the given one, else $REDECHO_CONFIG, else redecho/config in the user's and
 * then in the system's configuration folder. The latter two only if they are there. NULL: none,
 * the built-in default is all there is. Free with free().
 */
char *config_find_path(const char *given);

/** A file below the folder of the user's configuration. NULL: no home. Free with free(). */
char *config_user_path(const char *below);

/**
 * Writes the built-in default configuration to a new file, and makes the folders above it. False,
 * with errno set, if it cannot be made or is there.
 */
bool config_write_default(const char *path);

/**
 * Reads a file, and those it includes. NULL if anything is wrong; errors says what. The caller
 * keeps what it had.
 */
struct config *config_load(
	const char *path, const struct config_options *options, struct config_errors *errors);

/** As config_load(), from text. name stands for the file's in messages and for `include`. */
struct config *config_parse(const char *name, const char *text, size_t text_bytes,
	const struct config_options *options, struct config_errors *errors);

/** The built-in default configuration alone. It never fails. */
struct config *config_create_default(const struct config_options *options);

/** The built-in default configuration's text, for writing the user's file; NUL-terminated. */
const char *config_default_text(void);

void config_destroy(struct config *config); // may be NULL

/** A rule of config.devices changed: what it says of all keyboards is taken to config.input. */
void config_take_input(struct config *config);

/** One line, `file:line:column: message`, as far as each is there. */
void config_error_format(const struct config_error *error, char *text, size_t size);

void config_errors_finish(struct config_errors *errors);

/**
 * The colour of a machine's label, 0xRRGGBB: a label that is not named gets one made from its name.
 * It is never near the host's.
 */
uint32_t config_label_colour(const struct config *config, const char *label);

/** What is left of a colour without the focus. */
uint32_t config_dim_colour(const struct config *config, uint32_t colour);

/** Whether a colour, with the focus or without, could be taken for that of host windows. */
bool config_colour_is_hosts(const struct config *config, uint32_t colour);

/** Whether a label is that of the host, however it is written. */
bool config_label_is_hosts(const char *label);

/**
 * What is configured for an output: the block of "*", over it that of its connector's name, over
 * that the one of its identifier, "make model serial", which may be NULL. False if there is none
 * of them; it is enabled and powered then.
 */
bool config_find_output(const struct config *config, const char *name, const char *identifier,
	struct output_settings *settings);

/** The block of a workspace: of its number, or else of its name. NULL if there is none. */
const struct config_workspace *config_find_workspace(const struct config *config, const char *name);

#endif
