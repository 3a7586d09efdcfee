#ifndef WINDOW_MENU_H
#define WINDOW_MENU_H

struct tile;

/**
 * A dialog with what can be done to a window: for a machine pause, power button, restart and
 * end; how it fares, measured while the menu is open. It closes when the window goes.
 */
void window_menu_open(struct tile *tile);

#endif
