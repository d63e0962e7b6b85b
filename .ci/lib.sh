# Functions that the scripts in this folder share by sourcing this file.

# A run builds each package once for each set of features, so incremental caches fill the disk
# without being used again.
export CARGO_INCREMENTAL=0

step_name=
seconds_of_steps=

# Begins a step of the run.
step() {
    end_step
    step_name=$1
    step_start=$SECONDS
    printf '\n== %s\n' "$1"
}

# Records the seconds of the step that ends.
end_step() {
    if [ -n "$step_name" ]; then
        seconds_of_steps+=$(printf '%5d s  %s' $((SECONDS - step_start)) "$step_name")$'\n'
        step_name=
    fi
}

# Prints the seconds of each step.
print_seconds() {
    end_step
    printf '\n== Seconds\n%s%5d s  in total\n' "$seconds_of_steps" "$SECONDS"
}

# Installs Debian packages for missing programs, each given as program:package.
install_packages() {
    local missing=() pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    if [ "${#missing[@]}" -gt 0 ]; then
        step "Installing ${missing[*]}"
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
    fi
}

# Installs missing components of the Rust toolchain.
install_components() {
    local component
    for component in "$@"; do
        cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
    done
}

# Installs missing cargo subcommands, each given as name@version. This takes minutes.
install_cargo_tools() {
    local tool name
    for tool in "$@"; do
        name=${tool%@*}
        cargo "${name#cargo-}" --version >/dev/null 2>&1 && continue
        step "Installing $tool"
        cargo install --locked "$tool"
    done
}
