// Uploads the files of a directory with Node's basic-ftp over TLS and
// downloads them again.
//
// usage: basicftp_tree.js HOST PORT SOURCE BACK VERSION (NODE_PATH says where basic-ftp is)
const fs = require("fs");
const path = require("path");
const { Client } = require("basic-ftp");

const [host, port, source, back, version] = process.argv.slice(2);

async function main() {
  const client = new Client();
  client.ftp.verbose = process.env.VERBOSE === "1";
  await client.access({
    host, port: Number(port), user: "demo", password: "secret", secure: true,
    secureOptions: { rejectUnauthorized: false, minVersion: version, maxVersion: version },
  });
  const names = fs.readdirSync(source).sort();
  for (const name of names) await client.uploadFrom(path.join(source, name), name);
  const listed = (await client.list()).map((e) => e.name).sort();
  if (JSON.stringify(listed) !== JSON.stringify(names)) throw new Error("listing: " + listed);
  for (const name of names) await client.downloadTo(path.join(back, name), name);
  client.close();
}

main().catch((err) => { console.error(err); process.exit(1); });
