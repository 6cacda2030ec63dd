<?php
// Uploads the files of a directory with PHP's ftp_ssl_connect and downloads
// them again.
//
// usage: ftp_tree.php HOST PORT SOURCE BACK
[, $host, $port, $source, $back] = $argv;
$ftp = ftp_ssl_connect($host, (int)$port, 30);
ftp_login($ftp, 'demo', 'secret') || exit(1);
ftp_pasv($ftp, true) || exit(1);
$names = array_values(array_diff(scandir($source), ['.', '..']));
foreach ($names as $name) {
    ftp_put($ftp, $name, "$source/$name", FTP_BINARY) || exit(1);
}
count(ftp_nlist($ftp, '.')) === count($names) || exit(1);
foreach ($names as $name) {
    ftp_get($ftp, "$back/$name", $name, FTP_BINARY) || exit(1);
}
ftp_close($ftp);
