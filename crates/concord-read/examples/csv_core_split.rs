//! `csv_core_split FILE`: the cells of a delimited file found by `csv-core` and forgotten, on one thread. It is the least that any
//! reader of tables does, and what `cargo xtask bench tables` scales its figures by.

use std::fs::File;
use std::io::Read;

use csv_core::{ReadRecordResult, Reader};

#[allow(clippy::print_stdout)] // it is what an example is for
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("which file?")?;
    let mut file = File::open(path)?;
    let mut reader = Reader::new();
    let (mut bytes, mut cells, mut ends) = (vec![0; 1 << 20], vec![0; 1 << 20], vec![0; 4_096]);
    let (mut filled, mut ended) = (0, 0);
    let mut records = 0_u64;
    loop {
        let read = file.read(&mut bytes)?;
        let mut left = &bytes[..read];
        loop {
            let (result, taken, written, more) =
                reader.read_record(left, &mut cells[filled..], &mut ends[ended..]);
            left = &left[taken..];
            filled += written;
            ended += more;
            match result {
                ReadRecordResult::Record => {
                    records += 1;
                    (filled, ended) = (0, 0);
                }
                ReadRecordResult::InputEmpty => break,
                ReadRecordResult::End => {
                    println!("{records} records");
                    return Ok(());
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err("a record of a megabyte, or of 4,096 cells".into());
                }
            }
        }
    }
}
