/* Preloaded into processes of tests: writes down every address they connect or send to, and every name they look up,
 * one line each, "<pid> <address>". Below Python, so that native libraries do not escape. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void record(const char *address) {
    const char *path = getenv("CONNECTIONS_FILE");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (file < 0) return;
    char line[320];
    int length = snprintf(line, sizeof line, "%d %.255s\n", getpid(), address);
    if (write(file, line, length) != length) abort();
    close(file);
}

static void record_address(const struct sockaddr *address) {
    char text[INET6_ADDRSTRLEN];
    if (address && address->sa_family == AF_INET)
        record(inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text));
    else if (address && address->sa_family == AF_INET6)
        record(inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text));
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    record_address(address);
    return REAL(connect)(socket, address, length);
}

ssize_t sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    record_address(to);
    return REAL(sendto)(socket, data, size, flags, to, length);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    record_address(message->msg_name);
    return REAL(sendmsg)(socket, message, flags);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    if (name) record(name);
    return REAL(getaddrinfo)(name, service, hints, found);
}

struct hostent *gethostbyname(const char *name) {
    record(name);
    return REAL(gethostbyname)(name);
}
