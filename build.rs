//! Tells cargo what the binary embeds, and whoever builds it what is missing.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=static/dist");
    if !std::path::Path::new("static/dist/manifest.json").exists() {
        println!(
            "cargo::error=the styles and scripts are not built yet: run `make assets` (Node 20 or newer)"
        );
    }
}
