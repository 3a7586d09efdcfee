/**
 * The log: a 16550 at the first PC serial port (0x3f8). Works, silently, where there is none.
 */
#ifndef GK_BOOT_SERIAL_H
#define GK_BOOT_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

struct serial {
	bool present;
};

/** Set 115200 baud, 8n1, no interrupts, if a UART answers. */
void serial_init(struct serial *serial);

/** Write length bytes, each line feed as carriage return and line feed. Waits for the UART. */
void serial_write(const struct serial *serial, const char *text, size_t length);

#endif
