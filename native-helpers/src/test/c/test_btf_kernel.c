/* BTF of the kernel that runs: as it is, after a field was renamed, and broken. */
#define _GNU_SOURCE
#include "btf.h"
#include "check.h"
#include "mutate.h"
#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *read_kernels(size_t *ret_length)
{
    size_t capacity = (size_t)64 << 20;
    char *bytes = malloc(capacity);
    int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    *ret_length = 0;
    while (got > 0) {
        got = read(fd, bytes + *ret_length, capacity - *ret_length);
        *ret_length += got > 0 ? (size_t)got : 0;
    }
    if (fd < 0 || got < 0) {
        free(bytes);
        bytes = NULL;
    }
    close(fd);
    return bytes;
}

static void this_kernel_has_what_a_fingerprint_takes(void)
{
    size_t length;
    struct btf btf;
    struct bpf_code code;
    const char *missing;
    char *bytes = read_kernels(&length);
    if (bytes == NULL) {
        SKIP("no /sys/kernel/btf/vmlinux here");
    }
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    CHECK_NUMBER(print_program(&btf, &code, &missing), 0);
    CHECK(code.count > 100 && code.count < BPF_MOST_INSTRUCTIONS);
    CHECK(print_has_mount_events(&btf));
    btf_free(&btf);
    free(bytes);
}

/* As after a field was renamed: the letters of its name stand once in the list of names. */
static void a_renamed_field_is_named_in_the_refusal(void)
{
    size_t length;
    struct btf btf;
    struct bpf_code code;
    const char *missing = "";
    char *bytes = read_kernels(&length);
    if (bytes == NULL) {
        SKIP("no /sys/kernel/btf/vmlinux here");
    }
    CHECK_NUMBER(btf_parse(&btf, bytes, length), 0);
    char *found = memmem(bytes, length, "\0real_cred", sizeof "\0real_cred");
    CHECK(found != NULL);
    found[1] = 'R';
    CHECK_NUMBER(print_program(&btf, &code, &missing), -ENOENT);
    CHECK(strncmp(missing, "real_cred", 9) == 0);
    found[1] = 'r';
    found = memmem(bytes, length, "\0filter_count", sizeof "\0filter_count");
    CHECK(found != NULL);
    found[1] = 'F';
    CHECK_NUMBER(print_program(&btf, &code, &missing), 0); /* Linux 5.8 does without */
    btf_free(&btf);
    free(bytes);
}

static void a_broken_kernel_is_no_reason_to_break(void)
{
    size_t length;
    char *bytes = read_kernels(&length);
    if (bytes == NULL) {
        SKIP("no /sys/kernel/btf/vmlinux here");
    }
    char *copy = malloc(length);
    int parsed = 0;
    for (int i = 0; i < 150; i++) {
        struct btf btf;
        struct bpf_code code;
        const char *missing;
        memcpy(copy, bytes, length);
        mutate(copy, length, i % 3 == 0 ? 64 : length);
        if (btf_parse(&btf, copy, length) == 0) {
            parsed++;
            int error = print_program(&btf, &code, &missing);
            CHECK(error == 0 || error == -ENOENT || error == -EBADMSG || error == -ENOTSUP || error == -E2BIG);
        }
        btf_free(&btf);
    }
    free(copy);
    free(bytes);
    CHECK(parsed > 20); /* else nearly all are refused at the door */
}

int main(void)
{
    RUN(this_kernel_has_what_a_fingerprint_takes);
    RUN(a_renamed_field_is_named_in_the_refusal);
    RUN(a_broken_kernel_is_no_reason_to_break);
    return check_result();
}
