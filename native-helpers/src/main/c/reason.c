#include "reason.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct reason *why, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (why->capacity > 0) {
        vsnprintf(why->text, why->capacity, format, arguments);
    }
    va_end(arguments);
    return error;
}
