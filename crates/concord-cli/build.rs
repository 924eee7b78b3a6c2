//! Lists the shipped definitions, so that they become part of the program, and says where the program is loaded.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    // A program that may be loaded anywhere writes a thousand pages of addresses at every start: a fifth of checking one record,
    // and 4 MB of memory (docs/decisions/0032-where-the-program-is-loaded.md).
    if std::env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    // Functions in the order of a file, which `cargo xtask ship` makes (docs/decisions/0037-functions-that-are-called.md).
    println!("cargo::rerun-if-env-changed=CONCORD_FUNCTIONS");
    if let Ok(order) = std::env::var("CONCORD_FUNCTIONS") {
        println!("cargo::rerun-if-changed={order}");
        println!(
            "cargo::rustc-link-arg-bins=-Wl,--symbol-ordering-file={order},--no-warn-symbol-ordering"
        );
    }
    // Asked for when it runs: a build folder that several checkouts share keeps the compiled script of one of them.
    let package = std::env::var("CARGO_MANIFEST_DIR")?;
    let schemas = Path::new(&package).join("../../schemas");
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), schemas)];
    while let Some((prefix, folder)) = folders.pop() {
        // Cargo watches the files itself; what it does not see is that one is added or removed.
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in std::fs::read_dir(&folder)? {
            let path: PathBuf = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                folders.push((name + "/", path));
            } else {
                files.insert(name, path);
            }
        }
    }
    // One text, in which what every start reads stands together: pages are read in, and counted, by sixteen.
    let is_head = |name: &str| name.ends_with("/standard.toml");
    let (heads, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| is_head(name));
    let mut text = String::new();
    let mut spans = BTreeMap::new();
    for (name, path) in heads.into_iter().chain(others) {
        let start = text.len();
        text.push_str(&std::fs::read_to_string(path)?);
        spans.insert(name, (start, text.len()));
    }
    let lines = spans
        .iter()
        .map(|(name, (start, end))| format!("    ({name:?}, {start}, {end}),\n"));
    let table = format!("&[\n{}]\n", lines.collect::<String>());
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("shipped.txt"), text)?;
    Ok(std::fs::write(Path::new(&out).join("shipped.rs"), table)?)
}
