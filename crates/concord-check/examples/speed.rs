//! `speed XSD FILE [THREADS] [exact]`: how long checking structure and values alone takes, for profiling.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use concord_check::capture::CapturePlan;
use concord_check::{NoRules, Options, Plan, check};
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;

#[allow(clippy::print_stdout)] // it is what an example is for
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let (xsd, file) = (Path::new(&arguments[1]), Path::new(&arguments[2]));
    let threads = arguments
        .get(3)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let fast = arguments.get(4).is_none_or(|text| text != "exact");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(xsd.parent().ok_or("no folder")?)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xsd") {
            let name = path
                .file_name()
                .ok_or("no name")?
                .to_string_lossy()
                .into_owned();
            files.insert(name, std::fs::read_to_string(&path)?);
        }
    }
    let root = xsd.file_name().ok_or("no name")?.to_string_lossy();
    let began = Instant::now();
    let schema = concord_standards::xsd::import(&files, &root)?;
    let imported = began.elapsed();
    let compiled = Arc::new(CompiledSchema::compile(Arc::new(schema))?);
    let plan = Plan::new(compiled, Vec::new(), CapturePlan::default(), Vec::new());
    println!("import {imported:?}, with compiling {:?}", began.elapsed());
    let name: Arc<str> = file.to_string_lossy().into();
    let source = std::fs::File::open(file)?;
    let began = Instant::now();
    let mut count = 0_u64;
    let chunks = Chunks::new(source, name.clone(), 1 << 20, 1 << 24);
    let options = Options {
        threads,
        fast,
        ..Options::default()
    };
    let checked = check(chunks, &name, None, &plan, &NoRules, options, &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    let seconds = began.elapsed().as_secs_f64();
    let megabytes = checked.summary.bytes as f64 / 1e6;
    println!(
        "{} records, {count} findings, {megabytes:.0} MB in {seconds:.3} s: {:.0} MB/s, {:?}",
        checked.summary.records.records,
        megabytes / seconds,
        checked.summary.verdict,
    );
    Ok(())
}
