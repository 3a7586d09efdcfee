#include "boot/serial.h"

#include "boot/io.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)
#define INTERRUPT_ENABLE (COM1 + 1)
#define FIFO_CONTROL (COM1 + 2)
#define LINE_CONTROL (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define SCRATCH (COM1 + 7)

#define LINE_CONTROL_8N1 0x03
#define LINE_CONTROL_DIVISOR 0x80
#define LINE_STATUS_EMPTY 0x20

void serial_init(struct serial *serial) {
	outb(SCRATCH, 0x5a);
	serial->present = inb(SCRATCH) == 0x5a;
	if (!serial->present) {
		return;
	}
	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, LINE_CONTROL_DIVISOR);
	outb(DATA, 1);
	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, LINE_CONTROL_8N1);
	outb(FIFO_CONTROL, 0x07);
	outb(MODEM_CONTROL, 0x03);
}

static void write_byte(char byte) {
	// A host that reads slowly delays us; one that never reads must not stop us.
	for (int patience = 0; patience < 100000; patience++) {
		if (inb(LINE_STATUS) & LINE_STATUS_EMPTY) {
			break;
		}
	}
	outb(DATA, (uint8_t)byte);
}

void serial_write(const struct serial *serial, const char *text, size_t length) {
	if (!serial->present) {
		return;
	}
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			write_byte('\r');
		}
		write_byte(text[i]);
	}
}
