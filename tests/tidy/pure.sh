#!/bin/sh
# pure.sh BUILD: windowing, detectors and alerts import nothing of the world: only the house's own
# names, arithmetic, memory and text of the C library without allocation, sorting, and what the
# compiler and its sanitizers put in. No clock, file, thread, lock, allocation or print.
. "$(dirname "$0")/common.sh"
build=$1
real='a?(sin|cos|tan)h?|atan2|exp|exp2|expm1|log|log2|log10|log1p|logb|ilogb|sqrt|cbrt|hypot|pow'
real="$real|fabs|floor|ceil|round|trunc|rint|nearbyint|ll?round|ll?rint|fmod|remainder|remquo|modf"
real="$real|fma|fmin|fmax|fdim|erf|erfc|tgamma|lgamma|lgamma_r|ldexp|frexp|scalbl?n|copysign"
real="$real|nextafter|nan"
house='tide_[a-z0-9_]+'
memory='mem(cpy|move|set|cmp|chr|rchr|mem)|__mem(cpy|move|set)_chk'
text='str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk)'
order='qsort|bsearch'
compiler='__stack_chk_fail|__stack_chk_guard|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan|gcov|sanitizer)_.*'
compiler="$compiler|__odr_asan.*|__(isnan|isinf|finite|fpclassify|signbit)[fl]?"
compiler="$compiler|__[a-z]+(si|di|ti|sf|df|xf|tf)[a-z]*[0-9]?"
good="^($house|($real)[fl]?|$memory|$text|$order|$compiler)\$"
objects "$build" 'windowing detectors alerts' | grep -v '^app ' >"$work/objects" || true
while read -r room object; do
	path=${object#*"/tide_$room.dir/"}
	symbols -u "$object" | awk '{ print $NF }' | grep -Ev "$good" |
		sed "s|^|$room/$path: imports |" >>"$work/bad" || true
done <"$work/objects"
verdict "$(wc -l <"$work/objects") objects"
