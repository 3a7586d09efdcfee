#ifndef MACHINE_SETTINGS_H
#define MACHINE_SETTINGS_H

struct machine;
struct program;

/**
 * Write down what a machine's domain is made from: the files that the guest reads through
 * fw_cfg, in the machine's folder, and the domain's XML.
 *
 * Returns the XML, to be freed, or NULL with *error, likewise.
 */
char *machine_settings_write(struct machine *machine, char **error);

/** The devices that a program's machine has, as the detail `devices` tells; to be freed. */
char *machine_list_devices(const struct program *program);

/** Path of the file with what the guest writes to its first serial port, to be freed. */
char *machine_serial_path(const struct machine *machine);

/** Cut the serial log's older part when it is long: a guest writes as much as it likes. */
void machine_trim_log(struct machine *machine);

#endif
