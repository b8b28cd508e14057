#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A server of the IMD protocol for one client: the frames of an XYZ file, or trouble.
#     imd-server.pl FRAMES.xyz PORT_FILE VERSION little|big [TROUBLE]
# The port is written to PORT_FILE; what the client has said goes to standard output.
use strict;
use warnings;
use IO::Socket::INET;

my ($path, $port_file, $version, $order, $trouble) = (@ARGV, '');
my $little = $order eq 'little';
my ($float, $double, $long) = $little ? ('f<', 'd<', 'q<') : ('f>', 'd>', 'q>');
$SIG{ALRM} = sub { exit 9 };
$SIG{PIPE} = 'IGNORE';
alarm 30;

sub frames {
    my @frames;
    open my $file, '<', $path or die "$path: $!";
    while (defined(my $n = <$file>)) {
        my $comment = <$file>;
        push @frames, [map { my @word = split ' ', <$file>; @word[1 .. 3] } 1 .. $n];
    }
    return @frames;
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
    or die "listen: $!";
open my $out, '>', "$port_file.new" or die;
print $out $listener->sockport;
close $out;
rename "$port_file.new", $port_file;
my $client = $listener->accept or die;
$client->autoflush(1);

sub message { print $client pack('l> l>', @_[0, 1]), $_[2] // '' }

# Waits up to so many seconds for a header of the client.
sub hear {
    my ($seconds) = @_;
    my $set = '';
    vec($set, fileno $client, 1) = 1;
    return unless select $set, undef, undef, $seconds;
    my $n = sysread $client, my $header, 8;
    return unless $n;
    my ($type, $length) = unpack 'l> l>', $header;
    print "type $type length $length\n";
    return $type;
}

if ($trouble eq 'silent') { sleep 20 }
if ($trouble eq 'http') { print $client "HTTP/1.1 400 Bad Request\r\n\r\n"; exit }
if ($trouble eq 'version') { message(4, 7); sleep 5; exit }
print $client pack('l>', 4), pack($little ? 'l<' : 'l>', $version);
if ($version == 3) {
    my @session = (1, 1, 1, 1, 0, 1, $trouble eq 'forces' ? 1 : 0);
    $session[3] = 0 if $trouble eq 'nothing';
    message(10, 7, pack 'C7', @session);
}
exit if ($trouble eq 'nothing' && sleep 1);
die 'no GO' unless (hear(5) // -1) == 3;

my $step = 0;
for my $frame (frames()) {
    my $n = @$frame / 3;
    my $energies = pack(($little ? 'l<' : 'l>') . "($float)9", $step + 1, (1) x 9);
    my $positions = pack "($float)*", @$frame;
    message(12, 1, pack "$double$double$long", 0.002, $step, 10 * $step)
        if $version == 3;
    message(1, 1, $energies) if $version == 3 || $step % 2;
    message(13, 1, pack "($float)9", 90, 0, 0, 0, 90, 0, 0, 0, 90) if $version == 3;
    if ($step == 2) {
        if ($trouble eq 'cut') { message(2, $n, substr $positions, 0, 20); exit }
        if ($trouble eq 'stall') { message(2, $n, substr $positions, 0, 20); sleep 20 }
        if ($trouble eq 'atoms') { message(2, $n + 1, $positions . $positions); exit }
        if ($trouble eq 'huge') { message(2, 0x7fffffff, $positions); sleep 5; exit }
        if ($trouble eq 'negative') { message(2, -1); sleep 5; exit }
        if ($trouble eq 'type') { message(77, 1); sleep 5; exit }
        if ($trouble eq 'repeat' && $version == 3) { message(1, 1, $energies) }
        if ($trouble eq 'end') { message(0, 0); exit }
    }
    message(2, $n, $positions);
    message(14, $n, $positions) if $version == 3;
    message(15, $n, $positions) if $version == 3 && $trouble eq 'forces';
    $step++;
    hear(0);
}
shutdown $client, 1;
1 while defined hear(5);
