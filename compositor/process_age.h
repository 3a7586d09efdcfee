#ifndef PROCESS_AGE_H
#define PROCESS_AGE_H

#include <stdint.h>

/**
 * For how long a process has been there, in milliseconds; -1 if that cannot be told.
 *
 * untrusted_pid is its number in decimal. proc_pid_stat(5), starttime.
 */
int64_t process_age_ms(const char *untrusted_pid);

#endif
