package io.vbrelay.simulator;

/**
 * Where a simulated camera listens; 0 takes any free port.
 *
 * @param video native video port
 * @param control native control port
 * @param http WV-HTTP, other HTTP streams and the simulator's own API
 * @param push pours bare JPEG files to whoever connects
 */
public record Ports(int video, int control, int http, int push) {
    public static final Ports ANY = new Ports(0, 0, 0, 0);

    public Ports {
        check("video port", video);
        check("control port", control);
        check("http port", http);
        check("push port", push);
    }

    public Ports withVideo(int video) {
        return new Ports(video, control, http, push);
    }

    public Ports withControl(int control) {
        return new Ports(video, control, http, push);
    }

    public Ports withHttp(int http) {
        return new Ports(video, control, http, push);
    }

    private static void check(String name, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(name + ": expected 0 to 65535, got '" + port + "'");
        }
    }
}
