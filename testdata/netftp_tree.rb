# Uploads the files of a directory with Ruby's net/ftp over TLS and downloads
# them again.
#
# usage: netftp_tree.rb HOST PORT SOURCE BACK
require "net/ftp"

host, port, source, back = ARGV
ftp = Net::FTP.new(host, port: port.to_i, username: "demo", password: "secret", passive: true,
                         ssl: { verify_mode: OpenSSL::SSL::VERIFY_NONE }, private_data_connection: true)
names = Dir.children(source).sort
names.each { |name| ftp.putbinaryfile(File.join(source, name), name) }
raise "listing: #{ftp.nlst.sort}" unless ftp.nlst.sort == names
names.each { |name| ftp.getbinaryfile(name, File.join(back, name)) }
ftp.close
