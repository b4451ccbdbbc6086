/** The commands: words in, a report and an exit status out. */
@NullMarked
package io.plumbline.cli;

import org.jspecify.annotations.NullMarked;
