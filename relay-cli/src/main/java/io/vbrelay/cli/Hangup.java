package io.vbrelay.cli;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import org.slf4j.LoggerFactory;

/** The signal SIGHUP, which tells daemons to read their configuration again. */
final class Hangup {
    private Hangup() {}

    /**
     * From now on does this at each SIGHUP, on a thread of the JVM's, in place of ending the process. Where there are no such signals, on
     * Windows, it does nothing.
     */
    static void whenHeard(Runnable action) {
        try {
            // By name: javac warns of sun.misc.Signal whatever it is told, although JEP 260 keeps it for everybody.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            MethodHandle run = MethodHandles.lookup()
                    .findVirtual(Runnable.class, "run", methodType(void.class))
                    .bindTo(action);
            Object heard =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, heard);
        } catch (InvocationTargetException e) {
            LoggerFactory.getLogger(Hangup.class).debug("SIGHUP is not heard: {}", String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            LoggerFactory.getLogger(Hangup.class).warn("SIGHUP is not heard: {}", e.toString());
        }
    }
}
