#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include <stddef.h>

/** The questions that redechoctl knows; NULL is the last. */
extern const char *const complete_questions[];

/**
 * For shells: print what the last of the words can become, one a line. The words are those after
 * redechoctl; the last one may be empty or begun. Commands and what they take are asked of the
 * desk on that socket, as in client_connect(); without a desk they are left out.
 */
void complete(const char *socket, size_t words_len, char *const *words);

#endif
