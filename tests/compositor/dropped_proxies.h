#ifndef DROPPED_PROXIES_H
#define DROPPED_PROXIES_H

/** What LeakSanitizer lets pass, besides its list. It calls this itself. */
const char *__lsan_default_suppressions(void);

#endif
