# shellcheck shell=bash
# Finds Rust, before anything is installed for a build that could not begin. Sourced in
# the root of the repository by the scripts beside it: PATH has a cargo that is new enough
# afterwards, or the script has ended with the line that installs one.

rust_wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml)

# The version of the Rust that PATH has; nothing where it has none or a part of one.
rust_version() {
  command -v cargo >/dev/null 2>&1 || return 0
  { rustc --version 2>/dev/null || true; } | sed -n 's/^rustc \([0-9.]*\).*/\1/p'
}

rust_is_new_enough() {
  local version
  version=$(rust_version)
  [ -n "$version" ] && [ "$(printf '%s\n' "$rust_wanted" "$version" | sort -V | head -n 1)" = "$rust_wanted" ]
}

if ! rust_is_new_enough; then
  rust_found=$(rust_version)
  rust_where=$(command -v rustc || true)
  rust_home=${CARGO_HOME:-$HOME/.cargo}
  # rustup puts it there; a shell that was open before does not know.
  PATH=$rust_home/bin:$PATH
  if rust_is_new_enough; then
    echo "Using Rust $(rust_version) in $rust_home/bin, which is not in PATH"
    export PATH
  else
    {
      if [ -n "$rust_found" ]; then
        echo "Rust $rust_found ($rust_where) is too old: svf-tools needs $rust_wanted or later."
      else
        echo "Rust is missing: svf-tools needs Rust $rust_wanted or later."
      fi
      echo "Install it with rustup (https://rustup.rs), then run this script again. The command is:"
      echo
      if command -v rustup >/dev/null 2>&1; then
        echo "  rustup update stable"
      elif command -v curl >/dev/null 2>&1 || ! command -v wget >/dev/null 2>&1; then
        echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
      else
        echo "  wget -qO- https://sh.rustup.rs | sh -s -- -y"
      fi
      echo
      echo "Nothing was installed."
    } >&2
    exit 1
  fi
fi
