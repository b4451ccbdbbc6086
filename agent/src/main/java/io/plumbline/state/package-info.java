/**
 * What the agent remembers over a restart: small files, each written whole or not at all.
 */
@NullMarked
package io.plumbline.state;

import org.jspecify.annotations.NullMarked;
