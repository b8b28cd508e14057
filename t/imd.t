#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Frames of a running simulation by the IMD protocol, from a server on loopback.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

command -v perl >/dev/null || skip_all "no perl"
perl -MIO::Socket::INET -e 1 2>/dev/null || skip_all "no IO::Socket::INET"

fast="--walks 1000 --interior-samples 100 --seed 1 -q --force"
# Numbers that a float holds exactly.
for x in 1.125 2.25 3.5 4.0 5.75 6.0; do
    printf '3\nframe\nC 0 0 0\nC 3.75 0.5 -1\nN 3.75 3.75 %s\n' $x
done >frames.xyz
head -n 5 frames.xyz >body.xyz

# serve VERSION ORDER [TROUBLE]: leaves $url and the server's pid.
serve() {
    rm -f port
    perl "$SRC/t/lib/imd-server.pl" frames.xyz port "$@" >heard 2>server.err &
    server=$!
    for _ in $(seq 2000); do
        [ ! -s port ] || break
        sleep 0.02
    done
    url=imd://127.0.0.1:$(cat port)
}
finish() {
    kill $server 2>/dev/null
    wait $server 2>/dev/null
}

# shellcheck disable=SC2086
run_fw run body.xyz frames.xyz $fast -o file.csv
csv_rows file.csv >want
is "$(wc -l <want)" 6 "six frames"
for order in little big; do
    for version in 2 3; do
        serve $version $order
        # shellcheck disable=SC2086
        run_fw run -s body.xyz -f "$url?rate=5" $fast -o imd.csv --workers 2
        exits 0 "version $version, $order endian"
        wait $server
        csv_rows imd.csv >got
        same got want "... gives the bytes of the file" || diag_file server.err
        like heard '^type 3 length 0$' "... GO was said"
        like heard '^type 8 length 5$' "... and the rate"
    done
done
serve 3 little forces
# shellcheck disable=SC2086
run_fw run -s body.xyz -f "$url" $fast -o imd.csv
csv_rows imd.csv >got
same got want "velocities and forces are passed over"
finish
serve 2 little end
# shellcheck disable=SC2086
run_fw run -s body.xyz -f "$url" $fast -o imd.csv
exits 0 "DISCONNECT by the server is an end"
is "$(csv_rows imd.csv | wc -l)" 2 "... after what came"
finish
serve 2 big
# shellcheck disable=SC2086
run_fw run -s body.xyz -f "$url" $fast --frames 1:3 -o imd.csv
exits 0 "--frames ends it"
wait $server
csv_rows imd.csv >got
sed -n 2,3p want >some
same got some "... with the frames asked for"
like heard '^type 0 length 0$' "... and DISCONNECT"
serve 3 big
# shellcheck disable=SC2086
run_fw run -s body.xyz -f "$url" $fast -b 2 -e 4 -o imd.csv
csv_rows imd.csv >got
sed -n 3,5p want >some
same got some "times of version 3 count"
finish
serve 2 little
run_fw run -s body.xyz -f "$url" -b 2 -q
exits 2 "version 2 has no times"
finish

# VERSION, trouble, frames kept, and what is said of it.
while read -r version trouble kept words; do
    serve "$version" little "$trouble"
    rm -f imd.csv*
    # shellcheck disable=SC2086
    run_fw run -s body.xyz -f "$url?timeout=0.7" $fast -o imd.csv
    exits 3 "$trouble: exit 3"
    like err "$words" "... says why"
    rows=0
    [ ! -e imd.csv.partial ] || rows=$(csv_rows imd.csv.partial | wc -l)
    is "$rows" "$kept" "... $kept frames are kept"
    finish
done <<'END'
2 silent 0 nothing has come for 0.7 s
2 http 0 not an IMD server: HANDSHAKE expected
2 version 0 version 2 or 3 of IMD expected
3 nothing 0 the server sends no positions
2 cut 2 frame 2 at byte offset [0-9]+: FCOORDS takes 36 bytes, .* ended after 20
2 stall 2 frame 2: .*nothing has come for 0.7 s
3 atoms 2 FCOORDS of length 4: 3 expected
2 huge 2 FCOORDS of length 2147483647: 3 expected
2 negative 2 FCOORDS of length -1: 3 expected
2 type 2 a message of type 77 \(unknown\) is not expected
3 repeat 2 ENERGIES comes twice in one frame
END

port=$(cat port)
refused 3 "imd://127.0.0.1:$port: cannot connect: Connection refused" "nobody there" \
    run -s body.xyz -f "imd://127.0.0.1:$port"
while read -r url words; do
    refused 2 "$words" "$url" run -s body.xyz -f "$url"
done <<'END'
imd:// no host
imd://localhost no port
imd://localhost: no port
imd://localhost:0 a number from 1 to 65535
imd://localhost:70000 a number from 1 to 65535
imd://localhost:12a a number from 1 to 65535
imd://localhost:12/x something behind the port
imd://localhost:12?rate=0 rate must be
imd://localhost:12?timeout=x timeout must be
imd://localhost:12?colour=red unknown parameter
END
refused 2 "atoms cannot come from a stream" "no topology by IMD" \
    run -s imd://localhost:9 -f frames.xyz

done_testing
