#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stdbool.h>
#include <yyjson.h>

/**
 * Prints the answer to a request, as outputs or machines, for people. False if it is not what
 * that request is answered with.
 */
bool print_answer(const char *request, yyjson_val *answer);

/** Prints screens, some lines each. */
void print_outputs(yyjson_val *outputs);

/** Prints an event as one line. */
void print_event(yyjson_val *event);

#endif
