# Uploads a file over TLS as Net::FTPSSL does without a context of its own: the
# data connection is a Net::SSLeay::Handle, which ends TLS without close_notify.
#
# usage: ssleay_put.pl HOST PORT FILE NAME [ALLO]; prints the last reply
use strict;
use warnings;
use IO::Socket::SSL;
use Net::SSLeay::Handle;

my ($host, $port, $file, $name, $allo) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die $!;

sub reply {
    while (defined(my $line = <$s>)) { return $line if $line =~ /^\d{3} /; }
    die "gone";
}
sub say_to { print $s "$_[0]\r\n"; $s->flush; my $r = reply(); $r =~ /^[123]/ or die "$_[0]: $r"; return $r; }

$s->autoflush(1);
reply();
say_to("AUTH TLS");
IO::Socket::SSL->start_SSL($s, SSL_verify_mode => 0) or die $IO::Socket::SSL::SSL_ERROR;
say_to($_) for "USER demo", "PASS secret", "PBSZ 0", "PROT P", "TYPE I";
my $passive = say_to("EPSV");
$passive =~ /\|(\d+)\|/ or die;
my $data = Net::SSLeay::Handle->make_socket($host, $1);
say_to("ALLO " . -s $file) if $allo;
say_to("STOR $name");
my $io = IO::Handle->new;
tie(*$io, "Net::SSLeay::Handle", $data);
open(my $in, "<:raw", $file) or die $!;
while (read($in, my $b, 2048)) { print $io $b; }
close($io);
print reply();
