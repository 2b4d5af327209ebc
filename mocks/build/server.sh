# Sourced by e2e.sh and record.sh: the Python environment, the mock, and its end.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/mocks/build
scratch=$(mktemp -d)
server_pid=

end() {
  status=$?
  trap - EXIT
  if [ -n "$server_pid" ]; then
    kill "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
  fi
  rm -rf "$scratch"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT TERM

# An environment is made once for each version of its requirements.
prepare_environment() {
  local folder=$root/$1 requirements=$build/$2
  if ! cmp -s "$requirements" "$folder/requirements.txt"; then
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$folder/requirements.txt"
  fi
}

prepare_python() {
  prepare_environment .venv requirements.txt
  python=$root/.venv/bin/python
}

# Starts the mock on a free port; `endpoint` is its address.
start_server() {
  "$python" "$build/moto_server.py" --port 0 >"$scratch/endpoint" 2>"$scratch/server.log" &
  server_pid=$!
  for _ in $(seq 300); do
    [ -s "$scratch/endpoint" ] && break
    if ! kill -0 "$server_pid" 2>/dev/null; then
      cat "$scratch/server.log" >&2
      exit 2
    fi
    sleep 0.2
  done
  endpoint=$(cat "$scratch/endpoint")
  if [ -z "$endpoint" ]; then
    echo "the mock did not start within a minute" >&2
    exit 2
  fi
}

seed() {
  "$python" "$build/seed_account.py" "$1" --endpoint "$endpoint" >"$scratch/$1.truth.json"
}

# tenken as a user runs it, with nothing of the caller's AWS configuration.
tenken() {
  env -i PATH="$PATH" HOME="$scratch" LANG=C.UTF-8 AWS_EC2_METADATA_DISABLED=true \
    AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_ENDPOINT_URL="$endpoint" \
    timeout 120 "$binary" "$@"
}
