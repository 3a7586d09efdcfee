#ifndef NOTICE_H
#define NOTICE_H

#include <stdbool.h>

struct machine;
struct notice;
struct server;

enum notice_severity {
	NOTICE_INFO,
	NOTICE_WARNING,
	NOTICE_ERROR,
};

/** The object of SERVER_NOTICE. */
struct notice_message {
	enum notice_severity severity;
	const char *text;
	const struct machine *machine; // that it is about; may be NULL
};

/** Messages over the windows, at the bottom of the active output. */
bool notice_init(struct server *server);
void notice_finish(struct server *server);

/**
 * Show a message for a while: the more severe the longer. Text from outside is filtered
 * here. The same message again only stays longer.
 */
void notice_show(struct server *server, enum notice_severity severity, const char *text);

/** The same about a machine: its title and label stand above, in the label's colour. */
void notice_show_machine(struct machine *machine, enum notice_severity severity, const char *text);

/**
 * Show a message until it is replaced, or taken away with NULL: what is wrong with the
 * configuration. There is one such message.
 */
void notice_set_standing(struct server *server, const char *text);

/** The outputs changed. */
void notice_arrange(struct server *server);

#endif
