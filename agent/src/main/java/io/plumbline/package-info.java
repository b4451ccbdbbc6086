/**
 * The roof: the program, its configuration and the scan loop.
 *
 * <p>The only room, together with {@code cli}, that says {@code new} across rooms. It carries values from one room to
 * the next and decides nothing itself. {@code FloorPlanTest} holds the plan of the rooms.
 */
@NullMarked
package io.plumbline;

import org.jspecify.annotations.NullMarked;
