/* What the benchmarks need to be written in C for: the plain loop beside ours, and two ways to drive either.

   packets forward PORT                    receive and send on, two system calls a packet
   packets flood OUT IN PORT SECONDS SIZE  as many as come through; prints how many arrived
   packets pace RATE SECONDS SIZE FD:PORT… each socket sends RATE a second; prints sent, arrived, delays

   Everything is on loopback; sockets come from the caller. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { BURST = 32, MOST = 2048 };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to;
}

static int64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Before the neighbours' work, where that is allowed: what is measured is a program, not who else is busy. */
static void go_first(void) {
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_RR, &first);
}

/* The limit without batching: two system calls a packet and nothing else. */
static int forward(int destination) {
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = loopback(0), from, to = loopback(destination);
    socklen_t size = sizeof here;
    char data[MOST];
    int buffer = 4 << 20;
    setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(udp, (struct sockaddr *)&here, sizeof here) || getsockname(udp, (struct sockaddr *)&here, &size))
        return 1;
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        size = sizeof from;
        ssize_t length = recvfrom(udp, data, sizeof data, 0, (struct sockaddr *)&from, &size);
        if (length > 0)
            sendto(udp, data, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
    }
}

/* Keep a window of datagrams in flight from one socket to the other. */
static int flood(int out, int in, int port, double seconds, int length) {
    static char data[MOST], landing[BURST][MOST];
    struct sockaddr_in to = loopback(port);
    struct iovec leaving = {data, length}, arriving[BURST];
    struct mmsghdr sends[BURST], receives[BURST];
    struct timeval patience = {.tv_usec = 20000};
    int64_t end = nanoseconds(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
    long arrived = 0, flying = 0;
    memset(sends, 0, sizeof sends);
    memset(receives, 0, sizeof receives);
    data[0] = (char)128;
    for (int i = 0; i < BURST; i++) {
        sends[i].msg_hdr = (struct msghdr){
            .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &leaving, .msg_iovlen = 1};
        arriving[i] = (struct iovec){landing[i], MOST};
        receives[i].msg_hdr = (struct msghdr){.msg_iov = &arriving[i], .msg_iovlen = 1};
    }
    setsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    do {
        while (flying < 4 * BURST) {
            int sent = sendmmsg(out, sends, BURST, 0);
            if (sent <= 0)
                return 1;
            flying += sent;
        }
        int count = recvmmsg(in, receives, BURST, MSG_WAITFORONE, NULL);
        arrived += count > 0 ? count : 0;
        flying = count > 0 ? flying - count : 0;
    } while (nanoseconds(CLOCK_MONOTONIC) < end);
    printf("%ld\n", arrived);
    return 0;
}

/* Pacing: one thread sends by the clock, the other takes in; the kernel notes when a datagram arrived, so that
   neither thread's own lateness is counted as delay. */

struct source { int fd, port; double phase; };

static struct source *sources;
static int source_count;
static uint32_t *delays;
static long arrived, room;
static volatile int over;

static void take(int fd) {
    char data[MOST], notes[64];
    for (;;) {
        struct iovec landing = {data, sizeof data};
        struct msghdr message = {
            .msg_iov = &landing, .msg_iovlen = 1, .msg_control = notes, .msg_controllen = sizeof notes};
        if (recvmsg(fd, &message, MSG_DONTWAIT) < 16)
            return;
        struct cmsghdr *note = CMSG_FIRSTHDR(&message);
        struct timespec then;
        int64_t left;
        if (!note || note->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&then, CMSG_DATA(note), sizeof then);
        memcpy(&left, data + 8, sizeof left);
        if (arrived < room)
            delays[arrived++] = (uint32_t)(then.tv_sec * 1000000000LL + then.tv_nsec - left);
    }
}

static void *receive(void *nothing) {
    struct epoll_event ready[64];
    int all = epoll_create1(0);
    for (int i = 0; i < source_count; i++) {
        struct epoll_event wanted = {.events = EPOLLIN, .data.fd = sources[i].fd};
        epoll_ctl(all, EPOLL_CTL_ADD, sources[i].fd, &wanted);
    }
    for (;;) {
        int count = epoll_wait(all, ready, 64, 100);
        if (count <= 0 && over)
            return nothing;
        for (int i = 0; i < count; i++)
            take(ready[i].data.fd);
    }
}

static int earlier(const void *one, const void *other) {
    double difference = ((const struct source *)one)->phase - ((const struct source *)other)->phase;
    return (difference > 0) - (difference < 0);
}

static int shorter(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

static long send_all(double rate, double seconds, int length) {
    char data[MOST] = {(char)128};
    int64_t start = nanoseconds(CLOCK_MONOTONIC), period = (int64_t)(1e9 / rate);
    long sent = 0;
    for (long round = 0; round < (long)(rate * seconds); round++)
        for (int i = 0; i < source_count; i++) {
            if (!sources[i].port)
                continue;
            int64_t due = start + round * period + (int64_t)(sources[i].phase * period);
            int64_t early = due - nanoseconds(CLOCK_MONOTONIC);
            if (early > 20000) {
                struct timespec until = {due / 1000000000LL, due % 1000000000LL};
                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
            }
            struct sockaddr_in to = loopback(sources[i].port);
            int64_t now = nanoseconds(CLOCK_REALTIME);
            memcpy(data + 8, &now, sizeof now);
            sent += sendto(sources[i].fd, data, length, 0, (struct sockaddr *)&to, sizeof to) == length;
        }
    return sent;
}

static int pace(double rate, double seconds, int length, int count, char **words) {
    pthread_t receiver;
    sources = calloc(count, sizeof *sources);
    source_count = count;
    srand(1);
    for (int i = 0; i < count; i++) {
        int on = 1;
        sscanf(words[i], "%d:%d", &sources[i].fd, &sources[i].port);
        sources[i].phase = rand() / (RAND_MAX + 1.0);
        setsockopt(sources[i].fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    }
    qsort(sources, count, sizeof *sources, earlier);
    room = (long)(rate * seconds + 1) * count;
    delays = calloc(room, sizeof *delays);
    go_first();
    prctl(PR_SET_TIMERSLACK, 1);
    pthread_create(&receiver, NULL, receive, NULL);
    int64_t start = nanoseconds(CLOCK_MONOTONIC);
    long sent = send_all(rate, seconds, length);
    double took = (nanoseconds(CLOCK_MONOTONIC) - start) / 1e9;
    over = 1;
    pthread_join(receiver, NULL);
    if (!arrived)
        return 1;
    qsort(delays, arrived, sizeof *delays, shorter);
    printf("%ld %ld %f %f %f\n", sent, arrived, took, delays[arrived / 2] / 1e3, delays[arrived * 99 / 100] / 1e3);
    return 0;
}

int main(int count, char **words) {
    if (count == 3)
        return forward(atoi(words[2]));
    if (!strcmp(words[1], "flood"))
        return flood(atoi(words[2]), atoi(words[3]), atoi(words[4]), atof(words[5]), atoi(words[6]));
    return pace(atof(words[2]), atof(words[3]), atoi(words[4]), count - 5, words + 5);
}
