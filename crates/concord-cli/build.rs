//! Rebuilds the binary when a shipped definition is added or removed; the files that are there are watched already.

fn main() {
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");
    let mut folders = vec![std::path::PathBuf::from(schemas)];
    while let Some(folder) = folders.pop() {
        println!("cargo::rerun-if-changed={}", folder.display());
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        folders.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| path.is_dir()),
        );
    }
}
