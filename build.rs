//! Builds again when a policy or a price was added or changed: they are part of the binary,
//! and `include_dir!` alone does not tell cargo.

fn main() {
    println!("cargo:rerun-if-changed=policies");
    println!("cargo:rerun-if-changed=prices");
}
