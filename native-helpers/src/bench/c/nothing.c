// nothing: ends at once. Without a C library, so that running it costs what an exec costs.
__attribute__((noreturn)) void _start(void);

void _start(void)
{
#if defined(__x86_64__)
    __asm__ volatile("syscall" : : "a"(60), "D"(0) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long status __asm__("x0") = 0;
    register long call __asm__("x8") = 93;
    __asm__ volatile("svc 0" : : "r"(status), "r"(call) : "memory");
#else
#error "the number of exit(2) on this architecture"
#endif
    for (;;) {
    }
}
