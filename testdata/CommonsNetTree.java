import java.io.*;
import java.util.*;
import org.apache.commons.net.ftp.*;

/**
 * Uploads the files of a directory with Apache Commons Net over TLS and
 * downloads them again.
 *
 * usage: CommonsNetTree HOST PORT SOURCE BACK VERSION
 */
public class CommonsNetTree {
    public static void main(String[] args) throws Exception {
        FTPSClient ftp = new FTPSClient(args[4], false);
        ftp.setTrustManager(org.apache.commons.net.util.TrustManagerUtils.getAcceptAllTrustManager());
        ftp.setControlEncoding("UTF-8");
        ftp.setEnabledProtocols(new String[] {args[4]});
        ftp.connect(args[0], Integer.parseInt(args[1]));
        check(ftp.login("demo", "secret"), ftp, "login");
        ftp.execPBSZ(0);
        ftp.execPROT("P");
        ftp.enterLocalPassiveMode();
        ftp.setUseEPSVwithIPv4(true);
        check(ftp.setFileType(FTP.BINARY_FILE_TYPE), ftp, "type");
        File[] files = new File(args[2]).listFiles();
        Arrays.sort(files);
        for (File f : files) {
            try (InputStream in = new FileInputStream(f)) {
                check(ftp.storeFile(f.getName(), in), ftp, "store " + f.getName());
            }
        }
        if (ftp.mlistDir().length < files.length) {
            throw new IOException("listing: " + ftp.mlistDir().length);
        }
        for (File f : files) {
            try (OutputStream out = new FileOutputStream(new File(args[3], f.getName()))) {
                check(ftp.retrieveFile(f.getName(), out), ftp, "retrieve " + f.getName());
            }
        }
        ftp.logout();
        ftp.disconnect();
    }

    static void check(boolean good, FTPSClient ftp, String what) throws IOException {
        if (!good) {
            throw new IOException(what + ": " + ftp.getReplyString());
        }
    }
}
