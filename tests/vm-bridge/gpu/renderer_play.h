// A device whose renderer is played by the test.
#ifndef RENDERER_PLAY_H
#define RENDERER_PLAY_H

#include "fake_renderer.h"
#include "virgl_driver.h"

struct play {
	struct renderer r; // without a process
	struct fake_renderer fake;
};

/** A device that has no renderer yet. */
void play_begin_without(struct play *play);

/** Give it one, which says nothing yet. */
void play_give(struct play *play);

/** Let the device look at what there is. */
void play_settle(struct play *play);

/** Run the guest's commands, with this result, until one is answered; with which type. */
uint32_t play_answer(struct play *play, uint32_t result);

/** Offer the making of a context, without waiting. Returns its head. */
int play_put_context(struct fixture *f, uint32_t context, uint64_t fence);

/** A device with a renderer that is ready, and CONTEXT. */
void play_begin(struct play *play);

void play_end(struct play *play);

/** 2D works, whatever became of the renderer. */
void play_assert_2d(struct play *play);

/** Offer the making of a 3D resource, without waiting. */
void play_put_3d(struct fixture *f, uint32_t id, uint32_t width, uint32_t height);

/** Make a resource the cursor of the first display. */
void play_set_cursor(struct fixture *f, uint32_t id);

#endif
