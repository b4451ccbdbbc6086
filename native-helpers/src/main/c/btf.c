#include "btf.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* linux/btf.h, whose older versions lack the newer kinds. */
#define MAGIC 0xeb9fu
#define VERSION 1u
enum {
    KIND_INT = 1,
    KIND_PTR = 2,
    KIND_ARRAY = 3,
    KIND_STRUCT = 4,
    KIND_UNION = 5,
    KIND_ENUM = 6,
    KIND_FWD = 7,
    KIND_TYPEDEF = 8,
    KIND_VOLATILE = 9,
    KIND_CONST = 10,
    KIND_RESTRICT = 11,
    KIND_FUNC = 12,
    KIND_FUNC_PROTO = 13,
    KIND_VAR = 14,
    KIND_DATASEC = 15,
    KIND_FLOAT = 16,
    KIND_DECL_TAG = 17,
    KIND_TYPE_TAG = 18,
    KIND_ENUM64 = 19,
};

/* No structure of a kernel is nested deeper, and no type has more qualifiers. */
#define DEEPEST 16
/* Members that are looked at for one field. task_struct has some 300. */
#define MOST_STEPS 100000u

struct header {
    uint16_t magic;
    uint8_t version;
    uint8_t flags;
    uint32_t header_length;
    uint32_t types_offset; /* both from the header's end */
    uint32_t types_length;
    uint32_t names_offset;
    uint32_t names_length;
};

/* Every type starts so. */
struct type {
    uint32_t name;
    uint32_t info;
    uint32_t size_or_type;
};

struct member {
    uint32_t name;
    uint32_t type;
    uint32_t offset; /* bits; with the structure's flag: size of the bit field in the upper 8 */
};

static uint32_t kind_of(const struct type *type)
{
    return type->info >> 24 & 0x1f;
}

static uint32_t members_of(const struct type *type)
{
    return type->info & 0xffff;
}

static bool has_bit_fields(const struct type *type)
{
    return type->info >> 31 != 0;
}

/* Bytes of a type after its start, or -ENOTSUP. */
static int64_t rest_of(const struct type *type)
{
    uint32_t count = members_of(type);
    if ((type->info & 0x60ff0000) != 0) {
        return -ENOTSUP; /* nobody has said yet what these bits mean */
    }
    switch (kind_of(type)) {
    case KIND_INT:
    case KIND_VAR:
    case KIND_DECL_TAG: return 4;
    case KIND_ARRAY: return 12;
    case KIND_STRUCT:
    case KIND_UNION:
    case KIND_DATASEC:
    case KIND_ENUM64: return 12 * (int64_t)count;
    case KIND_ENUM:
    case KIND_FUNC_PROTO: return 8 * (int64_t)count;
    case KIND_PTR:
    case KIND_FWD:
    case KIND_TYPEDEF:
    case KIND_VOLATILE:
    case KIND_CONST:
    case KIND_RESTRICT:
    case KIND_FUNC:
    case KIND_FLOAT:
    case KIND_TYPE_TAG: return 0;
    default: return -ENOTSUP;
    }
}

/* Notes where each type starts. */
static int index_types(struct btf *btf, size_t start, size_t end)
{
    size_t room = (end - start) / sizeof(struct type) + 1;
    btf->types = malloc(room * sizeof *btf->types);
    if (btf->types == NULL) {
        return -ENOMEM;
    }
    btf->types[0] = 0;
    btf->count = 1;
    while (start < end) {
        struct type type;
        if (end - start < sizeof type) {
            return -EBADMSG;
        }
        memcpy(&type, btf->bytes + start, sizeof type);
        int64_t rest = rest_of(&type);
        if (rest < 0) {
            return (int)rest;
        }
        if (end - start - sizeof type < (size_t)rest) {
            return -EBADMSG;
        }
        btf->types[btf->count++] = (uint32_t)start;
        start += sizeof type + (size_t)rest;
    }
    return 0;
}

int btf_parse(struct btf *btf, const void *bytes, size_t length)
{
    struct header header;
    *btf = (struct btf){.bytes = bytes, .length = length};
    if (length < sizeof header || length > INT_MAX) {
        return -EBADMSG;
    }
    memcpy(&header, bytes, sizeof header);
    if (header.magic != MAGIC || header.header_length < sizeof header || header.header_length > length) {
        return -EBADMSG;
    }
    if (header.version != VERSION) {
        return -ENOTSUP;
    }
    size_t room = length - header.header_length;
    if (header.types_offset > room || header.types_length > room - header.types_offset || header.names_offset > room
            || header.names_length > room - header.names_offset || header.names_length == 0) {
        return -EBADMSG;
    }
    btf->names = btf->bytes + header.header_length + header.names_offset;
    btf->names_length = header.names_length;
    if (btf->names[btf->names_length - 1] != '\0') {
        return -EBADMSG;
    }
    size_t start = (size_t)header.header_length + header.types_offset;
    int error = index_types(btf, start, start + header.types_length);
    if (error < 0) {
        btf_free(btf);
    }
    return error;
}

void btf_free(struct btf *btf)
{
    free(btf->types);
    *btf = (struct btf){0};
}

/* Void and what is not there are no types. */
static bool type_at(const struct btf *btf, uint32_t id, struct type *ret)
{
    if (id == 0 || id >= btf->count) {
        return false;
    }
    memcpy(ret, btf->bytes + btf->types[id], sizeof *ret);
    return true;
}

/* Index: less than members_of of a structure or union. */
static struct member member_at(const struct btf *btf, uint32_t id, uint32_t index)
{
    struct member member;
    memcpy(&member, btf->bytes + btf->types[id] + sizeof(struct type) + index * sizeof member, sizeof member);
    return member;
}

/* A name that is not there is as none. */
static const char *name_at(const struct btf *btf, uint32_t offset)
{
    return offset < btf->names_length ? btf->names + offset : "";
}

int64_t btf_find(const struct btf *btf, uint32_t kind, const char *name)
{
    for (uint32_t id = 1; id < btf->count; id++) {
        struct type type;
        if (type_at(btf, id, &type) && kind_of(&type) == kind && strcmp(name_at(btf, type.name), name) == 0) {
            return id;
        }
    }
    return -ENOENT;
}

/* Follows typedef, const and the like. Returns an id, or -EBADMSG. */
static int64_t plain_type(const struct btf *btf, uint32_t id)
{
    for (int steps = 0; steps < DEEPEST; steps++) {
        struct type type;
        if (!type_at(btf, id, &type)) {
            return id == 0 ? 0 : -EBADMSG;
        }
        switch (kind_of(&type)) {
        case KIND_TYPEDEF:
        case KIND_VOLATILE:
        case KIND_CONST:
        case KIND_RESTRICT:
        case KIND_TYPE_TAG: id = type.size_or_type; break;
        default: return id;
        }
    }
    return -EBADMSG;
}

int64_t btf_pointee(const struct btf *btf, uint32_t id)
{
    struct type type;
    int64_t plain = plain_type(btf, id);
    if (plain < 0) {
        return plain;
    }
    if (!type_at(btf, (uint32_t)plain, &type) || kind_of(&type) != KIND_PTR) {
        return -ENOENT;
    }
    return plain_type(btf, type.size_or_type);
}

/* Of a type without typedef and the like: 0 for what has none, or more than anybody asks for. */
static uint32_t size_of(const struct btf *btf, uint32_t id)
{
    struct type type;
    if (!type_at(btf, id, &type)) {
        return 0;
    }
    switch (kind_of(&type)) {
    case KIND_PTR: return 8;
    case KIND_INT:
    case KIND_ENUM:
    case KIND_ENUM64:
    case KIND_STRUCT:
    case KIND_UNION:
    case KIND_FLOAT: return type.size_or_type;
    case KIND_ARRAY: {
        struct {
            uint32_t type, index_type, count;
        } array;
        memcpy(&array, btf->bytes + btf->types[id] + sizeof type, sizeof array);
        int64_t element = plain_type(btf, array.type);
        struct type inner;
        bool flat = element > 0 && type_at(btf, (uint32_t)element, &inner) && kind_of(&inner) != KIND_ARRAY;
        uint64_t size = flat ? (uint64_t)array.count * size_of(btf, (uint32_t)element) : 0;
        return size <= UINT32_MAX ? (uint32_t)size : 0;
    }
    default: return 0;
    }
}

static bool is_named(const struct btf *btf, uint32_t name, const char *wanted, size_t length)
{
    const char *found = name_at(btf, name);
    return strlen(found) == length && memcmp(found, wanted, length) == 0;
}

/* One name of a path. *steps is what may still be looked at. */
static int find_member(const struct btf *btf, uint32_t structure, const char *name, size_t length, int depth,
        uint32_t *steps, struct btf_field *ret)
{
    struct type type;
    int64_t plain = plain_type(btf, structure);
    if (plain < 0 || depth > DEEPEST) {
        return -EBADMSG;
    }
    uint32_t id = (uint32_t)plain;
    if (!type_at(btf, id, &type) || (kind_of(&type) != KIND_STRUCT && kind_of(&type) != KIND_UNION)) {
        return -ENOENT;
    }
    for (uint32_t i = 0; i < members_of(&type); i++) {
        struct member member = member_at(btf, id, i);
        uint32_t bits = has_bit_fields(&type) ? member.offset & 0xffffff : member.offset;
        bool bit_field = (has_bit_fields(&type) && member.offset >> 24 != 0) || bits % 8 != 0;
        if ((*steps)-- == 0) {
            *steps = 0;
            return -EBADMSG;
        }
        if (name_at(btf, member.name)[0] == '\0') {
            int error = bit_field ? -ENOENT : find_member(btf, member.type, name, length, depth + 1, steps, ret);
            if (error == 0) {
                return __builtin_add_overflow(ret->offset, bits / 8, &ret->offset) ? -EBADMSG : 0;
            }
            if (error != -ENOENT) {
                return error;
            }
        } else if (is_named(btf, member.name, name, length)) {
            int64_t found = plain_type(btf, member.type);
            if (found < 0 || bit_field) {
                return found < 0 ? (int)found : -ENOTSUP;
            }
            *ret = (struct btf_field){bits / 8, (uint32_t)found, size_of(btf, (uint32_t)found)};
            return 0;
        }
    }
    return -ENOENT;
}

int btf_field(const struct btf *btf, uint32_t structure, const char *path, size_t length, struct btf_field *ret)
{
    uint32_t offset = 0;
    uint32_t steps = MOST_STEPS;
    for (;;) {
        const char *dot = memchr(path, '.', length);
        size_t name = dot != NULL ? (size_t)(dot - path) : length;
        int error = find_member(btf, structure, path, name, 0, &steps, ret);
        if (error < 0) {
            return error;
        }
        if (__builtin_add_overflow(offset, ret->offset, &offset)) {
            return -EBADMSG;
        }
        if (dot == NULL) {
            ret->offset = offset;
            return 0;
        }
        structure = ret->type;
        path = dot + 1;
        length -= name + 1;
    }
}
