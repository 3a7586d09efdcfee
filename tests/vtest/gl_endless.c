/*
 * Draws one triangle whose shader does not end, and waits for it: what a driver cannot be asked
 * to stop.
 *
 * Usage: gl_endless. Prints "drawing" before it waits.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE 512

static const char vertex_source[] = "#version 300 es\n"
				    "void main() {\n"
				    "  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, "
				    "gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);\n"
				    "}\n";

// Loops in loops: software ends a single one after some ten thousand turns.
static const char fragment_source[] = "#version 300 es\n"
				      "precision highp float;\n"
				      "uniform float limit; out vec4 colour;\n"
				      "void main() {\n"
				      "  float a = gl_FragCoord.x;\n"
				      "  for (float i = 0.0; i < limit; i += 1.0)\n"
				      "    for (float j = 0.0; j < limit; j += 1.0)\n"
				      "      for (float k = 0.0; k < limit; k += 1.0)\n"
				      "        a = fract(a * 1.37 + k);\n"
				      "  colour = vec4(a);\n"
				      "}\n";

static void start_egl(void) {
	const EGLint config_attributes[] = {
		EGL_SURFACE_TYPE, EGL_DONT_CARE, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_NONE};
	const EGLint context_attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE};
	EGLDisplay display = eglGetPlatformDisplay(
		EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	EGLConfig config;
	EGLint count = 0;
	eglInitialize(display, NULL, NULL);
	eglBindAPI(EGL_OPENGL_ES_API);
	eglChooseConfig(display, config_attributes, &config, 1, &count);
	EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, context_attributes);
	if (count == 0 || !eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
		fprintf(stderr, "gl_endless: no OpenGL ES 3\n");
		exit(1);
	}
}

static void attach(GLuint program, GLenum kind, const char *source) {
	GLuint shader = glCreateShader(kind);
	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	glAttachShader(program, shader);
}

int main(void) {
	start_egl();
	GLuint program = glCreateProgram(), framebuffer, buffer, array;
	GLint good;
	attach(program, GL_VERTEX_SHADER, vertex_source);
	attach(program, GL_FRAGMENT_SHADER, fragment_source);
	glLinkProgram(program);
	glGetProgramiv(program, GL_LINK_STATUS, &good);
	if (!good) {
		fprintf(stderr, "gl_endless: the program does not link\n");
		return 1;
	}
	glUseProgram(program);
	glUniform1f(glGetUniformLocation(program, "limit"), 60000);
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glGenRenderbuffers(1, &buffer);
	glBindRenderbuffer(GL_RENDERBUFFER, buffer);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, SIDE, SIDE);
	glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, buffer);
	glGenVertexArrays(1, &array);
	glBindVertexArray(array);
	glViewport(0, 0, SIDE, SIDE);
	puts("drawing");
	fflush(stdout);
	glDrawArrays(GL_TRIANGLES, 0, 3);
	glFinish();
	return 0;
}
