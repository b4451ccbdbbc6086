/*
 * The image's one command, since it has no shell: /opt/java/bin/java with the options of the image.
 *
 *   plumbline [-J<option of the JVM>]... <command> ...
 *
 * Becomes the JVM, so that signals and the exit status are its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME "/opt/plumbline/"

int main(int argc, char **argv) {
    static char java[] = "/opt/java/bin/java";
    static char options[] = "@" HOME "jvm.options";
    static char jar_option[] = "-jar";
    static char jar[] = HOME "plumbline-agent.jar";

    char **command = calloc((size_t) argc + 5, sizeof *command);
    if (command == NULL) {
        fprintf(stderr, "plumbline: %s\n", strerror(errno));
        return 2;
    }
    int words = 0;
    command[words++] = java;
    command[words++] = options;
    int next = 1;
    for (; next < argc && strncmp(argv[next], "-J", 2) == 0; next++) {
        command[words++] = argv[next] + 2;
    }
    command[words++] = jar_option;
    command[words++] = jar;
    while (next < argc) {
        command[words++] = argv[next++];
    }
    execv(java, command);
    fprintf(stderr, "plumbline: %s: %s\n", java, strerror(errno));
    return 2;
}
