#!/usr/bin/env bash
# Makes a place for scripts/make-outputs.mjs: a machine of its own name, without a network, with the servers that the cases talk to.
# For a machine that is thrown away; root, a user `me`, Debian with the programs of the cases, npm's in /opt/tools.
# usage: unshare -mun --fork scripts/outputs/prepare.sh node scripts/make-outputs.mjs CASES OUTPUT
set -u
hostname laptop
ip link set lo up
as_me() { setpriv --reuid me --regid me --clear-groups env -C /home/me HOME=/home/me "$@"; }

# Names are known for this machine alone; a name server is known that never answers.
mount -t tmpfs -o mode=1777 tmpfs /tmp
state=$(mktemp -d)
printf '127.0.0.1 localhost laptop\n::1 localhost\n' >"$state/hosts"
printf 'nameserver 192.0.2.1\noptions timeout:1 attempts:1\n' >"$state/resolv.conf"
for name in hosts resolv.conf; do mount --bind "$state/$name" "/etc/$name"; done
mount -t tmpfs tmpfs /etc/apt/sources.list.d
mkdir -p /mnt/full /mnt/ro /opt/rust
mount -t tmpfs -o size=64k,mode=777 tmpfs /mnt/full
mount -t tmpfs -o ro tmpfs /mnt/ro
mount --bind "$(rustc --print sysroot)" /opt/rust

# A registry that has nothing, a web server that answers with the status that is asked for, one that never answers, one with TLS.
node -e 'require("http").createServer((q, r) => { r.writeHead(404, { "content-type": "application/json" }); r.end("{\"error\":\"Not found\"}") }).listen(4873)' &
node -e 'require("http").createServer((q, r) => { const s = +q.url.slice(1) || 500; r.writeHead(s); r.end("<html><body>status " + s + "</body></html>\n") }).listen(8000)' &
node -e 'require("net").createServer(() => {}).listen(8001)' &
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$state/key.pem" -out "$state/cert.pem" -days 3650 -subj /CN=selfsigned.example 2>/dev/null
openssl s_server -quiet -accept 8443 -key "$state/key.pem" -cert "$state/cert.pem" -www >/dev/null 2>&1 &
mkdir -p /run/sshd && /usr/sbin/sshd -p 2222 -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no

# Databases.
pg=/usr/lib/postgresql/15/bin
echo secret >/home/me/pw && chown me /home/me/pw && rm -rf /home/me/pg
as_me $pg/initdb -D /home/me/pg -U me -A md5 --pwfile=/home/me/pw >/dev/null
as_me $pg/pg_ctl -D /home/me/pg -o "-k /tmp -p 5433" -l /home/me/pg/log start >/dev/null
mkdir "$state/my" && mysql_install_db --user=root --datadir="$state/my" >/dev/null 2>&1
mariadbd --user=root --datadir="$state/my" --socket=/tmp/mysql.sock --port=3307 >/dev/null 2>&1 &
redis-server --port 6379 --save '' --daemonize yes >/dev/null
sleep 5
PGPASSWORD=secret psql -q -h localhost -p 5433 -U me -d postgres -c 'CREATE TABLE users(id INT PRIMARY KEY, name TEXT NOT NULL)'
mariadb -S /tmp/mysql.sock -e "CREATE DATABASE shop; CREATE USER me@'%' IDENTIFIED BY 'secret'; CREATE USER me@localhost IDENTIFIED BY 'secret';
  GRANT ALL ON shop.* TO me@'%'; GRANT ALL ON shop.* TO me@localhost; CREATE TABLE shop.users(id INT PRIMARY KEY, name VARCHAR(5) NOT NULL)"

"$@"
