#ifndef CONFIG_WINDOWS_H
#define CONFIG_WINDOWS_H

#include "gaps.h"
#include "rule.h"

/** Borders where only one tile is seen. */
enum config_smart_borders {
	CONFIG_SMART_BORDERS_NO, // as everywhere
	CONFIG_SMART_BORDERS_YES, // none; the title bar stays
	CONFIG_SMART_BORDERS_NO_GAPS, // none, unless there is a gap around it
};

/** How windows are placed and framed. */
struct config_windows {
	struct gaps gaps; // a workspace begins with these
	enum gaps_smart smart_gaps;
	enum config_smart_borders smart_borders;
	struct rule_list rules;
};

#endif
