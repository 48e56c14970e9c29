package io.vbrelay.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of docs/architecture.md: modules, packages, and who may see FFmpeg. */
@AnalyzeClasses(packages = "io.vbrelay", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule MODULES_SEE_EACH_OTHER_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("camera-protocol")
            .definedBy("io.vbrelay.camera..")
            .layer("relay-core")
            .definedBy("io.vbrelay.relay..")
            .layer("simulator")
            .definedBy("io.vbrelay.simulator..")
            .layer("relay-cli")
            .definedBy("io.vbrelay.cli..")
            .whereLayer("relay-cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("relay-core")
            .mayOnlyBeAccessedByLayers("relay-cli")
            .whereLayer("simulator")
            .mayOnlyBeAccessedByLayers("relay-cli")
            .whereLayer("camera-protocol")
            .mayOnlyBeAccessedByLayers("relay-core", "simulator", "relay-cli");

    @ArchTest
    static final ArchRule RELAY_CORES_PACKAGES_SEE_EACH_OTHER_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("relay")
            .definedBy("io.vbrelay.relay")
            .layer("http")
            .definedBy("io.vbrelay.relay.http")
            .layer("control")
            .definedBy("io.vbrelay.relay.control")
            .layer("source")
            .definedBy("io.vbrelay.relay.source")
            .layer("transcode")
            .definedBy("io.vbrelay.relay.transcode")
            .layer("ffmpeg")
            .definedBy("io.vbrelay.relay.transcode.ffmpeg")
            .layer("stream")
            .definedBy("io.vbrelay.relay.stream")
            .layer("watchdog")
            .definedBy("io.vbrelay.relay.watchdog")
            .layer("metrics")
            .definedBy("io.vbrelay.relay.metrics")
            .layer("config")
            .definedBy("io.vbrelay.relay.config")
            .whereLayer("relay")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("relay")
            .whereLayer("control")
            .mayOnlyBeAccessedByLayers("relay", "http")
            .whereLayer("source")
            .mayOnlyBeAccessedByLayers("relay", "http")
            .whereLayer("transcode")
            .mayOnlyBeAccessedByLayers("relay", "http")
            .whereLayer("ffmpeg")
            .mayOnlyBeAccessedByLayers("relay", "transcode")
            .whereLayer("stream")
            .mayOnlyBeAccessedByLayers("relay", "http", "source", "transcode", "ffmpeg", "config")
            .whereLayer("watchdog")
            .mayOnlyBeAccessedByLayers("relay", "transcode")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("relay", "http")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("relay", "http", "source", "transcode", "ffmpeg");

    @ArchTest
    static final ArchRule ONLY_ONE_PACKAGE_SEES_FFMPEG = noClasses()
            .that()
            .resideOutsideOfPackage("io.vbrelay.relay.transcode.ffmpeg")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule CONFIGURATION_IS_MADE_OF_THE_JDK_AND_CAMERA_ADDRESSES = classes()
            .that()
            .resideInAPackage("io.vbrelay.relay.config")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "io.vbrelay.relay.config",
                    "io.vbrelay.relay.stream",
                    "io.vbrelay.camera");

    @ArchTest
    static final ArchRule NO_PACKAGES_SEE_EACH_OTHER_BOTH_WAYS =
            slices().matching("io.vbrelay.(**)").should().beFreeOfCycles();
}
