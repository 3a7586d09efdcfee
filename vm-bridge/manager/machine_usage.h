#ifndef MACHINE_USAGE_H
#define MACHINE_USAGE_H

struct machine;

/**
 * Measure what the machine's processes use, and tell its clients, shortly after. A measurement
 * that is under way is the answer to everyone who has asked meanwhile. A machine without any
 * process tells nothing.
 */
void machine_measure(struct machine *machine);

/** The machine goes: nobody waits for a measurement that is under way. */
void machine_measure_forget(struct machine *machine);

#endif
