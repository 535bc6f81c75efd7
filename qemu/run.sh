#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [-i] [-d] [-c] [-u] [-t SECONDS] [-T SECONDS] [-a APPEND] [-q ARGUMENTS]
#        KERNEL STAGE OUT - boot in QEMU
#
#   STAGE  a directory that becomes the guest's root; its file `job` is run
#   OUT    a directory for console.log, results, qemu.log, the longest silence in
#          seconds in `silence', and for QEMU's process id in `pid' while it runs
#   -t     kill the guest once it has been silent for so many seconds: nothing on
#          its console and nothing from its job (default 120)
#   -T     kill the guest after so many seconds, whatever it says (default 5400);
#          for both, time in which it waits for a CPU of the host does not count
#   -a     more for the kernel command line
#   -q     more arguments for QEMU
#   -d     the kernel has lockdep: log through a console without locks
#   -c     deterministic: one CPU, and a clock that counts its instructions
#   -u     KERNEL is no image but a program: User Mode Linux
#   -i     interactive: the terminal is the guest's console, no time limit
#
# What the job writes to descriptor 3 appears on standard output as it comes.  A job
# that has nothing to say for long writes "pagealloc-test: alive" now and then, which
# does not.
# A guest whose kernel hangs before its first process is booted again, twice at most.
# Exit status: 0 the job reported success; 1 it reported failure; 2 the guest
# ended or hung without a word.  Silence is never success.

. "$(dirname "$0")/../scripts/lib.sh"

QEMU=qemu-system-x86_64
# Without five-level page tables: where the kernel looks for them, it clears what
# it knows of the CPU for a moment, and with KASAN may trip over itself.
CPU=max,la57=off
MACHINE=(-m 2G -smp 2 -nodefaults -no-user-config -display none -no-reboot)
# Where many guests run at a time the kernel may find that its timer does not
# work, since it has not ticked often enough while the host was elsewhere.
CMDLINE="panic=-1 oops=panic printk.devkmsg=on log_buf_len=4M no_timer_check"
# And what keeps a CPU for 3 s keeps it for 21 there, which is a stall by default.
CMDLINE+=" rcupdate.rcu_cpu_stall_timeout=100"
CONSOLE=console=ttyS0

# What -c makes of that: all that depends on the host or on chance is fixed.
COUNTING=(-smp 1 -icount "shift=0,sleep=off" -seed 1
	  -rtc "base=2026-01-01T00:00:00,clock=vm")

# build_initramfs STAGE FILE - busybox, our init and the stage in one archive
build_initramfs()
{
	local stage=$1 file=$2 root=$2.root

	rm -rf "$root"
	mkdir -p "$root"/{bin,dev,proc,sys,tmp}
	cp /bin/busybox "$root/bin/busybox"
	while read -r applet; do
		ln -s busybox "$root/bin/$applet"
	done < <(busybox --list | grep -vx busybox)
	cp -a "$stage/." "$root"
	install -m 755 "$TOP/qemu/init" "$root/init"
	# The same stage makes the same archive, to the byte.
	find "$root" -exec touch -h -d @0 {} +
	(cd "$root" && find . | sort |
	 cpio -o -H newc -R 0:0 --quiet --reproducible) >"$file.tmp"
	mv "$file.tmp" "$file"
	rm -rf "$root"
}

# A writable /dev/kvm proves nothing: only a guest that boots does.  The
# verdict holds until the machine is booted again.  Guests that boot side by
# side for the first time must not both look for it.
accel()
{
	with_lock accel accel_verdict "$1"
}

accel_verdict()
{
	local verdict boot

	boot=$(cat /proc/sys/kernel/random/boot_id)
	verdict=$CACHE/accel-$boot
	if [ ! -e "$verdict" ]; then
		rm -f "$CACHE"/accel-*
		probe_kvm "$1" >"$verdict.tmp"
		mv "$verdict.tmp" "$verdict"
	fi
	cat "$verdict"
}

# probe_kvm KERNEL - print kvm if an empty job runs to its end with it
probe_kvm()
{
	local dir status=0

	if [ ! -w /dev/kvm ]; then
		say "no /dev/kvm to write to: emulating (TCG)"
		echo tcg
		return
	fi
	say "trying KVM until the guest has been silent for 10 s"
	dir=$(mktemp -d "$CACHE/probe-XXXXXX")
	mkdir "$dir/stage"
	echo true >"$dir/stage/job"
	build_initramfs "$dir/stage" "$dir/initramfs"
	silence=10 boot kvm "$1" "$dir" "" >/dev/null 2>&1 || status=$?
	rm -rf "$dir"
	if [ "$status" = 0 ]; then
		say "KVM works"
		echo kvm
	else
		say "no guest boots with KVM here: emulating (TCG)"
		echo tcg
	fi
}

# spoken OUT - how many bytes the guest has said so far, on each of its ports
spoken() { stat -c %s "$1/console.log" "$1/results" 2>/dev/null || true; }

# waited OUT - how long the guest has waited for a CPU of the host so far, in ms: that
# of its threads which has waited longest.  0 on a host that keeps no such account.
waited()
{
	local pid

	if read -r pid 2>/dev/null <"$1/guest-pid"; then
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null || true
	fi | awk '$2 > most { most = $2 } END { printf "%d\n", most / 1000000 }'
}

# own_time MS - of a second, in ms, the guest's own if it has waited for so long
own_time() { echo $(($1 < 0 ? 1000 : $1 > 1000 ? 0 : 1000 - $1)); }

# watch OUT - kill the guest that is in OUT/guest-pid once it has been silent for
# too long.  Time is counted as we live through it: when the whole machine stood
# still, or the guest waited for a CPU, that was not the guest's.
watch()
{
	local out=$1 said='' now quiet=0 longest=0 lived=0 waits=0 before own

	while sleep 1; do
		before=$waits waits=$(waited "$out")
		own=$(own_time $((waits - before)))
		lived=$((lived + own)) quiet=$((quiet + own))
		now=$(spoken "$out")
		[ "$now" = "$said" ] || quiet=0
		said=$now
		if [ $((quiet / 1000)) -gt "$longest" ]; then
			longest=$((quiet / 1000))
			echo "$longest" >"$out/silence"
		fi
		if [ "$quiet" -ge $((silence * 1000)) ]; then
			end_guest "$out" "it was silent for $((quiet / 1000)) s"
		elif [ "$lived" -ge $((cap * 1000)) ]; then
			end_guest "$out" "it ran for $((lived / 1000)) s"
		fi
	done
}

# end_guest OUT WHY
end_guest()
{
	local pid

	echo "$2" >"$1/killed"
	read -r pid <"$1/guest-pid" || return 0
	kill "$pid" || return 0
	sleep 5
	kill -9 "$pid" || true
}

# guarded OUT NONCE COMMAND... - run a guest that is watched.  What it prints are
# the results; they go to standard output as well, without the last line.
guarded()
{
	local out=$1 nonce=$2 status=0 watcher

	shift 2
	rm -f "$out/killed"
	echo 0 >"$out/silence"
	# Nobody who waits for us, or for a lock of ours, should wait for its sleep.
	watch "$out" >/dev/null 2>&1 8>&- 9>&- &
	watcher=$!
	(echo "$BASHPID" >"$out/guest-pid"; exec "$@") </dev/null |
		tee "$out/results" | sed -u "/^done $nonce /d; /^pagealloc-test: \(alive\|booted\)/d" ||
		status=$?
	kill "$watcher" 2>/dev/null || true
	wait "$watcher" 2>/dev/null || true
	rm -f "$out/guest-pid"
	return "$status"
}

# boot ACCEL KERNEL OUT APPEND - boot OUT/initramfs, give the verdict
boot()
{
	local accel=$1 kernel=$2 out=$3 append=$4 nonce status=0

	nonce=${NONCE:-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')}
	# stdout carries the results port.
	guarded "$out" "$nonce" "$QEMU" -accel "$accel" -cpu "$CPU" "${MACHINE[@]}" \
		-kernel "$kernel" -initrd "$out/initramfs" \
		-append "$CONSOLE $CMDLINE pagealloc.nonce=$nonce $append" \
		-serial "file:$out/console.log" -serial stdio \
		-pidfile "$out/pid" 2>"$out/qemu.log" || status=$?
	verdict "$out" "$nonce" "$status"
}

# boot_well OUT COMMAND... - boot, and again if the kernel had trouble of its own
# before anything of ours began: it hung before its first process, or it had a report,
# which switches lockdep off for what follows
boot_well()
{
	local out=$1 try status

	shift
	for try in 1 2 3; do
		status=0
		"$@" || status=$?
		if [ $status = 3 ]; then
			say "boot $try: lockdep was off before anything of ours began"
		elif [ -s "$out/killed" ] && [ ! -s "$out/results" ]; then
			say "boot $try: the kernel hung before its first process"
		else
			return $status
		fi
	done
	return 2
}

# boot_uml KERNEL OUT APPEND - the same for User Mode Linux, which has
# nothing to say by its own status, and restarts itself where others reboot
boot_uml()
{
	local kernel=$1 out=$2 append=$3 nonce status=0
	local arguments

	nonce=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	read -ra arguments <<<"$append"
	# shellcheck disable=SC2016 # for the inner shell to expand
	guarded "$out" "$nonce" sh -c 'exec "$@" 3>&1 >"$0" 2>&1' \
		"$out/console.log" "$kernel" mem=2G \
		initrd="$out/initramfs" uml_dir="$out/" umid=uml \
		con=null con0=null,fd:1 ssl=null ssl1=null,fd:3 printk.devkmsg=on \
		"pagealloc.nonce=$nonce" "${arguments[@]}" || status=$?
	verdict "$out" "$nonce" "$status"
}

# verdict OUT NONCE QEMU-STATUS - turn what the guest left into a status
verdict()
{
	local out=$1 nonce=$2 status=$3 last

	last=$(tail -n 1 "$out/results" | tr -d '\r')
	case $last in
	"done $nonce 0")   return 0 ;;
	"done $nonce again") return 3 ;;
	"done $nonce "*)   return 1 ;;
	esac
	if [ -s "$out/killed" ]; then
		say "the guest was killed without a verdict: $(<"$out/killed")"
	elif [ "$status" != 0 ]; then
		say "QEMU failed ($status):"
		cat "$out/qemu.log" >&2
	else
		say "the guest ended without a verdict"
	fi
	say "last lines of its console ($out/console.log):"
	tail -n 25 "$out/console.log" >&2 || true
	return 2
}

# shell KERNEL OUT APPEND - the guest's console on this terminal
shell()
{
	"$QEMU" -accel "$(accel "$1")" -cpu "$CPU" "${MACHINE[@]}" \
		-kernel "$1" -initrd "$2/initramfs" \
		-append "$CONSOLE $CMDLINE pagealloc.shell=1 $3" -serial mon:stdio
}

main()
{
	local silence=120 cap=5400
	local append='' interactive='' accel='' uml='' kernel stage out more

	while getopts idcut:T:a:q: option; do
		case $option in
		i) interactive=1 ;;
		# The serial driver takes a lock that must not be taken in an
		# interrupt with PROVE_RAW_LOCK_NESTING, and the kernel prints
		# there: a splat of its own that would switch lockdep off.
		d) CONSOLE=earlyprintk=serial,ttyS0,115200,keep
		   # As it boots, ACPI has caches shrunk, and 6.1's KASAN frees
		   # what it held of them in an interrupt on the other CPUs: the
		   # same.  The guest's first process brings these up.
		   CMDLINE+=' maxcpus=1' ;;
		c) accel=tcg,thread=single CPU=qemu64,-rdrand,-rdseed
		   CMDLINE+=" nokaslr tsc=reliable" NONCE=$(printf '%016d' 0)
		   MACHINE+=("${COUNTING[@]}") ;;
		u) uml=1 ;;
		t) silence=$OPTARG ;;
		T) cap=$OPTARG ;;
		a) append=$OPTARG ;;
		q) read -ra more <<<"$OPTARG"; MACHINE+=("${more[@]}") ;;
		*) sed -n '4,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	kernel=$1 stage=$2 out=$3

	need_qemu
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	rm -f "$out"/{console.log,results,qemu.log,pid,guest-pid,silence,killed}
	build_initramfs "$stage" "$out/initramfs"
	if [ -n "$interactive" ]; then
		shell "$kernel" "$out" "$append"
	elif [ -n "$uml" ]; then
		boot_well "$out" boot_uml "$kernel" "$out" "$append"
	else
		boot_well "$out" boot "${accel:-$(accel "$kernel")}" "$kernel" "$out" \
			"$append"
	fi
}

main "$@"
exit
