#ifndef TILE_RULE_H
#define TILE_RULE_H

#include "rule.h"

struct tile;
struct workspace;

/** What the configuration's rules say of a tile. The strings last until it is read again. */
struct rule_place tile_rule_find(const struct tile *tile);

/** Where a new tile goes: to the workspace that rules name, to its parent's, or the active one. */
struct workspace *tile_rule_workspace(const struct tile *tile, const struct rule_place *place);

/** True when a new tile floats: rules say so, or, where they do not, it does by itself. */
bool tile_rule_floats(const struct tile *tile, const struct rule_place *place);

/** What rules say of a new tile, which has its workspace, beside where it is. */
void tile_rule_begin(struct tile *tile, const struct rule_place *place);

/** The tile is there: what rules say of it as a window among others. */
void tile_rule_end(struct tile *tile, const struct rule_place *place);

/**
 * A machine's tile is there before redecho-vmd has told all of the machine: if other rules match
 * now they are followed.
 */
void tile_rule_again(struct tile *tile);

#endif
