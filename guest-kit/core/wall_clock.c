#include "core/wall_clock.h"

#define NS_PER_S INT64_C(1000000000)
#define DRIFT_DIVISOR 2000 // counters are taken to be wrong by 500 millionths at most

void wall_clock_read(struct wall_clock *wall_clock, int64_t seconds, uint64_t now_ns) {
	int64_t least_ns = seconds * NS_PER_S - (int64_t)now_ns;
	int64_t most_ns = least_ns + NS_PER_S;
	if (wall_clock->known) {
		int64_t drift_ns = (int64_t)(now_ns - wall_clock->read_ns) / DRIFT_DIVISOR;
		int64_t known_least_ns = wall_clock->least_ns - drift_ns;
		int64_t known_most_ns = wall_clock->most_ns + drift_ns;
		if (known_least_ns < most_ns && known_most_ns > least_ns) {
			least_ns = known_least_ns > least_ns ? known_least_ns : least_ns;
			most_ns = known_most_ns < most_ns ? known_most_ns : most_ns;
		}
	}
	*wall_clock = (struct wall_clock){true, least_ns, most_ns, now_ns};
}

int64_t wall_clock_at(const struct wall_clock *wall_clock, uint64_t now_ns) {
	int64_t offset_ns = wall_clock->least_ns + (wall_clock->most_ns - wall_clock->least_ns) / 2;
	return (int64_t)now_ns + offset_ns;
}
