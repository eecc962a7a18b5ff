# Runs a command, and again, up to three times, where a signal has killed it (status 134 to 139: a
# crash, or SIGKILL for want of memory). An error would come again, and ^C and SIGTERM are meant.
for _ in 1 2 3; do
    status=0
    "$@" || status=$?
    if [ $status -lt 134 ] || [ $status -gt 139 ]; then
        exit $status
    fi
done
echo "error: killed by signal $((status - 128)), three times; was the memory enough?" >&2
exit $status
