package io.plumbline.model;

/**
 * What a check of a policy has against a pod.
 *
 * @param check the check's id
 * @param message what is wrong, in which containers and fields, and the way out; holds text that the manifest's author chose
 */
public record PolicyViolation(String check, String message) {}
