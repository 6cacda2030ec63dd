# Uploads the files of a directory with Perl's Net::FTP over TLS and downloads
# them again.
#
# usage: netftp_tree.pl HOST PORT SOURCE BACK VERSION
use strict;
use warnings;
use IO::Socket::SSL;
use Net::FTP;

my ($host, $port, $source, $back, $version) = @ARGV;
my $ftp = Net::FTP->new($host, Port => $port, Passive => 1, SSL_verify_mode => IO::Socket::SSL::SSL_VERIFY_NONE(),
    SSL_version => $version, SSL_session_cache_size => 10) or die "connect: $@";
$ftp->starttls or die "AUTH: " . $ftp->message;
$ftp->login("demo", "secret") or die "login: " . $ftp->message;
$ftp->binary;
opendir(my $dir, $source) or die $!;
my @names = sort grep { !/^\.\.?$/ } readdir $dir;
for my $name (@names) {
    $ftp->put("$source/$name", $name) or die "put $name: " . $ftp->message;
    $ftp->code == 226 or die "put $name: " . $ftp->code . " " . $ftp->message;
}
my @listed = sort $ftp->ls;
"@listed" eq "@names" or die "listing: @listed";
for my $name (@names) {
    $ftp->get($name, "$back/$name") or die "get $name: " . $ftp->message;
}
$ftp->quit;
