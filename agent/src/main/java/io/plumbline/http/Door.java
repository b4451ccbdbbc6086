package io.plumbline.http;

/** Who may come in by a path, where rights are asked for at all. */
enum Door {
    /** Anybody: the kubelet's probes carry no token. */
    OPEN,
    /** Who may get the path; and who may get the pods of a namespace, for what there is to see of it. */
    TENANTS,
    /** Who may get the path. */
    OPERATORS
}
