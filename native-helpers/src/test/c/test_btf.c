/* BTF: a small one made here, whose every field is known, and thousands that are broken. */
#define _GNU_SOURCE
#include "btf.h"
#include "check.h"
#include "mutate.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, FUNC = 12, FUNC_PROTO, VAR };

/* BTF under construction. */
struct maker {
    uint32_t types[4096];
    size_t words;
    char names[4096];
    size_t names_length;
    uint32_t count;
};

static uint32_t name(struct maker *maker, const char *text)
{
    size_t at = maker->names_length;
    if (text == NULL) {
        return 0;
    }
    memcpy(maker->names + at, text, strlen(text) + 1);
    maker->names_length += strlen(text) + 1;
    return (uint32_t)at;
}

/* Returns its id. */
static uint32_t type(struct maker *maker, const char *text, uint32_t info, uint32_t size_or_type)
{
    uint32_t words[] = {name(maker, text), info, size_or_type};
    memcpy(maker->types + maker->words, words, sizeof words);
    maker->words += 3;
    return ++maker->count;
}

static uint32_t kind(uint32_t number, uint32_t members)
{
    return number << 24 | members;
}

static void more(struct maker *maker, uint32_t word)
{
    maker->types[maker->words++] = word;
}

static void member(struct maker *maker, const char *text, uint32_t id, uint32_t bits)
{
    more(maker, name(maker, text));
    more(maker, id);
    more(maker, bits);
}

static char *finish(const struct maker *maker, size_t *ret_length)
{
    uint32_t header[] = {0x0001eb9f, 24, 0, (uint32_t)(4 * maker->words), (uint32_t)(4 * maker->words),
            (uint32_t)maker->names_length};
    *ret_length = sizeof header + 4 * maker->words + maker->names_length;
    char *bytes = malloc(*ret_length);
    memcpy(bytes, header, sizeof header);
    memcpy(bytes + sizeof header, maker->types, 4 * maker->words);
    memcpy(bytes + sizeof header + 4 * maker->words, maker->names, maker->names_length);
    return bytes;
}

/*
 * typedef int number; struct inner { number first; union { number left; struct { int deep; }; }; };
 * struct outer { const struct inner *to; struct inner in; int low : 3; char text[16]; struct outer *self; int last[];
 * };
 */
static char *small(size_t *ret_length)
{
    struct maker maker = {.names_length = 1};
    uint32_t integer = type(&maker, "int", kind(INT, 0), 4);
    more(&maker, 32);
    uint32_t number = type(&maker, "number", kind(TYPEDEF, 0), integer);
    uint32_t deep = type(&maker, NULL, kind(STRUCT, 1), 4);
    member(&maker, "deep", integer, 0);
    uint32_t either = type(&maker, NULL, kind(UNION, 2), 4);
    member(&maker, "left", number, 0);
    member(&maker, NULL, deep, 0);
    uint32_t inner = type(&maker, "inner", kind(STRUCT, 2), 8);
    member(&maker, "first", number, 0);
    member(&maker, NULL, either, 32);
    uint32_t constant = type(&maker, NULL, kind(CONST, 0), inner);
    uint32_t to = type(&maker, NULL, kind(PTR, 0), constant);
    uint32_t text = type(&maker, NULL, kind(ARRAY, 0), 0);
    more(&maker, integer + 12); /* char, below */
    more(&maker, integer);
    more(&maker, 16);
    uint32_t flexible = type(&maker, NULL, kind(ARRAY, 0), 0);
    more(&maker, integer);
    more(&maker, integer);
    more(&maker, 0);
    type(&maker, "outer", kind(FUNC, 0), 0);
    uint32_t outer = type(&maker, "outer", 1u << 31 | kind(STRUCT, 6), 56);
    uint32_t self = outer + 1;
    member(&maker, "to", to, 0);
    member(&maker, "in", inner, 64);
    member(&maker, "low", integer, 3u << 24 | 128);
    member(&maker, "text", text, 160);
    member(&maker, "self", self, 320);
    member(&maker, "last", flexible, 384);
    type(&maker, NULL, kind(PTR, 0), outer);
    type(&maker, "char", kind(INT, 0), 1);
    more(&maker, 8);
    return finish(&maker, ret_length);
}

static struct btf_field field(const struct btf *btf, const char *structure, const char *path, int *ret_error)
{
    struct btf_field found = {0};
    int64_t id = btf_find(btf, BTF_STRUCT, structure);
    *ret_error = id < 0 ? (int)id : btf_field(btf, (uint32_t)id, path, strlen(path), &found);
    return found;
}

#define CHECK_FIELD(path, at, bytes)                                                                                   \
    do {                                                                                                               \
        int error_;                                                                                                    \
        struct btf_field field_ = field(&btf, "outer", path, &error_);                                                 \
        CHECK_NUMBER(error_, 0);                                                                                       \
        CHECK_NUMBER(field_.offset, at);                                                                               \
        CHECK_NUMBER(field_.size, bytes);                                                                              \
    } while (0)

static void a_field_is_found_by_its_path(void)
{
    size_t length;
    struct btf btf;
    char *bytes = small(&length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    CHECK_FIELD("to", 0, 8);
    CHECK_FIELD("in", 8, 8);
    CHECK_FIELD("in.first", 8, 4);
    CHECK_FIELD("in.left", 12, 4);
    CHECK_FIELD("in.deep", 12, 4);
    CHECK_FIELD("text", 20, 16);
    CHECK_FIELD("self", 40, 8);
    CHECK_FIELD("last", 48, 0);
    btf_free(&btf);
    free(bytes);
}

static void what_is_pointed_to_is_found_without_its_qualifiers(void)
{
    size_t length;
    int error;
    struct btf btf;
    char *bytes = small(&length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    struct btf_field to = field(&btf, "outer", "to", &error);
    CHECK_NUMBER(btf_pointee(&btf, to.type), btf_find(&btf, BTF_STRUCT, "inner"));
    struct btf_field in = field(&btf, "outer", "in.first", &error);
    CHECK_NUMBER(btf_pointee(&btf, in.type), -ENOENT);
    CHECK(btf_find(&btf, BTF_FUNC, "outer") != btf_find(&btf, BTF_STRUCT, "outer"));
    btf_free(&btf);
    free(bytes);
}

static void what_is_not_there_is_no_field(void)
{
    static const char *const nowhere[] = {
            "", "no", "t", "too", "in.no", "in.first.no", "to.first", "no.first", "text.x"};
    size_t length;
    int error;
    struct btf btf;
    char *bytes = small(&length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        field(&btf, "outer", nowhere[i], &error);
        CHECK_NUMBER(error, -ENOENT);
    }
    field(&btf, "outer", "low", &error);
    CHECK_NUMBER(error, -ENOTSUP);
    field(&btf, "nobody", "to", &error);
    CHECK_NUMBER(error, -ENOENT);
    btf_free(&btf);
    free(bytes);
}

static void types_that_hold_themselves_end(void)
{
    struct maker maker = {.names_length = 1};
    size_t length;
    int error;
    struct btf btf;
    type(&maker, "outer", kind(STRUCT, 2), 4);
    member(&maker, NULL, 1, 0);
    member(&maker, NULL, 1, 0);
    type(&maker, "loop", kind(TYPEDEF, 0), 3);
    type(&maker, "loop", kind(CONST, 0), 2);
    type(&maker, "user", kind(STRUCT, 1), 4);
    member(&maker, "field", 2, 0);
    char *bytes = finish(&maker, &length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    field(&btf, "outer", "field", &error);
    CHECK_NUMBER(error, -EBADMSG);
    field(&btf, "user", "field", &error);
    CHECK_NUMBER(error, -EBADMSG);
    btf_free(&btf);
    free(bytes);
}

static void a_kernel_that_is_newer_is_refused(void)
{
    struct maker unknown_kind = {.names_length = 1};
    struct maker unknown_bits = {.names_length = 1};
    size_t length;
    struct btf btf;
    type(&unknown_kind, "new", kind(20, 0), 0);
    char *bytes = finish(&unknown_kind, &length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), -ENOTSUP);
    free(bytes);
    type(&unknown_bits, "int", kind(INT, 0) | 1u << 20, 4);
    more(&unknown_bits, 32);
    bytes = finish(&unknown_bits, &length);
    CHECK_NUMBER(btf_parse(&btf, bytes, length), -ENOTSUP);
    bytes[2] = 2; /* version */
    CHECK_NUMBER(btf_parse(&btf, bytes, length), -ENOTSUP);
    bytes[0] = 0; /* magic */
    CHECK_NUMBER(btf_parse(&btf, bytes, length), -EBADMSG);
    free(bytes);
}

static void no_part_of_it_is_taken_for_the_whole(void)
{
    size_t length;
    struct btf btf;
    char *bytes = small(&length);
    for (size_t cut = 0; cut < length; cut++) {
        char *part = malloc(cut == 0 ? 1 : cut);
        memcpy(part, bytes, cut);
        CHECK_NUMBER(btf_parse(&btf, part, cut), -EBADMSG);
        free(part);
    }
    free(bytes);
}

static void whatever_the_bytes_are_nothing_is_read_beyond_them(void)
{
    static const char *const paths[] = {"to", "in", "in.deep", "in.left", "text", "last", "self", "low"};
    size_t length;
    int parsed = 0;
    int found = 0;
    char *bytes = small(&length);
    for (int i = 0; i < 100000; i++) {
        struct btf btf;
        struct bpf_code code;
        const char *missing;
        char *copy = malloc(length);
        memcpy(copy, bytes, length);
        mutate(copy, length, length);
        int error = btf_parse(&btf, copy, length);
        CHECK(error == 0 || error == -EBADMSG || error == -ENOTSUP);
        if (error == 0) {
            parsed++;
            for (size_t path = 0; path < sizeof paths / sizeof *paths; path++) {
                struct btf_field at = field(&btf, "outer", paths[path], &error);
                CHECK(error == 0 || error == -ENOENT || error == -EBADMSG || error == -ENOTSUP);
                found += error == 0;
                CHECK(error < 0 || btf_pointee(&btf, at.type) >= -ENOENT || btf_pointee(&btf, at.type) == -EBADMSG);
            }
            CHECK_NUMBER(print_program(&btf, &code, &missing), -ENOENT);
        }
        btf_free(&btf);
        free(copy);
    }
    free(bytes);
    CHECK(parsed > 10000 && found > 10000); /* else the mutations are too wild to reach far */
}

int main(void)
{
    RUN(a_field_is_found_by_its_path);
    RUN(what_is_pointed_to_is_found_without_its_qualifiers);
    RUN(what_is_not_there_is_no_field);
    RUN(types_that_hold_themselves_end);
    RUN(a_kernel_that_is_newer_is_refused);
    RUN(no_part_of_it_is_taken_for_the_whole);
    RUN(whatever_the_bytes_are_nothing_is_read_beyond_them);
    return check_result();
}
