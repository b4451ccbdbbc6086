/* Captured trees: a proc root of plain files, made for one test. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>
#include <stdint.h>

/* An empty directory. Ends the program if it cannot be made, as all of these do. */
char *tree_new(void);
void tree_remove(char *root);

void tree_directory(const char *root, const char *path);
void tree_bytes(const char *root, const char *path, const void *bytes, size_t length);
void tree_text(const char *root, const char *path, const char *text);
void tree_link(const char *root, const char *path, const char *target);

/* A whole process: every file that a scan reads, of a shell in a container. */
void tree_process(const char *root, int32_t pid, const char *comm, uint64_t start_time);

#endif
