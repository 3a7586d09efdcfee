#include "render_delay.h"

#define NS_PER_MS INT64_C(1000000)

// Between the timer and the first look at the scene, and from the commit to the hardware.
#define MARGIN_NS NS_PER_MS
#define COST_FADE 64 // of what a picture took less than the most, one part a picture
#define RESERVE_FADE 1024
#define RESERVE_STEP 8 // parts of a refresh

void render_delay_reset(struct render_delay *delay) {
	*delay = (struct render_delay){0};
}

int64_t render_delay_budget_ns(const struct render_delay *delay) {
	return delay->cost_ns + delay->reserve_ns + MARGIN_NS;
}

int render_delay_plan(struct render_delay *delay, int budget_ms, int64_t now_ns) {
	delay->target_ns = 0;
	int64_t since_ns = now_ns - delay->presented_ns;
	if (delay->refresh_ns == 0 || since_ns < 0 || since_ns >= delay->refresh_ns ||
		(budget_ms == 0 && delay->drawn < RENDER_DELAY_LEARN)) {
		return 0;
	}
	int64_t budget_ns = budget_ms > 0 ? budget_ms * NS_PER_MS : render_delay_budget_ns(delay);
	int64_t wait_ns = delay->refresh_ns - since_ns - budget_ns;
	if (wait_ns < NS_PER_MS) {
		return 0;
	}
	delay->target_ns = delay->presented_ns + delay->refresh_ns;
	return (int)(wait_ns / NS_PER_MS);
}

void render_delay_drew(struct render_delay *delay, int64_t cost_ns) {
	if (cost_ns >= delay->cost_ns) {
		delay->cost_ns = cost_ns;
	} else {
		delay->cost_ns -= (delay->cost_ns - cost_ns) / COST_FADE;
	}
	if (delay->drawn < RENDER_DELAY_LEARN) {
		delay->drawn++;
	}
}

void render_delay_skipped(struct render_delay *delay) {
	delay->target_ns = 0;
}

// A reserve so large that nothing is put off any more fades as well: it is tried again.
static void learn_from(struct render_delay *delay, int64_t when_ns) {
	if (delay->target_ns != 0 && when_ns > delay->target_ns + delay->refresh_ns / 2) {
		delay->reserve_ns += delay->refresh_ns / RESERVE_STEP;
		if (delay->reserve_ns > delay->refresh_ns) {
			delay->reserve_ns = delay->refresh_ns;
		}
	} else {
		delay->reserve_ns -= delay->reserve_ns / RESERVE_FADE;
	}
}

void render_delay_presented(struct render_delay *delay, int64_t when_ns, int64_t refresh_ns) {
	learn_from(delay, when_ns);
	delay->target_ns = 0;
	delay->presented_ns = when_ns;
	delay->refresh_ns = refresh_ns > 0 ? refresh_ns : 0;
}
