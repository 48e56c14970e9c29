package io.vbrelay.cli;

import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.cli.config.Bitrate;
import io.vbrelay.cli.config.Units;
import io.vbrelay.cli.load.LoadPlan;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.CameraModel;
import io.vbrelay.simulator.ChartSettings.ReservedFill;
import io.vbrelay.simulator.ControlSettings;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.HttpSettings;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.VideoSettings.InitReply;
import io.vbrelay.simulator.VideoSettings.Overload;
import io.vbrelay.simulator.VideoSettings.Pipelining;
import io.vbrelay.simulator.VideoSettings.RawFrames;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import picocli.CommandLine;

/** Tells Picocli how to read the types of our flags; a parser's own message is what the user sees. */
final class Converters {
    /** Says what is wrong with a value in one line. */
    private interface Parser<T> {
        T parse(String text);
    }

    private Converters() {}

    static void registerOn(CommandLine commandLine) {
        commandLine.registerConverter(Bitrate.class, converter(Bitrate::parse));
        commandLine.registerConverter(PictureSize.class, converter(PictureSize::parse));
        commandLine.registerConverter(Duration.class, converter(Units::duration));
        commandLine.registerConverter(Batch.class, converter(Units::batch));
        commandLine.registerConverter(Subnet.class, converter(Subnet::parse));
        commandLine.registerConverter(Format.class, converter(Format::parse));
        commandLine.registerConverter(InetSocketAddress.class, converter(Units::address));
        commandLine.registerConverter(Seconds.class, converter(Seconds::parse));
        commandLine.registerConverter(URI.class, converter(LoadPlan::url));
        commandLine.registerConverter(PartialFrames.class, converter(Converters::partialFrames));
        commandLine.registerConverter(JpegShape.class, converter(JpegShape::parse));
        commandLine.registerConverter(FaultRule.class, converter(FaultRule::parse));
        commandLine.registerConverter(CameraModel.class, converter(CameraModel::parse));
        commandLine.registerConverter(ReservedFill.class, converter(ReservedFill::parse));
        commandLine.registerConverter(ControlSettings.Right.class, converter(ControlSettings.Right::parse));
        commandLine.registerConverter(HttpSettings.Scheme.class, converter(HttpSettings.Scheme::parse));
        commandLine.registerConverter(InitReply.class, converter(InitReply::parse));
        commandLine.registerConverter(Pipelining.class, converter(Pipelining::parse));
        commandLine.registerConverter(RawFrames.class, converter(RawFrames::parse));
        commandLine.registerConverter(Overload.class, converter(Overload::parse));
    }

    /** Picocli names the flag, so the key that a configuration file would have is left out. */
    static String withoutKey(IllegalArgumentException e) {
        return String.valueOf(e.getMessage()).replaceFirst("^(size|outputs|camera|batch|subnet): (?=expected)", "");
    }

    private static PartialFrames partialFrames(String text) {
        return switch (text) {
            case "drop" -> PartialFrames.DROP;
            case "repair" -> PartialFrames.REPAIR;
            default -> throw new IllegalArgumentException("expected drop or repair, got '" + text + "'");
        };
    }

    private static <T> CommandLine.ITypeConverter<T> converter(Parser<T> parser) {
        return text -> {
            try {
                return parser.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(withoutKey(e));
            }
        };
    }
}
