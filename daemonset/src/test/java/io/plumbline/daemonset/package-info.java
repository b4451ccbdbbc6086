/** The chart and what it renders: right by Helm, by the API's types and by what the agent really uses. */
package io.plumbline.daemonset;
