/*
 * Draws a picture with OpenGL ES 3 and no window system, and writes it: for comparing what two
 * drivers make of the same program.
 *
 * Usage: gl_picture FILE. The file holds SIZE rows of SIZE pixels in RGBA; GL_RENDERER goes to
 * standard output. Exits with 1 where OpenGL fails.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 512
#define TILES 4 // a side: each shows something else
#define TILE (SIZE / TILES)
#define TEXTURE 64
#define VERTEX_FLOATS 9 // position, colour, texture coordinate
#define CUBE_VERTICES 36

static const char vertex_source[] =
	"#version 300 es\n"
	"layout(location = 0) in vec3 position; layout(location = 1) in vec4 colour;\n"
	"layout(location = 2) in vec2 place;\n"
	"uniform float angle; uniform float many;\n"
	"out vec4 v_colour; out vec2 v_place;\n"
	"void main() {\n"
	"  float a = angle + 0.4 * float(gl_InstanceID), c = cos(a), s = sin(a);\n"
	"  mat3 y = mat3(c, 0.0, -s, 0.0, 1.0, 0.0, s, 0.0, c);\n"
	"  mat3 x = mat3(1.0, 0.0, 0.0, 0.0, c, s, 0.0, -s, c);\n"
	"  vec3 p = x * y * position / many;\n"
	"  p.x += (float(gl_InstanceID) - (many - 1.0) / 2.0) * 0.6;\n"
	"  v_colour = colour; v_place = place;\n"
	"  gl_Position = vec4(p.xy, p.z * 0.5, 1.0 + 0.3 * p.z);\n"
	"}\n";

static const char fragment_source[] =
	"#version 300 es\n"
	"precision highp float;\n"
	"in vec4 v_colour; in vec2 v_place; out vec4 o_colour;\n"
	"uniform sampler2D image; uniform float textured;\n"
	"layout(std140) uniform tint { vec4 factor; };\n"
	"void main() {\n"
	"  o_colour = factor * mix(v_colour, texture(image, v_place * 2.0), textured);\n"
	"}\n";

struct scene {
	GLuint program, texture, vertices, tint, framebuffer;
	GLint angle, many, textured;
};

static _Noreturn void fail(const char *what) {
	fprintf(stderr, "gl_picture: %s\n", what);
	exit(1);
}

static void start_egl(void) {
	const EGLint config_attributes[] = {
		EGL_SURFACE_TYPE, EGL_DONT_CARE, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_NONE};
	const EGLint context_attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE};
	EGLDisplay display = eglGetPlatformDisplay(
		EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	EGLConfig config;
	EGLint count;
	if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL) ||
		!eglBindAPI(EGL_OPENGL_ES_API) ||
		!eglChooseConfig(display, config_attributes, &config, 1, &count) || count == 0) {
		fail("no EGL");
	}
	EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, context_attributes);
	if (context == EGL_NO_CONTEXT ||
		!eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
		fail("no OpenGL ES 3");
	}
}

static GLuint make_shader(GLenum kind, const char *source) {
	GLuint shader = glCreateShader(kind);
	GLint good;
	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
	if (!good) {
		fail("a shader does not compile");
	}
	return shader;
}

static void make_program(struct scene *scene) {
	GLint good;
	scene->program = glCreateProgram();
	glAttachShader(scene->program, make_shader(GL_VERTEX_SHADER, vertex_source));
	glAttachShader(scene->program, make_shader(GL_FRAGMENT_SHADER, fragment_source));
	glLinkProgram(scene->program);
	glGetProgramiv(scene->program, GL_LINK_STATUS, &good);
	if (!good) {
		fail("the program does not link");
	}
	glUseProgram(scene->program);
	scene->angle = glGetUniformLocation(scene->program, "angle");
	scene->many = glGetUniformLocation(scene->program, "many");
	scene->textured = glGetUniformLocation(scene->program, "textured");
	glGenBuffers(1, &scene->tint);
	glBindBufferBase(GL_UNIFORM_BUFFER, 0, scene->tint);
}

static void paint_texture(unsigned seed, int x0, int y0, int size) {
	static unsigned char pixels[TEXTURE * TEXTURE * 4];
	for (int y = 0; y < size; y++) {
		for (int x = 0; x < size; x++) {
			unsigned char *pixel = &pixels[4 * (y * size + x)];
			bool odd = ((x / 8) + (y / 8)) % 2 != 0;
			pixel[0] = (unsigned char)(odd ? 255 : 4 * x + (int)seed);
			pixel[1] = (unsigned char)(odd ? 4 * y : 40 * (int)seed);
			pixel[2] = (unsigned char)(odd ? (int)seed : 200);
			pixel[3] = 255;
		}
	}
	glTexSubImage2D(GL_TEXTURE_2D, 0, x0, y0, size, size, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	glGenerateMipmap(GL_TEXTURE_2D);
}

static void make_texture(struct scene *scene) {
	glGenTextures(1, &scene->texture);
	glBindTexture(GL_TEXTURE_2D, scene->texture);
	glTexStorage2D(GL_TEXTURE_2D, 7, GL_RGBA8, TEXTURE, TEXTURE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
	paint_texture(0, 0, 0, TEXTURE);
}

static void fill_cube(float *out, float size) {
	static const int order[6] = {0, 1, 2, 2, 1, 3};
	for (int i = 0; i < CUBE_VERTICES; i++) {
		const int face = i / 6, corner = order[i % 6], axis = face / 2;
		const float u = corner % 2 ? 1 : -1, v = corner / 2 ? 1 : -1;
		const float place[3] = {face % 2 ? 1 : -1, u, v};
		for (int k = 0; k < 3; k++) {
			*out++ = size * place[(k + 3 - axis) % 3];
		}
		*out++ = (float)(face % 3) / 2;
		*out++ = (float)(face % 2);
		*out++ = (float)face / 5;
		*out++ = 0.75f;
		*out++ = (u + 1) / 2;
		*out++ = (v + 1) / 2;
	}
}

static void make_vertices(struct scene *scene) {
	static const struct {
		GLint size;
		size_t offset;
	} rows[] = {{3, 0}, {4, 3}, {2, 7}};
	glGenBuffers(1, &scene->vertices);
	glBindBuffer(GL_ARRAY_BUFFER, scene->vertices);
	glBufferData(GL_ARRAY_BUFFER, CUBE_VERTICES * VERTEX_FLOATS * sizeof(float), NULL,
		GL_DYNAMIC_DRAW);
	for (GLuint i = 0; i < 3; i++) {
		glEnableVertexAttribArray(i);
		glVertexAttribPointer(i, rows[i].size, GL_FLOAT, GL_FALSE,
			VERTEX_FLOATS * sizeof(float), (void *)(rows[i].offset * sizeof(float)));
	}
}

static void make_framebuffer(struct scene *scene) {
	GLuint buffers[2];
	glGenFramebuffers(1, &scene->framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, scene->framebuffer);
	glGenRenderbuffers(2, buffers);
	for (int i = 0; i < 2; i++) {
		glBindRenderbuffer(GL_RENDERBUFFER, buffers[i]);
		glRenderbufferStorage(
			GL_RENDERBUFFER, i == 0 ? GL_RGBA8 : GL_DEPTH_COMPONENT24, SIZE, SIZE);
		glFramebufferRenderbuffer(GL_FRAMEBUFFER,
			i == 0 ? GL_COLOR_ATTACHMENT0 : GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER,
			buffers[i]);
	}
	if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
		fail("no frame buffer");
	}
}

// Every tile changes what the one before has drawn with: what is late or early shows.
static void draw_tile(const struct scene *scene, int tile) {
	const float factor[4] = {1, 1, tile % 3 == 0 ? 0.5f : 1, tile % 4 == 3 ? 0.5f : 1};
	const GLsizei instances = tile % 5 == 4 ? 3 : 1;
	float cube[CUBE_VERTICES * VERTEX_FLOATS];
	fill_cube(cube, 0.5f + 0.02f * (float)tile);
	glBufferSubData(GL_ARRAY_BUFFER, 0, sizeof(cube), cube);
	glBufferData(GL_UNIFORM_BUFFER, sizeof(factor), factor, GL_STREAM_DRAW);
	if (tile % 2 != 0) {
		paint_texture((unsigned)tile, (tile % 4) * 8, 0, TEXTURE / 2);
	}
	glUniform1f(scene->angle, 0.3f + 0.35f * (float)tile);
	glUniform1f(scene->many, (float)instances);
	glUniform1f(scene->textured, tile % 2 != 0 ? 1 : 0);
	glViewport(tile % TILES * TILE, tile / TILES * TILE, TILE, TILE);
	if (tile % 4 == 3) {
		glEnable(GL_BLEND);
		glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
	} else {
		glDisable(GL_BLEND);
	}
	glDrawArraysInstanced(GL_TRIANGLES, 0, CUBE_VERTICES, instances);
	if (tile % 6 == 5) {
		glFinish();
	}
}

int main(int argc, char *argv[]) {
	static unsigned char pixels[SIZE * SIZE * 4];
	struct scene scene;
	FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
	if (file == NULL) {
		fail("usage: gl_picture FILE, which must be writable");
	}
	start_egl();
	printf("%s\n", (const char *)glGetString(GL_RENDERER));
	make_program(&scene);
	make_texture(&scene);
	make_vertices(&scene);
	make_framebuffer(&scene);
	glEnable(GL_DEPTH_TEST);
	glClearColor(0.1f, 0.2f, 0.3f, 1);
	glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
	for (int tile = 0; tile < TILES * TILES; tile++) {
		draw_tile(&scene, tile);
	}
	glReadPixels(0, 0, SIZE, SIZE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	if (glGetError() != GL_NO_ERROR) {
		fail("OpenGL reports an error");
	}
	if (fwrite(pixels, sizeof(pixels), 1, file) != 1 || fclose(file) != 0) {
		fail("the picture could not be written");
	}
	return 0;
}
