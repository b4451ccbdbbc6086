/*
 * BTF, the kernel's description of its own types (Documentation/bpf/btf.rst), as far as a field's place is concerned.
 *
 * The bytes are input like any other: every offset, length, type and name in them is checked where it is used, and what
 * refers to itself ends after a limited number of steps.
 */
#ifndef BTF_H
#define BTF_H

#include <stddef.h>
#include <stdint.h>

/* The kinds that somebody looks for by name. */
#define BTF_STRUCT 4u
#define BTF_TYPEDEF 8u
#define BTF_FUNC 12u

/* All zero is an empty one. */
struct btf {
    const char *bytes;
    size_t length;
    uint32_t *types; /* by type id: where in bytes it starts; [0] is void and nowhere */
    uint32_t count;  /* ids, with void */
    const char *names;
    uint32_t names_length; /* of which the last is a NUL */
};

/* A field. */
struct btf_field {
    uint32_t offset; /* bytes from the start of the structure that the path began with */
    uint32_t type;   /* id, without typedef, const and the like */
    uint32_t size;   /* bytes; of a flexible array 0 */
};

/*
 * Takes bytes, which must stay. Returns 0, -EBADMSG if they are not in the form of BTF, -ENOTSUP if they hold what this
 * library does not know, -ENOMEM.
 */
int btf_parse(struct btf *btf, const void *bytes, size_t length);

/* Frees what btf_parse made. */
void btf_free(struct btf *btf);

/* The id of the first type of a kind and name, or -ENOENT. */
int64_t btf_find(const struct btf *btf, uint32_t kind, const char *name);

/*
 * A field of a structure, in nested ones too: "fs.root.mnt" of path names with dots, length bytes of it. Members of
 * unnamed structures and unions are found as C finds them. Returns 0, -ENOENT if there is no such field, -ENOTSUP if it
 * is a bit field, or -EBADMSG.
 */
int btf_field(const struct btf *btf, uint32_t structure, const char *path, size_t length, struct btf_field *ret);

/* The id of what a pointer points to, without typedef, const and the like. -ENOENT if type is no pointer, -EBADMSG. */
int64_t btf_pointee(const struct btf *btf, uint32_t type);

#endif
