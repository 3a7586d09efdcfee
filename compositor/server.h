#ifndef SERVER_H
#define SERVER_H

struct server;

#endif
