//! How fast a file is cut and split. Not a test of anything: it prints.
//!
//! `CONCORD_CSV=FILE cargo test --release -p concord-read --test delimited speed -- --ignored --nocapture`

use std::fs::File;

use concord_read::delimited::{Chunk, Chunks, Dialect, Rows};

/// Nanoseconds that this thread has had a processor, whatever else the machine does.
fn processor_time() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .expect("Linux says how long a thread ran")
}

#[test]
#[ignore = "measures, and needs a file and an optimised build"]
#[allow(clippy::print_stderr)]
fn speed() {
    let Ok(path) = std::env::var("CONCORD_CSV") else {
        eprintln!("skipped: CONCORD_CSV names no file");
        return;
    };
    for round in 0..4 {
        let file = File::open(&path).expect("the file opens");
        let mut chunks = Chunks::new(file, "x".into(), 1 << 20, 16_000_000);
        let (mut cutting, mut splitting) = (0, 0);
        let (mut bytes, mut cells, mut count, mut rows_seen) = (0, Vec::new(), 0, 0);
        let mut spare = Chunk::default();
        loop {
            let start = processor_time();
            let Some(chunk) = chunks.next(spare).expect("the file can be read") else {
                break;
            };
            let read = processor_time();
            let mut rows = Rows::of(&chunk, Dialect::default());
            while let Some(row) = rows.next(&mut cells) {
                rows_seen += 1;
                count += row.cells;
            }
            cutting += read - start;
            splitting += processor_time() - read;
            bytes += chunk.length;
            spare = chunk;
        }
        let rate = |time: u64| bytes as f64 * 1e3 / time as f64;
        eprintln!(
            "round {round}: {rows_seen} rows, {count} cells; reading and cutting {:.0} MB per CPU-second, splitting {:.0}",
            rate(cutting),
            rate(splitting)
        );
    }
}
