#!/bin/sh
# can_fail.sh [COMPILER]: each tidy test is given a good sample, which must pass, and bad samples,
# each of which must fail and name its file. A test that cannot fail proves nothing.
. "$(dirname "$0")/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
cc=${1:-cc}
count=0

# sample NAME FILE: a new folder with FILE from standard input.
sample() {
	root=$work/$1
	mkdir -p "$root/$(dirname "$2")"
	cat >"$root/$2"
	echo "$root" >"$work/last" # a pipe's end is a process of its own: its variables are lost
}

# object NAME ROOM FILE [OPTIONS]: the same, compiled to where a build has the room's objects.
object() {
	name=$1 room=$2 file=$3
	shift 3
	sample "$name" "$file"
	out=$root/$room/CMakeFiles/tide_$room.dir/${file#"$room/"}.o
	mkdir -p "$(dirname "$out")"
	"$cc" "$@" -c "$root/$file" -o "$out"
}

# passes TEST WHAT, fails TEST WHAT WORD: the verdict on the last sample; WORD stands in what it says.
passes() {
	count=$((count + 1))
	sh "$here/$1.sh" "$(cat "$work/last")" >"$work/said" 2>&1 || {
		echo "$1.sh refuses $2: $(cat "$work/said")" >>"$work/bad"
	}
}
fails() {
	count=$((count + 1))
	if sh "$here/$1.sh" "$(cat "$work/last")" >"$work/said" 2>&1; then
		echo "$1.sh accepts $2" >>"$work/bad"
	elif ! grep -q "$3" "$work/said"; then
		echo "$1.sh refuses $2 but does not say $3: $(cat "$work/said")" >>"$work/bad"
	fi
}

mkdir "$work/empty"
echo "$work/empty" >"$work/last"
for test in names pure sizes banned headers; do passes "$test" 'a house without rooms'; done

# names
echo 'int tide_good_x(void) { return 1; }' | object n1 base base/good.c
passes names 'a right name'
echo 'int helper(void) { return 1; }' | object n2 base base/bad.c
fails names 'a name without tide_' helper
echo 'int tide_other_x(void) { return 1; }' | object n3 windowing windowing/folds/bad.c
fails names 'the name of another file' tide_other_x
echo 'int tide_badly(void) { return 1; }' | object n4 base base/bad.c
fails names 'a name that only begins like the file' tide_badly
echo 'int tide_detector_psi = 1;' | object n5 detectors detectors/drift/psi.c
passes names 'a detector'
echo 'int tide_detector_psi = 1;' | object n6 alerts alerts/psi.c
fails names 'a detector in another room' tide_detector_psi
echo 'extern "C" int tide_json_x() { return 1; }' | object n7 schemas schemas/json.cc -x c++
passes names 'the shim'
echo 'int leaked() { return 1; }' | object n8 schemas schemas/json.cc -x c++
fails names 'a C++ function that is not weak' leaked

# pure
printf '#include <math.h>\n#include <string.h>\ndouble tide_good(double x, char *a)
{ memset(a, 0, 4); return tan(x) + (double)strlen(a); }\n' | object p1 windowing windowing/good.c
passes pure 'arithmetic and memory'
printf '#include <time.h>\nlong tide_bad(void) { return time(NULL); }\n' |
	object p2 windowing windowing/bad.c
fails pure 'a clock' time
printf '#include <stdlib.h>\nvoid *tide_bad(void) { return malloc(9); }\n' |
	object p3 detectors detectors/drift/bad.c
fails pure 'an allocation' malloc
printf '#include <stdio.h>\nvoid tide_bad(void) { puts("bad"); }\n' | object p4 alerts alerts/bad.c
fails pure 'a print' puts
printf '#include <stdio.h>\nvoid tide_bad(void) { puts("bad"); }\n' | object p5 report report/bad.c
passes pure 'a print in a room that may'
printf 'int tide_bad(int *a, int i) { return a[i]; }\n' |
	object p6 windowing windowing/bad.c -fsanitize=address,undefined
passes pure 'what the sanitizers put in'

# sizes
lines() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "\tx();" }'; }
{ printf 'void f(void)\n{\n'; lines 68; echo '}'; } | sample s1 base/good.c
passes sizes 'a function of 70 lines'
{ printf 'void f(void)\n{\n'; lines 69; echo '}'; } | sample s2 base/bad.c
fails sizes 'a function of 71 lines' 'base/bad.c:2: a function of 71 lines'
{ printf 'void f(void) {\n'; lines 69; echo '}'; } | sample s3 base/bad.c
fails sizes 'a long function with its brace on the first line' 'a function of 71 lines'
awk 'BEGIN { for (i = 0; i < 501; i++) print "int x" i ";" }' | sample s4 app/bad.c
fails sizes 'a file of 501 lines' '501 lines'
awk 'BEGIN { printf "/*"; for (i = 0; i < 97; i++) printf "x"; print "*/" }' | sample s5 base/bad.h
fails sizes 'a line of 101 columns' 'base/bad.h:1'
awk 'BEGIN { printf "/*"; for (i = 0; i < 96; i++) printf "…"; print "*/" }' | sample s6 base/good.h
passes sizes 'a line of 100 columns of longer characters'
awk 'BEGIN { for (i = 0; i < 999; i++) print "1," }' | sample s7 tests/golden/table.h
passes sizes 'a generated table'

# banned
for call in sprintf strcpy strcat strtok atoi atof localtime gmtime rand alloca time clock_gettime; do
	echo "int f(void) { return $call(0); }" | sample "b_$call" windowing/bad.c
	fails banned "$call" "windowing/bad.c:1: $call()"
done
printf '/* time(0)\n rand() */ int x; // atoi(1)\nint y = f("rand()", gmtime_r(1), a->time(2));\n' |
	sample b1 windowing/good.c
passes banned 'words in comments, strings and members'
echo 'int f(void) { return time(0); }' | sample b2 base/log.c
passes banned 'the clock of the log'
echo 'int f(void) { return time(0); }' | sample b3 base/text.c
fails banned 'a clock in base' time

# headers
guarded() { printf '#ifndef TIDE_%s_H\n#define TIDE_%s_H\n%s\n#endif\n' "$1" "$1" "$2"; }
guarded WINDOWING_FOLDS_GOOD '#include <stdint.h>' | sample h1 windowing/folds/good.h
passes headers 'a header with its guard'
guarded GOOD '' | sample h2 base/bad.h
fails headers 'the guard of another header' TIDE_BASE_BAD_H
guarded CONSUMER_BAD '#include <librdkafka/rdkafka.h>' | sample h3 consumer/bad.h
fails headers 'the header of a library' rdkafka
guarded CONSUMER_BAD 'struct x { rd_kafka_t *handle; };' | sample h4 consumer/bad.h
fails headers 'the type of a library' rd_kafka_t
guarded CONSUMER_GOOD '/* rd_kafka_t stays behind the gate */' | sample h5 consumer/good.h
passes headers 'the type of a library in a comment'
verdict "$count samples"
