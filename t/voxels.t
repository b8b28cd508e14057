#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Voxels of images that are compressed in tiles, through the whole program: results, and
# files that are damaged.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

# rows FILE...: without what the files are called.
rows() {
    for table in "$@"; do
        grep -v '^#' "$table.csv" >"$table.rows"
    done
}

fast="--walks 20000 --interior-samples 2000 --seed 3 -q --force"

# make.pl PACKED PLAIN: the same 20 x 10 x 20 voxels, all but a corner solid, in tiles
# of a plane each, by GZIP_1, and as an extension.
cat >make.pl <<'END'
use strict;
use Compress::Zlib;
my ($packed, $plain) = @ARGV;
my ($nx, $ny, $nz) = (20, 10, 20);

sub header {
    my $text = join '', map { sprintf '%-80s', $_ } @_, 'END';
    return $text . ' ' x (-length($text) % 2880);
}

sub put {
    my ($path, $bytes) = @_;
    open my $out, '>:raw', $path or die;
    print $out $bytes . "\0" x (-length($bytes) % 2880);
    close $out;
}

my @planes = map {
    my $z = $_;
    join '', map { chr($_ < 30 && $z < 4 ? 0 : 7) } 0 .. $nx * $ny - 1;
} 0 .. $nz - 1;
my ($table, $heap, $most) = ('', '', 0);
for my $plane (@planes) {
    my $tile = Compress::Zlib::memGzip($plane);
    $table .= pack 'N2', length $tile, length $heap;
    $heap .= $tile;
    $most = length $tile if length $tile > $most;
}
my $first = header('SIMPLE  =                    T', 'BITPIX  =                    8',
    'NAXIS   =                    0', 'EXTEND  =                    T');
my @size = ('CDELT1  =                  0.5', 'CDELT2  =                 0.25');
put($packed, $first . header(
    q(XTENSION= 'BINTABLE'), 'BITPIX  =                    8',
    'NAXIS   =                    2', 'NAXIS1  =                    8',
    sprintf('NAXIS2  = %20d', $nz), sprintf('PCOUNT  = %20d', length $heap),
    'GCOUNT  =                    1', 'TFIELDS =                    1',
    q(TTYPE1  = 'COMPRESSED_DATA'), "TFORM1  = '1PB($most)'",
    'ZIMAGE  =                    T', 'ZBITPIX =                    8',
    'ZNAXIS  =                    3', sprintf('ZNAXIS1 = %20d', $nx),
    sprintf('ZNAXIS2 = %20d', $ny), sprintf('ZNAXIS3 = %20d', $nz),
    sprintf('ZTILE1  = %20d', $nx), sprintf('ZTILE2  = %20d', $ny),
    'ZTILE3  =                    1', q(ZCMPTYPE= 'GZIP_1  '), @size) . $table . $heap);
put($plain, $first . header(q(XTENSION= 'IMAGE   '), 'BITPIX  =                    8',
    'NAXIS   =                    3', sprintf('NAXIS1  = %20d', $nx),
    sprintf('NAXIS2  = %20d', $ny), sprintf('NAXIS3  = %20d', $nz),
    'PCOUNT  =                    0', 'GCOUNT  =                    1', @size)
    . join '', @planes);
END
perl make.pl packed.fits.fz plain.fits 2>perl.err ||
    skip_all "perl has no Compress::Zlib"

echo "VOXELS plain.fits" >plain.bod
run_fw run $fast -o plain.csv plain.bod
exits 0 "an image in an extension"
is "$(csv_column plain.csv volume)" 485 "... has its volume"

echo "VOXELS packed.fits.fz" >packed.bod
run_fw run $fast -o packed.csv packed.bod
if grep -q "CFITSIO.*Debian" err; then
    like err "packed.fits.fz: .*compressed in tiles" "no CFITSIO: that is said"
    skip "no CFITSIO" "an image in tiles"
    done_testing
fi
exits 0 "an image in tiles"
rows packed plain
same packed.rows plain.rows "... gives the same results"
gzip -c packed.fits.fz >again.fits.fz.gz
echo "VOXELS again.fits.fz.gz" >again.bod
run_fw run $fast -o again.csv again.bod
rows again plain
same again.rows plain.rows "... also where the file is compressed once more"

# Names mean files and nothing else.
cp packed.fits.fz 'ftp:x[1].fits'
echo 'VOXELS ftp:x[1].fits' >names.bod
run_fw run $fast -o names.csv names.bod
rows names plain
same names.rows plain.rows "a name is no address and no filter"

# change.pl FROM INTO N: with a few bytes that are not what they were.
cat >change.pl <<'END'
use strict;
my ($from, $into, $n) = @ARGV;
srand(400 + $n);
local $/;
open my $in, '<:raw', $from or die;
my $bytes = <$in>;
my $end = $n % 3 ? 10 * 2880 : length $bytes;
$end = length $bytes if $end > length $bytes;
for (1 .. 1 + $n % 4) {
    my $any = $n % 2 ? chr int rand 256 : substr q{0123456789-T'QPJE(}, int rand 18, 1;
    substr $bytes, 2880 + int rand($end - 2880), 1, $any;
}
open my $out, '>:raw', $into or die;
print $out substr $bytes, 0, $n % 5 ? length $bytes : int rand length $bytes;
END
echo "VOXELS changed.fits" >changed.bod
other='' refused=0
for n in $(seq 40); do
    perl change.pl packed.fits.fz changed.fits "$n"
    timeout 60 "$FW" info changed.bod >out 2>err
    status=$?
    if [ $status -eq 3 ] && grep -q "changed.bod: line 1: .*changed.fits" err; then
        refused=$((refused + 1))
    elif [ $status -ne 0 ]; then
        other="$other $n:$status"
    fi
done
is "$other" "" "files that are damaged are refused, or read"
[ $refused -gt 10 ]
ok $? "... most are refused" || diag "$refused of 40"

done_testing
