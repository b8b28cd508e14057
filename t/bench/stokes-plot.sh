#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The plot of docs/stokes.md: R_h of Stokes flow over R_h by analogy (the capacitance),
# frame by frame, from results of --analysis hydro,stokes.
#     stokes-plot.sh NAME=RESULTS.csv... >plot.svg
set -e
for panel; do
    awk -F, -v name="${panel%%=*}" '
        /^#/ { next }
        !n++ { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["status"] == "ok" {
            print name, $at["capacitance"], $at["stokes_hydrodynamic_radius"],
                $at["stokes_hydrodynamic_radius_std"]
        }' "${panel#*=}"
done | awk '
    { if (!($1 in count)) order[++panels] = $1
      k = ++count[$1]; x[$1, k] = $2; y[$1, k] = $3; s[$1, k] = $4
      if (k == 1 || $2 < low[$1]) low[$1] = $2
      if (k == 1 || $2 > high[$1]) high[$1] = $2
      if (k == 1 || $3 < bottom[$1]) bottom[$1] = $3
      if (k == 1 || $3 > top[$1]) top[$1] = $3 }
    function px(v) { return left + (v - x0) / (x1 - x0) * size }
    function py(v) { return 20 + size - (v - y0) / (y1 - y0) * size }
    END {
        size = 300
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"380\" ", panels * 390
        print "font-family=\"sans-serif\" font-size=\"12\">"
        printf "<rect width=\"%d\" height=\"380\" fill=\"white\"/>\n", panels * 390
        for (p = 1; p <= panels; p++) {
            name = order[p]; n = count[name]; left = 60 + (p - 1) * 390
            margin = 0.06 * (high[name] - low[name])
            x0 = low[name] - margin; x1 = high[name] + margin
            margin = 0.06 * (top[name] - bottom[name])
            y0 = bottom[name] - margin; y1 = top[name] + margin
            printf "<rect x=\"%d\" y=\"20\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"black\"/>\n", left, size, size
            step = x1 - x0 > 1.5 ? 0.5 : 0.1
            for (v = step * int(x0 / step + 1); v < x1; v += step)
                printf "<path d=\"M%.1f 320v-5\" stroke=\"black\"/><text x=\"%.1f\" y=\"336\" text-anchor=\"middle\">%.1f</text>\n", px(v), px(v), v
            for (v = step * int(y0 / step + 1); v < y1; v += step)
                printf "<path d=\"M%d %.1fh5\" stroke=\"black\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>\n", left, py(v), left - 6, py(v) + 4, v
            sx = sy = sxx = sxy = syy = 0
            for (k = 1; k <= n; k++) {
                u = x[name, k]; v = y[name, k]; e = s[name, k]
                sx += u; sy += v; sxx += u * u; sxy += u * v; syy += v * v
                printf "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#9bb\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"#057\"/>\n", px(u), py(v - e), py(v + e), px(u), py(v)
            }
            # A constant ratio, the mean of it.
            q = sy / sx
            a = x0 > y0 / q ? x0 : y0 / q; b = x1 < y1 / q ? x1 : y1 / q
            printf "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#c40\"/>\n", px(a), py(q * a), px(b), py(q * b)
            r = (sxy - sx * sy / n) / sqrt((sxx - sx * sx / n) * (syy - sy * sy / n))
            printf "<text x=\"%d\" y=\"38\">%s: %d frames</text>\n", left + 10, name, n
            printf "<text x=\"%d\" y=\"54\">correlation %.4f</text>\n", left + 10, r
            printf "<text x=\"%d\" y=\"70\" fill=\"#c40\">R_h / C = %.4f</text>\n", left + 10, q
            printf "<text x=\"%d\" y=\"360\" text-anchor=\"middle\">C, the R_h by analogy (A)</text>\n", left + size / 2
            printf "<text transform=\"translate(%d 170) rotate(-90)\" text-anchor=\"middle\">R_h of Stokes flow (A)</text>\n", left - 42
        }
        print "</svg>"
    }'
