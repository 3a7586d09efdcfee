#ifndef HOST_KEYBOARD_H
#define HOST_KEYBOARD_H

#include <stdbool.h>

struct config_input;

/**
 * The keyboard that the host is set to, for a desk whose configuration names no layout.
 */

/**
 * Fill in model, layout, variant and options from a file such as /etc/default/keyboard,
 * keyboard(5), or /etc/vconsole.conf, vconsole.conf(5): lines KEY=value or KEY="value".
 * Values that are set already stay, and a variant is only taken together with the layout.
 *
 * Returns whether the file names a layout; else nothing is changed.
 */
bool host_keyboard_read(struct config_input *input, const char *path);

/**
 * Where there is no layout yet: that of the environment (XKB_DEFAULT_LAYOUT and its
 * companions, as in xkbcommon's xkb_rule_names), else that of the first of these files that
 * names one, else "us". paths ends with NULL; NULL for the system's files.
 */
void host_keyboard_apply(struct config_input *input, const char *const *paths);

#endif
