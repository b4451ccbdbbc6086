package io.plumbline.kubernetes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How large a field of an object of the API can be; its definition says so too, and the API server holds everybody to it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Bounds {

    /** Characters of a text; 0 for no bound. */
    int length() default 0;

    /** Entries of a list; 0 for no bound. */
    int items() default 0;
}
