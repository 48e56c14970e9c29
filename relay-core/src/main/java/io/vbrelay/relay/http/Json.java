package io.vbrelay.relay.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON that programs get. */
final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, null))
            .build();

    private Json() {}

    /**
     * Why a request was refused.
     *
     * @param limit the limit that was reached, if one was
     */
    record Problem(int status, String error, @Nullable String limit) {}

    /** A camera that should send pictures and doesn't. */
    record Away(String camera, String state) {}

    /** Whether every camera delivers, and which don't. */
    record Readiness(boolean ready, List<Away> away) {}

    /**
     * Whether all threads make progress.
     *
     * @param hanging those that don't
     */
    record Health(String status, @Nullable List<String> hanging) {}

    static byte[] bytes(Object body) {
        try {
            return MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(body.getClass() + " cannot be written as JSON", e);
        }
    }
}
