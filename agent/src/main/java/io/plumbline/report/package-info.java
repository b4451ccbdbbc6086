/** How a report looks: JSON for programs, a table for people. What a workload chose is escaped here, for each of them. */
@NullMarked
package io.plumbline.report;

import org.jspecify.annotations.NullMarked;
