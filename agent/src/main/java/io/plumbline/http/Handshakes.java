package io.plumbline.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.transport.Transport;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How many connections may be between their opening and the end of their TLS handshake. The library tells of a connection after that, and
 * cuts one that says nothing after ten seconds: until then, whoever opens some thousands a second would take the agent's memory.
 *
 * <p>Where there are as many as may be, the one that was opened first gives way, as in {@link Connections}.
 */
final class Handshakes implements Transport {

    private final int most;
    private final Set<Channel> under = new LinkedHashSet<>();

    /** @param most at a time */
    Handshakes(int most) {
        this.most = most;
    }

    private synchronized void begun(Channel channel) {
        under.add(channel);
        channel.closeFuture().addListener(closed -> over(channel));
        if (under.size() > most) {
            under.removeIf(Handshakes::isOver);
        }
        Iterator<Channel> longest = under.iterator();
        while (under.size() > most && longest.hasNext()) {
            Channel first = longest.next();
            longest.remove();
            cut(first);
        }
    }

    /** One that no event loop has yet cannot be asked to close itself. */
    private static void cut(Channel channel) {
        if (channel.isRegistered()) {
            ChannelFuture unused = channel.close();
        } else {
            channel.unsafe().closeForcibly();
        }
    }

    private synchronized void over(Channel channel) {
        under.remove(channel);
    }

    /** One that the library has just been given has no handler yet. */
    private static boolean isOver(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return tls != null && tls.handshakeFuture().isSuccess();
    }

    @Override
    public String name() {
        return NIO.name();
    }

    @Override
    public boolean available() {
        return NIO.available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return NIO.unavailabilityCause();
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return new Bounded(NIO.implementation());
    }

    private final class Listener extends NioServerSocketChannel {
        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int before = accepted.size();
            int read = super.doReadMessages(accepted);
            for (Object one : accepted.subList(before, accepted.size())) {
                begun((Channel) one);
            }
            return read;
        }
    }

    /** The library's own, but for who listens. */
    private final class Bounded implements io.vertx.core.spi.transport.Transport {
        private final io.vertx.core.spi.transport.Transport own;

        Bounded(io.vertx.core.spi.transport.Transport own) {
            this.own = own;
        }

        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return own.ioHandlerFactory();
        }

        @Override
        @SuppressWarnings("deprecation") // the library's
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return own.datagramChannel(family);
        }

        @Override
        public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
            return own.datagramChannelFactory();
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return own.channelFactory(domainSocket);
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return domainSocket ? own.serverChannelFactory(true) : Listener::new;
        }
    }
}
