package io.plumbline.kubernetes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What must be true of a part of an object; the API server (1.25 and newer) refuses others by its definition. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Rule {

    /** In CEL, with the part as {@code self}. */
    String expression();

    /** What to do about it. */
    String message();
}
