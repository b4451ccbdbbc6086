package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class RestrictedVolumesCheckTest {

    @TestFactory
    Stream<DynamicTest> storageComesFromTheApiOrAClaim() {
        return Cases.of(
                "restricted-volumes",
                "Use a persistentVolumeClaim, or one of configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret")
                .in("v1.0")
                .allows("no volumes", "spec: {containers: [{name: a}]}")
                .allows(
                        "a volume without a source, which becomes an emptyDir",
                        "spec: {containers: [{name: a}], volumes: [{name: v}, {name: w, nfs: null}]}")
                .allows("configMap", "spec: {containers: [{name: a}], volumes: [{name: v, configMap: {}}]}")
                .allows("csi", "spec: {containers: [{name: a}], volumes: [{name: v, csi: {}}]}")
                .allows("downwardAPI", "spec: {containers: [{name: a}], volumes: [{name: v, downwardAPI: {}}]}")
                .allows("emptyDir", "spec: {containers: [{name: a}], volumes: [{name: v, emptyDir: {}}]}")
                .allows("ephemeral", "spec: {containers: [{name: a}], volumes: [{name: v, ephemeral: {}}]}")
                .allows("image", "spec: {containers: [{name: a}], volumes: [{name: v, image: {}}]}")
                .allows(
                        "persistentVolumeClaim",
                        "spec: {containers: [{name: a}], volumes: [{name: v, persistentVolumeClaim: {}}]}")
                .allows("projected", "spec: {containers: [{name: a}], volumes: [{name: v, projected: {}}]}")
                .allows("secret", "spec: {containers: [{name: a}], volumes: [{name: v, secret: {}}]}")
                .forbids(
                        "awsElasticBlockStore",
                        "spec: {containers: [{name: a}], volumes: [{name: v, awsElasticBlockStore: {}}]}",
                        "volume \"v\" is of the restricted type \"awsElasticBlockStore\"")
                .forbids(
                        "azureDisk",
                        "spec: {containers: [{name: a}], volumes: [{name: v, azureDisk: {}}]}",
                        "volume \"v\" is of the restricted type \"azureDisk\"")
                .forbids(
                        "azureFile",
                        "spec: {containers: [{name: a}], volumes: [{name: v, azureFile: {}}]}",
                        "volume \"v\" is of the restricted type \"azureFile\"")
                .forbids(
                        "cephfs",
                        "spec: {containers: [{name: a}], volumes: [{name: v, cephfs: {}}]}",
                        "volume \"v\" is of the restricted type \"cephfs\"")
                .forbids(
                        "cinder",
                        "spec: {containers: [{name: a}], volumes: [{name: v, cinder: {}}]}",
                        "volume \"v\" is of the restricted type \"cinder\"")
                .forbids(
                        "fc",
                        "spec: {containers: [{name: a}], volumes: [{name: v, fc: {}}]}",
                        "volume \"v\" is of the restricted type \"fc\"")
                .forbids(
                        "flexVolume",
                        "spec: {containers: [{name: a}], volumes: [{name: v, flexVolume: {}}]}",
                        "volume \"v\" is of the restricted type \"flexVolume\"")
                .forbids(
                        "flocker",
                        "spec: {containers: [{name: a}], volumes: [{name: v, flocker: {}}]}",
                        "volume \"v\" is of the restricted type \"flocker\"")
                .forbids(
                        "gcePersistentDisk",
                        "spec: {containers: [{name: a}], volumes: [{name: v, gcePersistentDisk: {}}]}",
                        "volume \"v\" is of the restricted type \"gcePersistentDisk\"")
                .forbids(
                        "gitRepo",
                        "spec: {containers: [{name: a}], volumes: [{name: v, gitRepo: {}}]}",
                        "volume \"v\" is of the restricted type \"gitRepo\"")
                .forbids(
                        "glusterfs",
                        "spec: {containers: [{name: a}], volumes: [{name: v, glusterfs: {}}]}",
                        "volume \"v\" is of the restricted type \"glusterfs\"")
                .forbids(
                        "hostPath",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: {}}]}",
                        "volume \"v\" is of the restricted type \"hostPath\"")
                .forbids(
                        "iscsi",
                        "spec: {containers: [{name: a}], volumes: [{name: v, iscsi: {}}]}",
                        "volume \"v\" is of the restricted type \"iscsi\"")
                .forbids(
                        "nfs",
                        "spec: {containers: [{name: a}], volumes: [{name: v, nfs: {}}]}",
                        "volume \"v\" is of the restricted type \"nfs\"")
                .forbids(
                        "photonPersistentDisk",
                        "spec: {containers: [{name: a}], volumes: [{name: v, photonPersistentDisk: {}}]}",
                        "volume \"v\" is of the restricted type \"photonPersistentDisk\"")
                .forbids(
                        "portworxVolume",
                        "spec: {containers: [{name: a}], volumes: [{name: v, portworxVolume: {}}]}",
                        "volume \"v\" is of the restricted type \"portworxVolume\"")
                .forbids(
                        "quobyte",
                        "spec: {containers: [{name: a}], volumes: [{name: v, quobyte: {}}]}",
                        "volume \"v\" is of the restricted type \"quobyte\"")
                .forbids(
                        "rbd",
                        "spec: {containers: [{name: a}], volumes: [{name: v, rbd: {}}]}",
                        "volume \"v\" is of the restricted type \"rbd\"")
                .forbids(
                        "scaleIO",
                        "spec: {containers: [{name: a}], volumes: [{name: v, scaleIO: {}}]}",
                        "volume \"v\" is of the restricted type \"scaleIO\"")
                .forbids(
                        "storageos",
                        "spec: {containers: [{name: a}], volumes: [{name: v, storageos: {}}]}",
                        "volume \"v\" is of the restricted type \"storageos\"")
                .forbids(
                        "vsphereVolume",
                        "spec: {containers: [{name: a}], volumes: [{name: v, vsphereVolume: {}}]}",
                        "volume \"v\" is of the restricted type \"vsphereVolume\"")
                .in("latest")
                .allows("image", "spec: {containers: [{name: a}], volumes: [{name: v, image: {}}]}")
                .forbids(
                        "several",
                        "spec: {containers: [{name: a}], volumes: [{name: v, nfs: {}}, {name: w, emptyDir: {}}, {name: x, hostPath: {}}]}",
                        "volume \"v\" is of the restricted type \"nfs\"; volume \"x\" is of the restricted type \"hostPath\"")
                .stream();
    }
}
