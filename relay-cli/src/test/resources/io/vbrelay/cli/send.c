/*
 * The least that a fan-out can cost: one thread, and one send() to each viewer for each packet. FanoutBenchmark compiles
 * it and runs it beside the relay.
 *
 *     cc -O2 -o send send.c && ./send PACKET_BYTES PACKETS_A_SECOND
 *
 * Prints the port of 127.0.0.1 on which it listens. Whoever connects and says something gets an endless FLV whose pictures
 * all are key frames, so that a load program checks it as it checks the relay's. A viewer whose socket is full gets the
 * rest of its packet when the next one is due, and misses that one. Runs until it is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TAG_HEADER = 11, TAG_SIZE = 4, BACKLOG = 4096, EVENTS = 256 };

struct viewer {
    size_t index, unsent;
    int fd, asked;
};

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n"
                             "FLV\1\1\0\0\0\11\0\0\0"; /* With the literal's own zero: the size of no tag before. */
static struct viewer **viewers;
static size_t count, room;

static void must(int done, const char *what) {
    if (!done) {
        perror(what);
        exit(1);
    }
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void big_endian(unsigned char *to, uint32_t value, int bytes) {
    while (bytes-- > 0) {
        to[bytes] = value;
        value >>= 8;
    }
}

static void leave(struct viewer *v) {
    close(v->fd);
    viewers[v->index] = viewers[--count];
    viewers[v->index]->index = v->index;
    free(v);
}

static void join(int epoll, int listener) {
    for (int fd, one = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        if (count == room) {
            must((viewers = realloc(viewers, (room += 1024) * sizeof *viewers)) != NULL, "realloc");
        }
        struct viewer *v = calloc(1, sizeof *v);
        must(v != NULL, "calloc");
        v->fd = fd;
        v->index = count;
        viewers[count++] = v;
        must(!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "TCP_NODELAY");
        must(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = v}}), "epoll_ctl");
    }
}

static void hear(struct viewer *v) {
    char request[4096];
    ssize_t got = recv(v->fd, request, sizeof request, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(v);
    } else if (got > 0 && !v->asked) {
        v->asked = send(v->fd, answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer;
    }
}

/* Backwards, since a viewer who has gone is replaced by the last. */
static void send_all(const unsigned char *packet, size_t bytes) {
    for (size_t i = count; i-- > 0;) {
        struct viewer *v = viewers[i];
        if (!v->asked) {
            continue;
        }
        size_t left = v->unsent > 0 ? v->unsent : bytes;
        ssize_t sent = send(v->fd, packet + bytes - left, left, MSG_NOSIGNAL);
        if (sent >= 0) {
            v->unsent = left - sent;
        } else if (errno != EAGAIN) {
            leave(v);
        }
    }
}

int main(int argc, char **argv) {
    size_t bytes = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    double period_us = argc == 3 ? 1e6 / strtod(argv[2], NULL) : 0;
    if (bytes < 64 || bytes > 1 << 24 || !(period_us >= 1000 && period_us <= 1e7)) {
        fputs("usage: send PACKET_BYTES PACKETS_A_SECOND\n", stderr);
        return 2;
    }
    unsigned char *packet = calloc(1, bytes);
    must(packet != NULL, "calloc");
    packet[0] = 9; /* Video. */
    big_endian(packet + 1, bytes - TAG_HEADER - TAG_SIZE, 3);
    packet[TAG_HEADER] = 0x17; /* A key frame of H.264, */
    packet[TAG_HEADER + 1] = 1; /* with pictures in it. */
    big_endian(packet + bytes - TAG_SIZE, bytes - TAG_SIZE, TAG_SIZE);

    struct rlimit files;
    must(!getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
    files.rlim_cur = files.rlim_max;
    must(!setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    must(listener >= 0 && !bind(listener, (struct sockaddr *)&address, length) && !listen(listener, BACKLOG), "listen");
    must(!getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    int epoll = epoll_create1(0);
    must(epoll >= 0, "epoll_create1");
    must(!epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){EPOLLIN, {.ptr = NULL}}), "epoll_ctl");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int64_t begin_us = now_us();
    for (uint64_t n = 1;;) {
        int64_t due_us = begin_us + (int64_t)(n * period_us), left_us = due_us - now_us();
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == NULL) {
                join(epoll, listener);
            } else {
                hear(events[i].data.ptr);
            }
        }
        if (now_us() >= due_us) {
            uint32_t ms = (uint32_t)(n++ * period_us / 1000);
            big_endian(packet + 4, ms & 0xffffff, 3);
            packet[7] = ms >> 24;
            send_all(packet, bytes);
        }
    }
}
