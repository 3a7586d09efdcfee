/*
 * A redecho-render of a bridge that was started by hand. On a desk redecho-vmd starts them.
 */
#ifndef RENDERER_PROCESS_H
#define RENDERER_PROCESS_H

/**
 * Start a renderer, which ends with this process, on a render node; NULL: in software. It is the
 * redecho-render beside this program, where the build has it, or in PATH.
 *
 * Returns this end of its socket, or -1 with errno.
 */
int renderer_process_start(const char *render_node);

#endif
