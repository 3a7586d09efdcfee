#ifndef DESK_CHECK_H
#define DESK_CHECK_H

struct desk;

/**
 * What holds on every desk whenever nothing is under way, whatever happened before: each window is
 * on one workspace and at one place of its layout; one of those that are seen has the focus, and
 * the keyboard is with it or with who claims it; tiles lie on their output and not on each other;
 * of tabs one is seen; a dragged window is one that is there. Fails the test if it does not.
 */
void desk_check(struct desk *desk);

#endif
