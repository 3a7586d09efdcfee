// Linked to tests whose clients lose their connection, or drop it, with objects left. libwayland
// frees none of these, nor those of events that nobody has read.

#include "dropped_proxies.h"

const char *__lsan_default_suppressions(void) {
	return "leak:libwayland-client.so";
}
