#include "namespaces.h"

void namespaces_read(
        int dir, uint32_t kinds, struct scratch *scratch, uint32_t inodes[NH_NS_COUNT], uint16_t errors[NH_NS_COUNT])
{
    static const char names[NH_NS_COUNT][12] = {
            "ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/time", "ns/user", "ns/uts"};
    for (int i = 0; i < NH_NS_COUNT; i++) {
        struct span text;
        if ((kinds >> i & 1) == 0) {
            errors[i] = NH_SKIPPED;
            continue;
        }
        int error = procfs_read_link(dir, names[i], scratch, &text);
        if (error == 0) {
            error = parse_namespace(text, names[i] + sizeof "ns/" - 1, &inodes[i]);
        }
        errors[i] = (uint16_t)-error;
    }
}
