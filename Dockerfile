# docker build -t vbrelay .
# docker run -p 8090:8090 -v ./vbrelay.yaml:/etc/vbrelay/vbrelay.yaml:ro vbrelay
#
# Without a configuration of yours it shows a test chart.

FROM debian:12-slim AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends maven openjdk-17-jdk-headless
WORKDIR /src
COPY . .
RUN mvn -q -B -ntp -Dmaven.test.skip=true package && \
    mkdir /vbrelay && \
    tar -xzf relay-cli/target/vbrelay-*-linux-*.tar.gz -C /vbrelay --strip-components=1

FROM debian:12-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends openjdk-17-jre-headless && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 8090 --no-create-home --shell /usr/sbin/nologin vbrelay && \
    install -d -o vbrelay /var/cache/vbrelay /var/lib/vbrelay
COPY --from=build /vbrelay /usr/share/vbrelay
RUN ln -s /usr/share/vbrelay/bin/vbrelay /usr/bin/vbrelay && \
    install -D -m 644 /usr/share/vbrelay/conf/vbrelay.yaml /etc/vbrelay/vbrelay.yaml && \
    /usr/share/vbrelay/bin/archive-classes
# As systemd names them: FFmpeg is unpacked into the one, what was found out about cameras is kept in the other.
ENV CACHE_DIRECTORY=/var/cache/vbrelay STATE_DIRECTORY=/var/lib/vbrelay
USER vbrelay
VOLUME ["/var/cache/vbrelay", "/var/lib/vbrelay"]
EXPOSE 8090
STOPSIGNAL SIGTERM
# The process answers; whether cameras do is no reason to start it anew. No program is needed for it but bash.
# It asks VBRELAY_HEALTH, or 127.0.0.1:8090.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["/usr/share/vbrelay/bin/healthy"]
ENTRYPOINT ["vbrelay"]
CMD ["run", "-c", "/etc/vbrelay/vbrelay.yaml"]
