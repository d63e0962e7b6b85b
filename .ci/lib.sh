# What the scripts in this folder share; sourced by them.

# Names a part of the run.
step() {
    printf '\n== %s\n' "$1"
}

# Installs Debian packages for the programs that are missing; each as program:package.
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

# Installs components of the Rust toolchain that are missing.
install_components() {
    local component
    for component in "$@"; do
        cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
    done
}

# Installs cargo's subcommands that are missing; each as name@version, which takes minutes.
install_cargo_tools() {
    local tool name
    for tool in "$@"; do
        name=${tool%@*}
        cargo "${name#cargo-}" --version >/dev/null 2>&1 && continue
        step "Installing $tool"
        cargo install --locked "$tool"
    done
}
