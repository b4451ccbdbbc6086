#include "area.h"
#include "check.h"
#include "hash.h"

#include <string.h>

static void items_start_at_multiples_of_eight_and_are_padded_with_zeros(void)
{
    _Alignas(8) char bytes[32];
    memset(bytes, 'x', sizeof bytes);
    struct area area = {bytes, sizeof bytes, 0};
    struct nh_item first = area_append(&area, "abc", 3);
    struct nh_item second = area_append(&area, "12345678", 8);
    CHECK_NUMBER(first.offset, 0);
    CHECK_NUMBER(second.offset, 8);
    CHECK_NUMBER(area.used, 16);
    CHECK_BYTES(bytes, 17,
            "abc\0\0\0\0\0"
            "12345678"
            "x",
            17);
}

static void an_empty_item_takes_no_room_and_is_nowhere(void)
{
    _Alignas(8) char bytes[8];
    struct area area = {bytes, sizeof bytes, 8};
    struct nh_item item = area_append(&area, NULL, 0);
    CHECK_NUMBER(item.offset, 0);
    CHECK_NUMBER(item.length, 0);
    CHECK_NUMBER(area.used, 8);
    CHECK(area_fits(&area));
}

static void what_does_not_fit_is_counted_and_not_written(void)
{
    _Alignas(8) char bytes[24];
    memset(bytes, 'x', sizeof bytes);
    struct area area = {bytes, 16, 0};
    area_append(&area, "12345678", 8);
    area_append(&area, "123456789", 9);
    area_append(&area, "1", 1);
    CHECK_NUMBER(area.used, 32);
    CHECK(!area_fits(&area));
    CHECK_BYTES(bytes + 8, 16, "xxxxxxxxxxxxxxxx", 16);
    struct area rest = area_rest(&area);
    CHECK_NUMBER(rest.capacity, 0);
    CHECK(area_append(&rest, "1", 1).offset == 0);
    CHECK(!area_fits(&rest));
}

static void numbers_are_written_as_they_are_read(void)
{
    _Alignas(8) char bytes[16];
    struct area area = {bytes, sizeof bytes, 0};
    uint32_t numbers[3];
    struct nh_item item = area_append_numbers(&area, (struct span){"\t1 22 4294967295 ", 17});
    CHECK_NUMBER(item.length, 12);
    memcpy(numbers, bytes, sizeof numbers);
    CHECK_NUMBER(numbers[0], 1);
    CHECK_NUMBER(numbers[1], 22);
    CHECK_NUMBER(numbers[2], 4294967295);
}

/* Expected values: an implementation checked against CPython's siphash13 and the vector of Rust's core tests. */
static void the_hash_is_siphash_1_3(void)
{
    static const uint64_t none[2] = {0, 0};
    static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    unsigned char bytes[64];
    for (unsigned char i = 0; i < sizeof bytes; i++) {
        bytes[i] = i;
    }
    CHECK(hash_words(key, bytes, 0) == 0xabac0158050fc4dc);
    CHECK(hash_words(key, bytes, 8) == 0x369095118d299a8e);
    CHECK(hash_words(key, bytes, 56) == 0xb4bcc0db243c6d75);
    CHECK(hash_words(none, bytes, 64) == 0x75e05fd5bbc870c6);
    CHECK(hash_words(none, "12345678", 8) == 0x3489982430560a87);
}

int main(void)
{
    RUN(items_start_at_multiples_of_eight_and_are_padded_with_zeros);
    RUN(an_empty_item_takes_no_room_and_is_nowhere);
    RUN(what_does_not_fit_is_counted_and_not_written);
    RUN(numbers_are_written_as_they_are_read);
    RUN(the_hash_is_siphash_1_3);
    return check_result();
}
