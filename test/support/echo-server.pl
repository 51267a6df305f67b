# The server of the test image `echo`: says over HTTP, TCP, UDP and gRPC what reached it and where. Perl, because its
# base package is small and on every Debian. One process, one loop; nothing blocks.
#
#   echo-server.pl [http=80] [tcp=7] [udp=7] [grpc=50051]      (a protocol may be given several ports: http=80,8080)
#
# HTTP answers every request with JSON: hostname, client, server, method, target, headers, body. The path /status/N is
# answered with that status, /delay/S after so many seconds, and /healthy/S with the status 500 once the server is older
# than so many seconds. /received says which requests came before: method, target and body of the last 100. TCP and UDP send back what they get; the datagram
# `hostname` is answered with the hostname. gRPC is HTTP/2 without TLS and answers every call as the health service:
# SERVING, or NOT_SERVING for the service `down`, or the status NOT_FOUND for the service `missing`.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Socket qw(:all);

my %ports = (http => '80', tcp => '7', udp => '7', grpc => '50051');
for (@ARGV) {
    my ($protocol, $list) = /^(http|tcp|udp|grpc)=([\d,]*)$/ or die "not PROTOCOL=PORTS: $_\n";
    $ports{$protocol} = $list;
}
my $hostname = do { open my $file, '<', '/proc/sys/kernel/hostname' or die $!; my $line = <$file>; chomp $line; $line };
# Process 1 of a container is not ended by a signal it has no handler for.
$SIG{$_} = sub { exit 0 } for qw(TERM INT);
$SIG{PIPE} = 'IGNORE';

my %handlers = (http => \&on_http, tcp => \&on_tcp, grpc => \&on_grpc);
my (%listeners, %datagrams, %connections, @timers, @received);
my $started = time;
for my $protocol (keys %ports) {
    for my $port (split /,/, $ports{$protocol}) {
        my $socket = bound($port, $protocol eq 'udp' ? SOCK_DGRAM : SOCK_STREAM);
        if ($protocol eq 'udp') { $datagrams{ fileno $socket } = $socket }
        else { $listeners{ fileno $socket } = { socket => $socket, protocol => $protocol } }
        my (undef, $bound) = address_of(getsockname $socket);
        print STDOUT "$protocol $bound\n";
    }
}
STDOUT->flush;

while (1) {
    my ($read, $write) = ('', '');
    vec($read, $_, 1) = 1 for keys %listeners, keys %datagrams;
    for my $fd (keys %connections) {
        vec($read, $fd, 1) = 1 unless $connections{$fd}{ended};
        vec($write, $fd, 1) = 1 if length $connections{$fd}{out};
    }
    @timers = sort { $a->[0] <=> $b->[0] } @timers;
    my $wait = @timers ? $timers[0][0] - time : undef;
    my $ready = select $read, $write, undef, defined $wait && $wait < 0 ? 0 : $wait;
    while (@timers && $timers[0][0] <= time) { (shift @timers)->[1]->() }
    next if $ready <= 0;
    for my $fd (keys %listeners) { accept_one($listeners{$fd}) if vec $read, $fd, 1 }
    for my $fd (keys %datagrams) { on_datagram($datagrams{$fd}) if vec $read, $fd, 1 }
    for my $fd (keys %connections) {
        receive($connections{$fd}) if vec $read, $fd, 1;
        send_out($connections{$fd}) if $connections{$fd} && vec $write, $fd, 1;
    }
}

# Both families on one socket where the kernel has IPv6.
sub bound {
    my ($port, $type) = @_;
    my $socket;
    if (socket $socket, AF_INET6, $type, 0) {
        setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 0;
        setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
        if (bind $socket, pack_sockaddr_in6($port, IN6ADDR_ANY)) {
            listen $socket, 1024 if $type == SOCK_STREAM;
            return $socket;
        }
    }
    socket $socket, AF_INET, $type, 0 or die "socket: $!\n";
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
    bind $socket, pack_sockaddr_in($port, INADDR_ANY) or die "port $port: $!\n";
    listen $socket, 1024 if $type == SOCK_STREAM;
    return $socket;
}

sub address_of {
    my (undef, $host, $port) = getnameinfo(shift, NI_NUMERICHOST | NI_NUMERICSERV);
    $host =~ s/^::ffff:(?=\d+\.)//;
    return ($host, $port, $host =~ /:/ ? "[$host]:$port" : "$host:$port");
}

sub accept_one {
    my ($listener) = @_;
    my $peer = accept(my $socket, $listener->{socket}) or return;
    $socket->blocking(0);
    my $connection = { socket => $socket, protocol => $listener->{protocol}, in => '', out => '' };
    $connection->{client} = (address_of($peer))[2];
    $connection->{server} = (address_of(getsockname $socket))[2];
    $connections{ fileno $socket } = $connection;
}

sub receive {
    my ($connection) = @_;
    my $count = sysread $connection->{socket}, my $bytes, 65536;
    if (!defined $count) { closed($connection) unless $! == EAGAIN || $! == EINTR; return }
    if ($count == 0) { $connection->{ended} = 1; $connection->{last} = 1; send_out($connection); return }
    $connection->{in} .= $bytes;
    $handlers{ $connection->{protocol} }->($connection);
    send_out($connection) if length $connection->{out} || $connection->{last};
}

# Writes what can be written; closes the connection when all is out and nothing more is to come.
sub send_out {
    my ($connection) = @_;
    return if $connection->{gone};
    if (length $connection->{out}) {
        my $count = syswrite $connection->{socket}, $connection->{out};
        if (!defined $count) { closed($connection) unless $! == EAGAIN || $! == EINTR; return }
        substr $connection->{out}, 0, $count, '';
    }
    closed($connection) if $connection->{last} && !length $connection->{out} && !$connection->{pending};
}

sub closed {
    my ($connection) = @_;
    $connection->{gone} = 1;
    delete $connections{ fileno $connection->{socket} };
    close $connection->{socket};
}

sub on_tcp {
    my ($connection) = @_;
    $connection->{out} .= $connection->{in};
    $connection->{in} = '';
}

sub on_datagram {
    my ($socket) = @_;
    my $peer = recv($socket, my $bytes, 65536, 0) or return;
    send $socket, ($bytes =~ /^hostname\n?\z/ ? $hostname : $bytes), 0, $peer;
}

sub on_http {
    my ($connection) = @_;
    return if $connection->{pending};
    return unless $connection->{in} =~ /\A(.*?)\r?\n\r?\n/s;
    my ($head, $length) = ($1, $+[0]);
    my ($start, @lines) = split /\r?\n/, $head;
    my ($method, $target, $version) = $start =~ m{^(\S+) (\S+) HTTP/1\.(\d)$};
    if (!defined $method) { respond($connection, 400, '{}'); $connection->{last} = 1; return }
    my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1, $2) : () } @lines;
    my $size = $headers{'content-length'} || 0;
    if (($headers{'transfer-encoding'} // '') =~ /chunked/i) {
        respond($connection, 411, '{}');
        $connection->{last} = 1;
        return;
    }
    return if length $connection->{in} < $length + $size;
    my $body = substr $connection->{in}, $length, $size;
    substr $connection->{in}, 0, $length + $size, '';
    my $keep = $version == 1 ? ($headers{connection} // '') !~ /close/i : ($headers{connection} // '') =~ /keep-alive/i;
    my %request = (method => $method, target => $target, body => $body);
    my $json;
    if ($target eq '/received') {
        $json = '[' . join(',', @received) . ']';
    } else {
        push @received, '{' . members(%request) . '}';
        shift @received if @received > 100;
        my %said = (%request, hostname => $hostname, map { ($_ => $connection->{$_}) } qw(client server));
        $json = '{' . members(%said) . ',"headers":{' . members(%headers) . '}}';
    }
    my $status = 200;
    if ($target =~ m{^/status/(\d{3})\b}) { $status = $1 }
    elsif ($target =~ m{^/healthy/(\d+)\b} && time - $started > $1) { $status = 500 }
    my $answer = sub {
        return if $connection->{gone};
        $connection->{pending} = 0;
        respond($connection, $status, $method eq 'HEAD' ? '' : "$json\n");
        $connection->{last} = 1 unless $keep;
        on_http($connection) if $keep;
        send_out($connection);
    };
    if ($target =~ m{^/delay/(\d+)\b}) { $connection->{pending} = 1; push @timers, [time + $1, $answer] }
    else { $answer->() }
}

sub respond {
    my ($connection, $status, $body) = @_;
    $connection->{out} .= "HTTP/1.1 $status Status\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

sub members {
    my (%texts) = @_;
    return join ',', map { quoted($_) . ':' . quoted($texts{$_}) } sort keys %texts;
}

sub quoted {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([^\x20-\x7e])/sprintf '\\u%04x', ord $1/ge;
    return "\"$text\"";
}

# HTTP/2 as far as unary calls go. Header blocks are not decoded: whatever the method, the request is taken for a
# grpc.health.v1.HealthCheckRequest, whose field 1 is the service's name.
sub on_grpc {
    my ($connection) = @_;
    my $preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    if (!$connection->{greeted}) {
        return if length $connection->{in} < length $preface;
        if (substr($connection->{in}, 0, length $preface, '') ne $preface) { $connection->{last} = 1; return }
        $connection->{greeted} = 1;
        $connection->{out} .= frame(4, 0, 0, '');
    }
    while (length $connection->{in} >= 9) {
        my ($high, $low, $type, $flags, $stream) = unpack 'C n C C N', $connection->{in};
        my $length = $high << 16 | $low;
        return if length $connection->{in} < 9 + $length;
        my $payload = substr $connection->{in}, 9, $length;
        substr $connection->{in}, 0, 9 + $length, '';
        if ($type == 4 && !($flags & 1)) { $connection->{out} .= frame(4, 1, 0, '') }
        elsif ($type == 6 && !($flags & 1)) { $connection->{out} .= frame(6, 1, 0, $payload) }
        elsif ($type == 3) { delete $connection->{calls}{$stream} }
        elsif ($type == 0) {
            substr $payload, -ord($payload), ord($payload), '' if $flags & 8 && ord $payload;
            substr $payload, 0, 1, '' if $flags & 8;
            $connection->{calls}{$stream} .= $payload;
            $connection->{out} .= frame(8, 0, $_, pack 'N', $length) for $length ? (0, $stream) : ();
        }
        if (($type == 0 || $type == 1) && $flags & 1) {
            $connection->{out} .= health($stream, delete($connection->{calls}{$stream}) // '');
        }
    }
}

sub health {
    my ($stream, $message) = @_;
    my $service = $message =~ /\A.{5}\x0a(.)(.*)\z/s ? substr $2, 0, ord $1 : '';
    my $head = "\x88" . field('content-type', 'application/grpc');
    return frame(1, 5, $stream, $head . field('grpc-status', '5') . field('grpc-message', 'unknown service'))
        if $service eq 'missing';
    my $data = "\x08" . ($service eq 'down' ? "\x02" : "\x01");
    return frame(1, 4, $stream, $head)
        . frame(0, 0, $stream, pack('C N', 0, length $data) . $data)
        . frame(1, 5, $stream, field('grpc-status', '0'));
}

# A header field that neither side remembers, name and value spelled out.
sub field { my ($name, $value) = @_; return pack 'C C/a* C/a*', 0, $name, $value }

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return pack('C n C C N', length($payload) >> 16, length($payload) & 0xffff, $type, $flags, $stream) . $payload;
}
