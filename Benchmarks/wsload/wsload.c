// WebSocket fan-out load client: opens N subscribers over D ids, publishes over HTTP, reports latency and cost.
//
//     wsload --port 8000 --path '/ws/@ID@' --publish '/publish/@ID@' --body '{"ts":@TS@}' \
//            -n 1000 -d 100 --rate 100 --seconds 10 --pid SERVER_PID
//
// In --path, --publish, --body and --header: @ID@ is the id (1..D), @TS@ the send time in ns, @TOK@ the line of
// --tokens FILE for that id, @PAD@ as many letters as --pad says.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
typedef struct {
    int fd, id, up;
    uint32_t have;
    uint8_t buf[8192];
} Conn;
static const char *host = "127.0.0.1", *path = "/ws/@ID@", *pub = "/publish/@ID@",
                  *body = "{\"ts\":@TS@,\"pad\":\"@PAD@\"}", *header = "", *tokens = 0;
static int port = 8000, N = 1000, D = 100, seconds = 10, pid = 0, pad = 300, pipeline = 64;
static double rate = 100;
static char **toks;
static int ep, up = 0, closed = 0;
static uint64_t got = 0, *lat, nlat = 0, caplat;
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void fill(char *out, size_t cap, const char *tpl, int id, uint64_t ts) {
    size_t o = 0;
    for (const char *p = tpl; *p && o + 1 < cap;) {
        if (!strncmp(p, "@ID@", 4)) {
            o += snprintf(out + o, cap - o, "%d", id);
            p += 4;
        } else if (!strncmp(p, "@TS@", 4)) {
            o += snprintf(out + o, cap - o, "%llu", (unsigned long long)ts);
            p += 4;
        } else if (!strncmp(p, "@TOK@", 5)) {
            o += snprintf(out + o, cap - o, "%s", toks ? toks[id - 1] : "");
            p += 5;
        } else if (!strncmp(p, "@PAD@", 5)) {
            for (int i = 0; i < pad && o + 1 < cap; i++) out[o++] = 'x';
            p += 5;
        } else
            out[o++] = *p++;
    }
    out[o] = 0;
}
static int dial(int k) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (N > 20000) {
        struct sockaddr_in s = {.sin_family = AF_INET};
        char ip[32];
        snprintf(ip, 32, "127.0.0.%d", 2 + k / 20000);
        inet_pton(AF_INET, ip, &s.sin_addr);
        setsockopt(fd, IPPROTO_IP, 24, &one, sizeof one);
        bind(fd, (void *)&s, sizeof s);
    }
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &a.sin_addr);
    if (connect(fd, (void *)&a, sizeof a)) {
        perror("connect");
        exit(1);
    }
    return fd;
}
static void rx(Conn *c) {
    for (;;) {
        ssize_t n = read(c->fd, c->buf + c->have, sizeof c->buf - c->have);
        if (n <= 0) {
            if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0);
                close(c->fd);
                closed++;
            }
            return;
        }
        uint64_t t = now();
        c->have += n;
        uint8_t *p = c->buf, *e = c->buf + c->have;
        if (!c->up) {
            uint8_t *h = memmem(p, e - p, "\r\n\r\n", 4);
            if (!h) continue;
            if (memcmp(p, "HTTP/1.1 101", 12)) {
                fprintf(stderr, "%.200s\n", p);
                exit(1);
            }
            c->up = 1;
            up++;
            p = h + 4;
        }
        while (e - p >= 2) {
            uint64_t len = p[1] & 127;
            int hd = 2;
            if (len == 126) {
                if (e - p < 4) break;
                len = p[2] << 8 | p[3];
                hd = 4;
            } else if (len == 127) {
                fprintf(stderr, "huge frame\n");
                exit(1);
            }
            if ((uint64_t)(e - p) < hd + len) break;
            int op = p[0] & 15;
            uint8_t *d = p + hd;
            if (op == 8) {
                closed++;
            }
            if (op == 9) {
                uint8_t f[140] = {0x8a, 0x80 | (len > 125 ? 125 : len), 0, 0, 0, 0};
                memcpy(f + 6, d, len);
                if (write(c->fd, f, 6 + len) < 0) {
                }
            }
            if (op == 1 || op == 2) {
                uint8_t *q = memmem(d, len, "\"ts\":", 5);
                if (q) {
                    uint64_t ts = 0;
                    for (q += 5; q < d + len && (*q == ' ' || *q == '"'); q++);
                    for (; q < d + len && *q >= '0' && *q <= '9'; q++) ts = ts * 10 + *q - '0';
                    got++;
                    if (nlat < caplat && t > ts) lat[nlat++] = t - ts;
                }
            }
            p += hd + len;
        }
        c->have = e - p;
        memmove(c->buf, p, c->have);
    }
}
static void spin(uint64_t until) {
    struct epoll_event ev[512];
    for (;;) {
        int64_t left = (int64_t)(until - now());
        int n = epoll_wait(ep, ev, 512, left > 2000000 ? (int)(left / 1000000) : 0);
        for (int i = 0; i < n; i++) rx(ev[i].data.ptr);
        if (now() >= until) return;
    }
}
static long rss(void) {
    char b[64];
    snprintf(b, 64, "/proc/%d/status", pid);
    FILE *f = fopen(b, "r");
    if (!f) return 0;
    char l[256];
    long r = 0;
    while (fgets(l, 256, f))
        if (sscanf(l, "VmRSS: %ld", &r) == 1) break;
    fclose(f);
    return r;
}
static double cpu(void) {
    char b[64];
    snprintf(b, 64, "/proc/%d/stat", pid);
    FILE *f = fopen(b, "r");
    if (!f) return 0;
    char l[1024];
    if (!fgets(l, 1024, f)) l[0] = 0;
    fclose(f);
    char *p = strrchr(l, ')');
    if (!p) return 0;
    unsigned long ut = 0, st = 0;
    sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
    return (ut + st) / (double)sysconf(_SC_CLK_TCK);
}
static long tcpmem(void) {
    FILE *f = fopen("/proc/net/sockstat", "r");
    char l[256];
    long m = 0;
    while (f && fgets(l, 256, f)) {
        char *p = strstr(l, "TCP:");
        if (p && (p = strstr(l, "mem "))) m = atol(p + 4);
    }
    if (f) fclose(f);
    return m * 4;
}
static int cmp(const void *a, const void *b) {
    uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b;
    return x < y ? -1 : x > y;
}
int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        char *k = argv[i], *v = argv[i + 1];
        if (!strcmp(k, "--port"))
            port = atoi(v);
        else if (!strcmp(k, "--path"))
            path = v;
        else if (!strcmp(k, "--publish"))
            pub = v;
        else if (!strcmp(k, "--body"))
            body = v;
        else if (!strcmp(k, "--header"))
            header = v;
        else if (!strcmp(k, "--tokens"))
            tokens = v;
        else if (!strcmp(k, "-n"))
            N = atoi(v);
        else if (!strcmp(k, "-d"))
            D = atoi(v);
        else if (!strcmp(k, "--rate"))
            rate = atof(v);
        else if (!strcmp(k, "--seconds"))
            seconds = atoi(v);
        else if (!strcmp(k, "--pid"))
            pid = atoi(v);
        else if (!strcmp(k, "--pad"))
            pad = atoi(v);
        else {
            fprintf(stderr, "unknown %s\n", k);
            return 2;
        }
    }
    struct rlimit rl = {1000000, 1000000};
    setrlimit(RLIMIT_NOFILE, &rl);
    if (tokens) {
        toks = calloc(D, sizeof *toks);
        FILE *f = fopen(tokens, "r");
        size_t cap = 0;
        for (int i = 0; i < D; i++) {
            char *l = 0;
            cap = 0;
            if (!f || getline(&l, &cap, f) < 0) {
                fprintf(stderr, "too few tokens\n");
                return 2;
            }
            l[strcspn(l, "\r\n")] = 0;
            toks[i] = l;
        }
    }
    ep = epoll_create1(0);
    Conn *cs = calloc(N, sizeof *cs);
    caplat = 20000000;
    lat = malloc(caplat * 8);
    long rss0 = rss(), tm0 = tcpmem();
    uint64_t t0 = now();
    int inflight = 0;
    (void)inflight;
    for (int i = 0; i < N; i++) {
        Conn *c = &cs[i];
        c->id = i % D + 1;
        c->fd = dial(i);
        char p[4096], hd[4096], r[9000];
        fill(p, sizeof p, path, c->id, 0);
        fill(hd, sizeof hd, header, c->id, 0);
        int n =
            snprintf(r, sizeof r,
                     "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: "
                     "Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                     p, host, port, hd);
        if (write(c->fd, r, n) != n) {
            perror("write");
            return 1;
        }
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
        while (i + 1 - up > pipeline) spin(now() + 200000);
    }
    uint64_t limit = now() + 30000000000ull;
    while (up < N && now() < limit) spin(now() + 1000000);
    double dt = (now() - t0) / 1e9;
    spin(now() + 1500000000ull);
    long rss1 = rss(), tm1 = tcpmem();
    printf("connected %d of %d in %.2f s (%.0f/s); server rss %.1f MB, %.2f KiB per connection; kernel tcp %.2f KiB "
           "per connection pair\n",
           up, N, dt, up / dt, rss1 / 1024.0, (rss1 - rss0) / (double)N, (tm1 - tm0) / (double)N);
    fflush(stdout);
    if (rate <= 0) return 0;
    int pf = dial(0);
    fcntl(pf, F_SETFL, O_NONBLOCK);
    uint64_t start = now(), sent = 0, expect = 0;
    double c0 = cpu();
    char rb[65536];
    got = 0;
    nlat = 0;
    while (now() - start < seconds * 1000000000ull) {
        uint64_t due = start + (uint64_t)(sent * 1e9 / rate);
        if (now() < due) spin(due);
        int id = sent % D + 1;
        static char b[60000], p[4096], hd[4096], r[70000];
        fill(b, sizeof b, body, id, now());
        fill(p, sizeof p, pub, id, 0);
        fill(hd, sizeof hd, header, id, 0);
        int n = snprintf(
            r, sizeof r,
            "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", p,
            host, port, hd, strlen(b), b);
        for (int o = 0; o < n;) {
            ssize_t w = write(pf, r + o, n - o);
            if (w > 0)
                o += w;
            else if (errno == EAGAIN)
                spin(now() + 50000);
            else {
                perror("publish");
                return 1;
            }
        }
        sent++;
        expect += N / D + (id <= N % D);
        for (uint64_t w = now() + 2000000000ull; now() < w;) {
            ssize_t z = read(pf, rb, sizeof rb - 1);
            if (z > 0) {
                rb[z] = 0;
                if (z > 12 && !memcmp(rb, "HTTP/1.1 ", 9) && rb[9] != '2') {
                    fprintf(stderr, "publish answered: %.300s\n", rb);
                    return 1;
                }
                spin(now());
                while (read(pf, rb, sizeof rb - 1) > 0) {
                }
                break;
            }
            if (z == 0) {
                fprintf(stderr, "publisher connection closed\n");
                return 1;
            }
            spin(now() + 20000);
        }
    }
    double send_s = (now() - start) / 1e9;
    uint64_t quiet = now() + 5000000000ull, last = got;
    while (got < expect && now() < quiet) {
        spin(now() + 2000000);
        if (got != last) {
            last = got;
            quiet = now() + 2000000000ull;
        }
    }
    double total = (now() - start) / 1e9, used = cpu() - c0;
    qsort(lat, nlat, 8, cmp);
    printf("published %llu in %.1f s; delivered %llu of %llu (%.0f/s) in %.1f s; latency ms p50 %.2f p99 %.2f max "
           "%.2f; server cpu %.2f s = %.2f s per million delivered; closed %d\n",
           (unsigned long long)sent, send_s, (unsigned long long)got, (unsigned long long)expect, got / total, total,
           nlat ? lat[nlat / 2] / 1e6 : 0, nlat ? lat[(uint64_t)(nlat * .99)] / 1e6 : 0, nlat ? lat[nlat - 1] / 1e6 : 0,
           used, got ? used * 1e6 / got : 0, closed);
    return 0;
}
