# Runs a command up to three times, as long as a signal kills it (status 134 to 139: a crash, or
# SIGKILL because memory ran out). After an error there is no second try, because the error would
# come again, and none after ^C and SIGTERM, because these are intended.
for _ in 1 2 3; do
    status=0
    "$@" || status=$?
    if [ $status -lt 134 ] || [ $status -gt 139 ]; then
        exit $status
    fi
done
echo "error: killed by signal $((status - 128)), three times; memory may have run out." >&2
exit $status
