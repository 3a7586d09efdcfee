/*
 * How the scanouts lie side by side in what the guest takes for one screen, which the tablet spans.
 */
#ifndef ARRANGEMENT_H
#define ARRANGEMENT_H

#include "scanout.h"

/**
 * Tell the window of each scanout where it lies.
 *
 * Scanouts that are on lie from left to right in their order, with their tops in line. Those that
 * show one resource lie as they do in it: two that show the same part are in one place.
 */
void arrangement_apply(struct scanout *scanouts, unsigned count);

#endif
